// SPDX-License-Identifier: Apache-2.0
package import Wire

/// How large outer packets may be on a path, found by probes of that size in its own tunnel (RFC 4821, RFC 8899 §5):
/// nobody's ICMP is believed.
///
/// It begins with what is configured. Only when a packet of the size has been lost several times while smaller ones
/// arrived is a smaller one taken: what is lost together says nothing of sizes. Whatever has arrived is proven, however
/// late its answer.
package struct PathSizeSearch: Sendable {
    /// Between two confirmations while packets are sent that are larger than every path carries, and else.
    package static let busyInterval = Duration.seconds(1)
    package static let idleInterval = Duration.seconds(60)
    /// Until a larger size is tried, doubled each time in vain (RFC 8899 §5.1.1: PMTU_RAISE_TIMER).
    package static let shortestRaise = Duration.seconds(15)
    package static let longestRaise = Duration.seconds(600)
    /// After nothing of any size has been answered.
    package static let pause = Duration.seconds(5)
    /// How often a size is sent until it is taken to be too large; that it was not confirmed comes before. Where smaller ones are
    /// lost, too, it is sent so often that it hardly was lost like these, within limits.
    package static let attempts = 3
    private static let mostAttempts = 24
    private static let chance = 0.001
    /// No larger packet can be received.
    package static let largest = PacketArena.capacity
    /// RFC 8200 §5, and what every IPv4 end takes (RFC 1122 §3.3.2).
    private static let smallest = (ipv6: 1280, ipv4: 576)
    /// Ethernet, PPPoE, tunnels in tunnels, mobile networks.
    private static let common = [
        1500, 1492, 1480, 1476, 1472, 1460, 1452, 1440, 1428, 1420, 1400, 1380, 1358, 1340, 1300, 1280, 1200, 1024, 768,
        576,
    ]

    private enum Stage { case resting, confirming, searching }

    private struct Sent {
        var number: UInt64
        var size: Int
        var isAnswered = false
    }

    /// What the path carries, as far as is known.
    package private(set) var size: Int
    private var limit: Int
    private var floor: Int
    /// The path is alive, and its other end answers.
    private var isUsable = false
    private var stage = Stage.resting
    private var next = Instant.never
    /// When it was confirmed, or probing ended otherwise.
    private var settledAt = Instant.zero
    private var raise: (at: Instant, after: Duration) = (.never, shortestRaise)
    /// What an answer may be to.
    private var sent: [Sent] = []
    /// Of the present search: the largest that has arrived, the smallest that does not, what has not been answered.
    private var good = 0
    private var bad = 0
    private var unanswered: [Int] = []
    private var attempt = 0

    package init(limit: Int, isIPv4: Bool) {
        self.limit = min(limit, Self.largest)
        floor = min(self.limit, isIPv4 ? Self.smallest.ipv4 : Self.smallest.ipv6)
        size = self.limit
    }

    /// Of what may be sent by configuration; nothing is probed beyond what fits into our memory.
    package func octets(within configured: Int) -> Int { size < limit ? min(size, configured) : configured }

    package var nextDeadline: Instant { isUsable ? next : .never }

    // MARK: What happens to the path

    /// Another limit: of the link, or by configuration. All begins anew.
    package mutating func change(limit: Int, isIPv4: Bool, at now: Instant) {
        guard min(limit, Self.largest) != self.limit else { return }
        let wasUsable = isUsable
        self = PathSizeSearch(limit: limit, isIPv4: isIPv4)
        setUsable(wasUsable, at: now)
    }

    /// Whether the path is alive and its other end answers. A path that comes back may lead elsewhere.
    package mutating func setUsable(_ usable: Bool, at now: Instant) {
        guard usable != isUsable else { return }
        isUsable = usable
        hasten(at: now)
    }

    /// Something about the path is another thing.
    package mutating func hasten(at now: Instant) {
        (stage, next) = (.resting, now)
        raise = size < limit ? (now, Self.shortestRaise) : (.never, Self.shortestRaise)
    }

    /// A user packet of so many outer octets goes out.
    package mutating func sends(_ octets: Int, at now: Instant) {
        if octets > floor { suspect(at: now) }
    }

    /// The size is to be confirmed, if that was not done just now.
    package mutating func suspect(at now: Instant) {
        if stage == .resting { next = min(next, max(now, settledAt + Self.busyInterval)) }
    }

    // MARK: Probing

    /// The sizes of which a probe is to be sent now. `patience` is how long answers take at most.
    package mutating func sizesDue(at now: Instant, patience: Duration) -> [Int] {
        guard isUsable, now >= next else { return [] }
        next = now + patience
        switch stage {
        case .resting: return begin(at: now)
        // It was not confirmed.
        case .confirming: return search([size] + Self.common.filter { $0 >= floor && $0 < size }, below: size + 1)
        case .searching:
            guard unanswered.isEmpty || attempt >= attemptsWanted else {
                attempt += 1
                return unanswered
            }
            return conclude(at: now)
        }
    }

    private var attemptsWanted: Int {
        let smaller = sent.filter { $0.size <= good }
        guard !smaller.isEmpty else { return Self.attempts }
        let loss = Double(smaller.count { !$0.isAnswered }) / Double(smaller.count)
        var (wanted, chance) = (0, 1.0)
        while wanted < Self.mostAttempts, chance > Self.chance { (wanted, chance) = (wanted + 1, chance * loss) }
        return max(Self.attempts, wanted)
    }

    private mutating func begin(at now: Instant) -> [Int] {
        sent = []
        guard size < limit, now >= raise.at else { return confirm() }
        raise = (now + raise.after, min(raise.after * 2, Self.longestRaise))
        let larger = Self.common.filter { $0 > size + 1 && $0 < limit }
        // Where even one octet more is too much nothing between has to be tried.
        return search([size] + Set([size + 1, limit] + larger).sorted(), below: limit + 1)
    }

    private mutating func confirm() -> [Int] {
        (stage, good, bad) = (.confirming, 0, size + 1)
        unanswered = [size]
        return unanswered
    }

    private mutating func search(_ sizes: [Int], below end: Int) -> [Int] {
        (stage, good, bad, attempt) = (.searching, 0, end, 1)
        unanswered = sizes
        return sizes
    }

    /// Everything was answered, or has been sent often enough.
    private mutating func conclude(at now: Instant) -> [Int] {
        guard good > 0 else {
            // Nothing arrives, of whatever size: it is not the size. Where nothing smaller was sent it may be.
            let hasTriedSmaller = size == floor || unanswered.contains { $0 < size }
            settle(at: now)
            next = now + (hasTriedSmaller ? Self.pause : .zero)
            return []
        }
        bad = min(bad, unanswered.min() ?? bad)
        if bad <= size { fall(to: good, at: now) }
        let between = Self.between(good, bad)
        guard between.isEmpty else {
            (unanswered, attempt) = (between, 1)
            return between
        }
        size = max(size, good)
        settle(at: now)
        return []
    }

    /// Nothing in common has these: a few more octets are sought (RFC 4821 §7.3).
    private static func between(_ good: Int, _ bad: Int) -> [Int] {
        let span = bad - good
        guard span > 1 else { return [] }
        return Set([good + 1, good + span / 4, good + span / 2, good + span * 3 / 4]).filter { $0 > good }.sorted()
    }

    private mutating func fall(to smaller: Int, at now: Instant) {
        size = smaller
        raise = (now + Self.shortestRaise, Self.shortestRaise * 2)
    }

    private mutating func settle(at now: Instant) {
        (stage, settledAt) = (.resting, now)
        unanswered = []
        if size >= limit { raise = (.never, Self.shortestRaise) }
        next = min(now + Self.idleInterval, raise.at)
    }

    /// The probe of that size left under this number.
    package mutating func sent(_ size: Int, number: UInt64) {
        // No search sends so many.
        if sent.count >= 512 { sent.removeFirst() }
        sent.append(Sent(number: number, size: size))
    }

    /// The other end says that it has arrived.
    package mutating func arrived(number: UInt64, at now: Instant) {
        guard isUsable, let place = sent.firstIndex(where: { $0.number == number }) else { return }
        sent[place].isAnswered = true
        let size = sent[place].size
        switch stage {
        // Late, and true nevertheless.
        case .resting: self.size = max(self.size, size)
        case .confirming: if size == self.size { settle(at: now) }
        case .searching:
            good = max(good, size)
            bad = max(bad, size + 1)
            unanswered.removeAll { $0 <= size }
            if unanswered.isEmpty { next = now }
        }
    }
}
