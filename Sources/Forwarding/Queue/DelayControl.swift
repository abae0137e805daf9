// SPDX-License-Identifier: Apache-2.0
package import Wire

/// When a flow that waits for long in our queue is told to slow down: CoDel (RFC 8289), changed for a queue in which a flow
/// delays only itself: it may hold most of a round trip's worth, and there is one signal for each round trip at first, as one
/// overshoot deserves, since a sender that is told five times goes five times as slow.
package struct DelayControl: Equatable, Sendable {
    /// What is too long.
    package struct Terms: Equatable, Sendable {
        package var target: Duration
        package var interval: Duration
        package var roundTrip: Duration

        private static let leastTarget = Duration.milliseconds(40)
        private static let leastInterval = Duration.milliseconds(100)

        /// `spread`: how much later what takes the slowest path arrives than what takes the quickest; so much has to wait before the
        /// slowest one is used at all. `patience`: how much longer than else something may wait.
        package init(roundTrip: Duration, spread: Duration = .zero, patience: Duration = .zero) {
            self.roundTrip = roundTrip
            target = max(Self.leastTarget, roundTrip * 7 / 10, spread * 5 / 4) + patience
            interval = max(Self.leastInterval, roundTrip * 2)
        }
    }

    private static let singleSignals = 4

    private var aboveSince: Instant?
    private var nextSignal = Instant.zero
    private var count = 0

    package init() {}

    /// Whether a packet that leaves now, having waited so long, is the one to be marked or dropped. `behind`: how many of its
    /// flow still wait.
    package mutating func signals(waited: Duration, behind: Int, _ terms: Terms, at now: Instant) -> Bool {
        guard waited >= terms.target, behind > 0 else {
            aboveSince = nil
            count = 0
            return false
        }
        guard let since = aboveSince else {
            aboveSince = now
            return false
        }
        guard now - since >= terms.interval, now >= nextSignal else { return false }
        count += 1
        // RFC 8289 §5.3: ever more often, by the square root.
        let usual = Duration.nanoseconds(Int64(Double(terms.interval.wholeNanoseconds) / Double(count).squareRoot()))
        let single = terms.roundTrip + waited * 11 / 10 + .milliseconds(10)
        nextSignal = now + (count <= Self.singleSignals ? max(usual, single) : usual)
        return true
    }
}
