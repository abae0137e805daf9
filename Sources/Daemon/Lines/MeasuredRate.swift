// SPDX-License-Identifier: Apache-2.0
package import Wire

/// The highest rate lately seen on a line, in whole seconds: what it can do at least.
package struct MeasuredRate: Sendable {
    /// How long a second counts.
    package static let memory: Duration = .seconds(600)
    /// The greatest of each minute is kept.
    private static let slot: Duration = .seconds(60)
    private static let sampleAtLeast: Duration = .milliseconds(500)

    private var last: (octets: UInt64, at: Instant)?
    /// The oldest first.
    private var slots: [(begin: Instant, rate: UInt64)] = []

    package init() {}

    /// Bits per second, in steps of an eighth or more, for nobody needs to hear of less; nil: nothing has passed lately.
    package var rate: UInt64? {
        guard let highest = slots.map(\.rate).max(), highest > 0 else { return nil }
        let dropped = max(UInt64.bitWidth - highest.leadingZeroBitCount - 4, 0)
        return (highest >> dropped) << dropped
    }

    /// So many octets have passed until now. A count that falls has begun anew.
    package mutating func sample(_ octets: UInt64, at now: Instant) {
        slots.removeAll { now - $0.begin > Self.memory }
        guard let last else { return self.last = (octets, now) }
        let time = now - last.at
        guard time >= Self.sampleAtLeast else { return }
        self.last = (octets, now)
        guard octets >= last.octets else { return }
        let bits = Double(octets - last.octets) * 8 / time.seconds
        let rate = UInt64(min(bits, Double(BitRate.limit.bitsPerSecond)))
        if let newest = slots.indices.last, now - slots[newest].begin < Self.slot {
            slots[newest].rate = max(slots[newest].rate, rate)
        } else {
            slots.append((now, rate))
        }
    }
}
