// SPDX-License-Identifier: Apache-2.0
package import Wire

/// Octets at a rate, by a virtual clock: each packet moves the moment from which the next one may go.
package struct Pacer: Equatable, Sendable {
    /// How far the clock may lag behind: what a wake-up that came late has missed is made up for.
    package static let credit = Duration.milliseconds(2)
    /// Work that comes faster than 95 % of the rate piles up, and counts as saturation from the first on to the second,
    /// in nanoseconds: 160 ms of full load to begin with, some pauses before it ends.
    private static let saturation: Int64 = 8_000_000
    private static let longestMemory: Int64 = 50_000_000
    /// What an idle time is at least.
    private static let moment = Duration.milliseconds(4)

    /// Bits per second. Another one counts from the next packet on: the clock goes on.
    package var rate: UInt64 { didSet { rate = max(1, rate) } }
    private let credit: Int64
    /// When the next packet may go.
    package private(set) var free = Instant.zero
    /// Since when it has not been idle, but for moments.
    private var busySince = Instant.zero
    private var pile: Int64 = 0
    private var piledAt = Instant.zero

    package init(rate: UInt64, credit: Duration = Pacer.credit) {
        self.rate = max(1, rate)
        self.credit = credit.wholeNanoseconds
    }

    package func hasRoom(at now: Instant) -> Bool { free <= now }

    package mutating func debit(_ octets: Int, at now: Instant) {
        let cost = time(for: octets).wholeNanoseconds
        let start = max(free.nanoseconds, now.nanoseconds - credit)
        if now - free > Self.moment { busySince = now }
        free = Instant(nanoseconds: start) + .nanoseconds(cost)
        pile = min(pile(at: now) + cost, Self.longestMemory)
        piledAt = now
    }

    private func pile(at now: Instant) -> Int64 {
        let elapsed = max(0, min(now.nanoseconds - piledAt.nanoseconds, 1_000_000_000))
        return max(0, pile - elapsed / 20 * 19)
    }

    /// Whether it has been working to capacity for a while: a burst alone does not.
    package func isSaturated(at now: Instant) -> Bool { pile(at: now) > Self.saturation }

    /// For how long it has been working to capacity, some moments left out.
    package func busyTime(at now: Instant) -> Duration { now - free > Self.moment ? .zero : now - busySince }

    /// How far what was sent is ahead of the rate.
    package func lead(at now: Instant) -> Duration { max(.zero, free - now) }

    /// What so many octets take: an hour is as good as for ever.
    package func time(for octets: Int) -> Duration {
        .nanoseconds(Int64(min(Double(octets) * 8e9 / Double(rate), 3.6e12)))
    }

    /// Octets that the rate carries in the time.
    package func octets(in time: Duration) -> Int {
        Int(min(Double(rate) * Double(time.wholeNanoseconds) / 8e9, 1e15))
    }
}
