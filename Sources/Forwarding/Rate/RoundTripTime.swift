// SPDX-License-Identifier: Apache-2.0

/// A round trip smoothed as TCP does it (RFC 6298 §2), and the least of late, in seconds.
struct RoundTripTime: Equatable, Sendable {
    /// The least of the last one to two of these.
    private static let leastTime = 10.0

    private(set) var smoothed: Double?
    private(set) var variation = 0.0
    private var current = Double.infinity
    private var previous = Double.infinity
    private var bucketEnd = -Double.infinity

    /// nil before the first sample.
    var least: Double? {
        let least = min(current, previous)
        return least.isFinite ? least : nil
    }

    mutating func note(_ sample: Double, at now: Double) {
        guard sample >= 0 else { return }
        if now >= bucketEnd {
            (previous, current) = (current, .infinity)
            bucketEnd = now + Self.leastTime
        }
        current = min(current, sample)
        guard let old = smoothed else {
            smoothed = sample
            variation = sample / 2
            return
        }
        variation += (abs(sample - old) - variation) / 4
        smoothed = old + (sample - old) / 8
    }

    /// Nothing waits on the way: this is how long it is now.
    mutating func forgetLeast(but sample: Double) { (current, previous) = (sample, .infinity) }
}
