// SPDX-License-Identifier: Apache-2.0
package import Wire

/// Octets at a rate, by a virtual clock: each packet moves the moment from which the next one may go.
package struct Pacer: Equatable, Sendable {
    /// How far the clock may lag behind: what a wake-up that came late has missed is made up for.
    package static let credit: Int64 = 2_000_000

    /// Bits per second.
    package let rate: UInt64
    private let credit: Int64
    /// When the next packet may go.
    package private(set) var free = Instant.zero

    package init(rate: UInt64, credit: Duration = .nanoseconds(Pacer.credit)) {
        self.rate = max(1, rate)
        self.credit = credit.wholeNanoseconds
    }

    package func hasRoom(at now: Instant) -> Bool { free <= now }

    package mutating func debit(_ octets: Int, at now: Instant) {
        let start = max(free.nanoseconds, now.nanoseconds - credit)
        let cost = Double(octets) * 8e9 / Double(rate)
        free = Instant(nanoseconds: start) + .nanoseconds(Int64(min(cost, 3.6e12)))
    }

    /// How far what was sent is ahead of the rate.
    package func lead(at now: Instant) -> Duration { max(.zero, free - now) }
}
