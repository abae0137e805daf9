// SPDX-License-Identifier: Apache-2.0
import Wire

/// How well a path keeps the promise of when it is heard next.
struct Punctuality: Sendable {
    /// What a machine may be late by.
    static let slack = Duration.milliseconds(5)
    /// For how long a report that did not come is remembered.
    private static let memory = Duration.seconds(30)

    var overdueSince: Instant?
    private var lastMiss: Instant?
    /// Nanoseconds between departure and arrival, by two clocks: only differences mean anything.
    private var transit: Int64?
    /// Smoothed difference of the transit from one report to the next (RFC 3550 §6.4.1), in nanoseconds.
    private var jitter: Int64 = 0

    mutating func heard(_ sentAt: UInt64, after last: UInt64, promised: Duration, at now: Instant) {
        if let lastMiss, now - lastMiss > Self.memory { self.lastMiss = nil }
        if last > 0, sentAt - last > UInt64(clamping: promised.wholeNanoseconds / 2 * 3) { lastMiss = now }
        let new = now.nanoseconds &- Int64(truncatingIfNeeded: sentAt)
        if let transit {
            let (difference, overflow) = new.subtractingReportingOverflow(transit)
            let change = overflow ? 0 : Int64(clamping: min(difference.magnitude, 1_000_000_000))
            jitter += (change - jitter) / 16
        }
        transit = new
    }

    var variation: Duration { min(.nanoseconds(jitter * 2), PathMonitor.grace) }

    /// Longer where reports get lost, as they do on some radio links.
    func patience(with promise: Duration) -> Duration {
        return (lastMiss == nil ? promise * 23 : promise * 32) / 10 + variation + Self.slack
    }
}
