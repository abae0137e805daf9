// SPDX-License-Identifier: Apache-2.0
package import Wire

/// A bad path shows that it is better than it was: it is given copies of what goes over others, so that nobody has to wait
/// for what it does to them. With as many of them as it takes its rate is found, and which share of them is lost.
package struct PathTrial: Sendable {
    /// Bits per second that a trial begins with, at least, and of what the other paths carry.
    static let leastRate = 1e6
    static let share = 0.01
    /// From the first copy on, and in round trips: the rate has to find its height.
    private static let shortest = Duration.milliseconds(600)
    private static let roundTrips = 8
    /// Before a share means anything.
    private static let fewest = 40
    /// After the last copy: what is not there by then never will be.
    private static let rest = Duration.seconds(1)

    /// Outer octets of user packets that had arrived over the path before.
    private let before: UInt64
    private let time: Duration
    private var firstCopy: Instant?
    private var lastCopy = Instant.zero
    private var copies = 0
    private var octets: UInt64 = 0

    package init(deliveredBefore octets: UInt64, roundTrip: Duration) {
        before = octets
        time = min(max(Self.shortest, roundTrip * Self.roundTrips), .seconds(2))
    }

    package func takesCopies(at now: Instant) -> Bool {
        firstCopy.map { now - $0 < time } ?? true || copies < Self.fewest
    }

    /// `octets`: of the outer packet.
    package mutating func sent(_ octets: Int, at departure: Instant) {
        firstCopy = firstCopy ?? departure
        lastCopy = departure
        copies += 1
        self.octets &+= UInt64(max(0, octets))
    }

    /// Which share of the copies was lost, when that is known; `horizon`: what left before has arrived or is lost.
    package func loss(delivered: UInt64, horizon: Instant, at now: Instant) -> Double? {
        guard !takesCopies(at: now), horizon > lastCopy || now - lastCopy > Self.rest, octets > 0 else { return nil }
        let arrived = Double(delivered >= before ? delivered - before : 0)
        return max(0, 1 - arrived / Double(octets))
    }
}
