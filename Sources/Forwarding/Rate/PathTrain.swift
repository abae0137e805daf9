// SPDX-License-Identifier: Apache-2.0
package import Wire

/// What a slow path carries, as far as that can be told before anything has been sent over it: a few packets of full size
/// leave back to back when it comes up, its narrowest line moves them apart, and the answers tell how far. Of a quick path
/// nothing is learnt, since what moves packets apart for so short a time may be anything.
package struct PathTrain: Sendable {
    /// Packets: on a line of one megabit they take 0.2 s.
    package static let length = 16
    /// How much later than the anchor's the gateway's leaves: an answer that waits behind packets of its own end tells of these.
    package static let gatewayDelay = Duration.milliseconds(500)
    /// Answers that have to come after the first: many a line has no room for more packets than that.
    private static let fewest = 4
    /// Between the first answer and the last.
    private static let leastSpread = Duration.milliseconds(20)

    /// How large its packets are, in outer octets, and when they leave; nil: nothing has arrived yet that is so large.
    private var departure: (octets: Int, at: Instant)?
    private var hasLeft = false
    private var unanswered: [UInt64] = []
    private var answers = 0
    private var first: Instant?

    package init() {}

    /// Packets of so many outer octets arrive. They may leave from then on.
    package mutating func prepare(octets: Int, at departure: Instant) {
        if self.departure == nil { self.departure = (octets, departure) }
    }

    /// Once: how large the packets shall be that leave now; nil: none shall.
    package mutating func departs(at now: Instant) -> Int? {
        guard !hasLeft, let departure, now >= departure.at else { return nil }
        hasLeft = true
        return departure.octets
    }

    /// A packet left under this number.
    package mutating func sent(_ number: UInt64) { unanswered.append(number) }

    /// The peer has it. Returns bits per second, where they can be told.
    package mutating func answered(_ number: UInt64, at now: Instant) -> Double? {
        guard let departure, let place = unanswered.firstIndex(of: number) else { return nil }
        unanswered.remove(at: place)
        guard let first else {
            first = now
            return nil
        }
        answers += 1
        guard answers >= Self.fewest, now - first >= Self.leastSpread else { return nil }
        return Double(answers * departure.octets) * 8 / (now - first).inSeconds
    }
}
