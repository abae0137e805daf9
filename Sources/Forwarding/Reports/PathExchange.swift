// SPDX-License-Identifier: Apache-2.0
import Wire

/// What reports say of one path: in ours what has arrived over it, and from the peer's how far it got.
package struct PathExchange: Sendable {
    /// The highest number that came over it, and when.
    private(set) var newest: (number: UInt32, at: Instant)?
    /// Outer octets of user packets that came over it, and when the last of them did.
    private(set) var octets: (count: UInt64, at: Instant?) = (0, nil)
    /// Reports in a row that name a next number below what came over the path before.
    private var contradictions = 0

    /// When the newest packet or report left.
    private var lastDeparture = Instant.zero
    /// The next number that the peer knows by what went over the path last, and since when.
    private(set) var told: (number: UInt32, at: Instant)?

    /// Of everything that left before then it is known whether it arrived.
    var horizon = Instant.zero
    /// When the peer was last heard of to have received something new, and since when something is on its way.
    var progress = Instant.zero
    var pendingSince: Instant?
    /// Nothing gets through, as it seems, or far too late: what is on its way goes over other paths too, and nothing new over
    /// this one, until all that left before is known to have arrived or to be lost.
    private(set) var suspicion: (since: Instant, departure: Instant)?
    var isSuspect: Bool { suspicion != nil }
    var suspectSince: Instant? { suspicion?.since }
    /// Whether what left before the suspicion is still on its way.
    var isClogged: Bool { suspicion.map { horizon < $0.departure } ?? false }

    /// What left over it without a number, and may not have arrived.
    var plain = PlainLog()

    package init() {}

    // MARK: What we received

    mutating func received(octets count: Int, at arrival: Instant) {
        octets = (octets.count &+ UInt64(max(0, count)), max(octets.at ?? arrival, arrival))
    }

    mutating func received(number: UInt32, at arrival: Instant) {
        guard newest.map({ ReorderBuffer.distance(from: $0.number, to: number) > 0 }) ?? true else { return }
        newest = (number, arrival)
    }

    /// The number space is another one.
    mutating func forgetNumbers() {
        newest = nil
        contradictions = 0
    }

    /// Whether the peer's word about its next number holds, although higher ones came over the path: a packet may overtake
    /// a report in a router that prefers some classes, but not again and again.
    mutating func isContradicted() -> Bool {
        contradictions += 1
        guard contradictions >= 3 else { return false }
        contradictions = 0
        return true
    }

    mutating func isConfirmed() { contradictions = 0 }

    func reception(of path: Path, at now: Instant) -> PathReport.Reception {
        PathReport.Reception(
            bindingIdentifier: path.parameters.bindingIdentifier,
            hearsPeer: path.monitor.isAudible,
            newest: newest?.number,
            newestAge: Self.age(of: newest?.at, at: now),
            octets: octets.count,
            octetsAge: Self.age(of: octets.at, at: now),
            echo: path.monitor.newestHeard,
            heldFor: Self.age(of: path.monitor.lastProbe, at: now)
        )
    }

    /// Microseconds; the largest number: longer than that, or never.
    private static func age(of moment: Instant?, at now: Instant) -> UInt32 {
        moment.map { UInt32(clamping: (now - $0).wholeNanoseconds / 1000) } ?? .max
    }

    // MARK: What we sent

    /// The moment at which something leaves: nothing else does at the same one, so that it tells the order in which what goes
    /// over the path arrives.
    mutating func departure(at now: Instant) -> Instant {
        lastDeparture = max(lastDeparture + .nanoseconds(1), now)
        return lastDeparture
    }

    mutating func suspect(at now: Instant) { suspicion = (now, lastDeparture) }

    mutating func trust() { suspicion = nil }

    /// A packet or report left, after which the peer knows of all numbers below.
    mutating func tells(_ number: UInt32, at now: Instant) { told = (number, now) }
}
