// SPDX-License-Identifier: Apache-2.0
package import Wire

/// One direction of an emulated link, without packets: tells when a packet of some length that is
/// offered at some time comes out at the other end, if it does.
///
/// A line of a fixed rate behind a drop-tail queue, then a delay. A change of the settings holds for packets
/// offered from then on; those under way keep the time they were given.
package struct EmulatedDirection: Sendable {
    /// What becomes of a packet.
    package enum Verdict: Hashable, Sendable {
        case departs(at: Instant)
        case dropped(DropCause)
    }

    /// Changes hold from the next packet on.
    package var settings: LinkSettings { didSet { prepare() } }
    /// Since the beginning, whatever the settings were.
    package private(set) var counters = LinkCounters()

    private var random: SeededGenerator
    private var variation = SlowVariation()
    /// When the line has sent all it accepted; nanoseconds like all times here.
    private var freeAt: Int64 = .min
    private var lastDeparture: Int64 = .min

    // The settings as integers: this runs for every packet.
    private var rate: Int64 = 0
    private var delay: Int64 = 0
    private var jitter: Double = 0
    private var longestWait: Int64 = 0

    package init(_ settings: LinkSettings, seed: UInt64) {
        self.settings = settings
        random = SeededGenerator(seed: seed)
        prepare()
    }

    /// Offers a packet to the line. Times must not go backwards.
    package mutating func offer(octets: Int, at now: Instant) -> Verdict {
        if settings.outage { return drop(.outage) }
        let now = now.nanoseconds
        let begin = max(now, freeAt)
        let duration = transmission(octets)
        // A line at rest takes any packet, however short the queue.
        if begin > now, begin - now + duration > longestWait { return drop(.queue) }
        freeAt = begin + duration
        // Loss happens on the line, so that a lost packet has used its time.
        if settings.loss > 0, random.nextFraction() < settings.loss { return drop(.loss) }
        counters.frames += 1
        counters.octets += octets
        return .departs(at: Instant(nanoseconds: arrival(sentAt: freeAt, offeredAt: now)))
    }

    private mutating func arrival(sentAt: Int64, offeredAt now: Int64) -> Int64 {
        var extra = delay
        if jitter > 0 {
            let share = settings.reordering ? 2 * random.nextFraction() - 1 : variation.value(at: now, &random)
            extra = max(0, delay + Int64(jitter * share))
        }
        if settings.reordering { return sentAt + extra }
        lastDeparture = max(lastDeparture, sentAt + extra)
        return lastDeparture
    }

    private mutating func drop(_ cause: DropCause) -> Verdict {
        counters.count(cause)
        return .dropped(cause)
    }

    private func transmission(_ octets: Int) -> Int64 {
        rate > 0 ? Int64(octets) * 8_000_000_000 / rate : 0
    }

    private mutating func prepare() {
        rate = settings.rate ?? 0
        delay = settings.delay.wholeNanoseconds
        jitter = Double(settings.jitter.wholeNanoseconds)
        switch settings.queue {
        case .duration(let duration): longestWait = duration.wholeNanoseconds
        case .octets(let octets): longestWait = transmission(octets)
        }
    }
}
