// SPDX-License-Identifier: Apache-2.0
import Wire

/// The time that a gateway's messages to an anchor bear. The system's clock is never touched, and no timer knows of it.
struct AnchorClock: Sendable {
    /// What the anchor's clock said, and when; nil: the own clock counts. From then on the time since counts, so that
    /// steps of the own clock are not noticed.
    private var reference: (timestamp: Timestamp, at: Instant)?
    private var newest = Timestamp(value: 0)

    /// The anchor's, as far as is known.
    func time(at now: Moment) -> Timestamp {
        reference.map { $0.timestamp + (now.instant - $0.at) } ?? now.timestamp
    }

    /// For the next update: every one has a later one, though the clock stand still or jump back a little
    /// (RFC 5213 §5.5).
    mutating func next(at now: Moment) -> Timestamp {
        let time = time(at: now)
        let isBehind = time <= newest && newest.distance(to: time) < .seconds(1)
        newest = isBehind ? Timestamp(value: newest.value &+ 1) : time
        return newest
    }

    /// The anchor said so, in answer to what was sent then. Half of the time since was its answer's.
    mutating func follow(_ theirs: Timestamp, sentAt: Instant, at now: Moment) {
        reference = (theirs + (now.instant - sentAt) / 2, now.instant)
        newest = Timestamp(value: 0)
    }

    /// The anchor has accepted one that is later than ours, though not by much.
    mutating func overtake(_ theirs: Timestamp) {
        if theirs.distance(to: newest) < .seconds(1) { newest = max(newest, theirs) }
    }
}
