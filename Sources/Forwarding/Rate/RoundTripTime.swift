// SPDX-License-Identifier: Apache-2.0

/// A round trip smoothed as TCP does it (RFC 6298 §2), in seconds.
struct RoundTripTime: Equatable, Sendable {
    private(set) var smoothed: Double?
    private(set) var variation = 0.0

    mutating func note(_ sample: Double) {
        guard sample >= 0 else { return }
        guard let old = smoothed else {
            smoothed = sample
            variation = sample / 2
            return
        }
        variation += (abs(sample - old) - variation) / 4
        smoothed = old + (sample - old) / 8
    }
}
