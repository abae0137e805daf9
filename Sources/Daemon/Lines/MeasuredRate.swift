// SPDX-License-Identifier: Apache-2.0
package import Wire

/// The highest rate lately seen on a line while it was full: what it can do at least. What passes a line that is not full tells
/// how much was sent by it, and shares made of that would only repeat themselves.
package struct MeasuredRate: Sendable {
    /// Of a line since it is there, and of the path over it.
    package struct Sample: Sendable {
        /// Octets.
        package var received: UInt64
        package var sent: UInt64
        /// The newest.
        package var roundTrip: Duration?

        package init(received: UInt64, sent: UInt64, roundTrip: Duration?) {
            self.received = received
            self.sent = sent
            self.roundTrip = roundTrip
        }
    }

    private struct Slot {
        var begin: Instant
        var rate: UInt64 = 0
        var shortest: Duration = .seconds(3600)
    }

    /// How long a second counts.
    package static let memory: Duration = .seconds(600)
    /// Of each the highest rate and the shortest round trip are kept.
    private static let slot: Duration = .seconds(60)
    private static let sampleAtLeast: Duration = .milliseconds(500)
    /// A queue before the line makes round trips longer by this, or by half.
    private static let queue: Duration = .milliseconds(10)

    private var last: (sample: Sample, at: Instant)?
    /// The oldest first.
    private var slots: [Slot] = []

    package init() {}

    /// Bits per second, in steps of an eighth or more, for nobody needs to hear of less; nil: the line was not full lately.
    package var rate: UInt64? {
        guard let highest = slots.map(\.rate).max(), highest > 0 else { return nil }
        let dropped = max(UInt64.bitWidth - highest.leadingZeroBitCount - 4, 0)
        return (highest >> dropped) << dropped
    }

    /// Counts that fall have begun anew.
    package mutating func add(_ sample: Sample, at now: Instant) {
        slots.removeAll { now - $0.begin > Self.memory }
        guard let last else { return self.last = (sample, now) }
        let time = now - last.at
        guard time >= Self.sampleAtLeast else { return }
        self.last = (sample, now)
        guard sample.received >= last.sample.received, sample.sent >= last.sample.sent,
            let roundTrip = sample.roundTrip
        else { return }
        if slots.last.map({ now - $0.begin >= Self.slot }) ?? true { slots.append(Slot(begin: now)) }
        let place = slots.count - 1
        slots[place].shortest = min(slots[place].shortest, roundTrip)
        let received = sample.received - last.sample.received
        // A queue on the way up makes round trips longer as well.
        guard received > sample.sent - last.sample.sent, isQueue(roundTrip) else { return }
        let bits = min(Double(received) * 8 / time.seconds, Double(BitRate.limit.bitsPerSecond))
        slots[place].rate = max(slots[place].rate, UInt64(bits))
    }

    private func isQueue(_ roundTrip: Duration) -> Bool {
        let shortest = slots.map(\.shortest).min() ?? roundTrip
        return roundTrip >= shortest + max(Self.queue, shortest / 2)
    }
}
