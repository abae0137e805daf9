// SPDX-License-Identifier: Apache-2.0
package import Wire

/// Puts the packets of one session, which came over several paths, back in the order of their GRE sequence numbers
/// (RFC 2890 §2.2, RFC 8157 §4.4).
///
/// * The next one expected passes at once. One ahead of it waits in its slot, until the missing ones came or were
///   given up: because every path delivered something newer (`giveUp(before:)`), or because a packet waited for the
///   time-out.
/// * RFC 2890 drops what is old. Here one that was given up, but not delivered, is delivered when it comes after
///   all: the host's transport can still use it, and sorts it itself. One that was delivered is dropped.
/// * A number that fits nothing (further ahead than the window, or older than what is remembered) is suspect: it
///   waits alone until a second one near it confirms that the peer numbers from there now, or until the time-out. If
///   nothing else came meanwhile the number space is taken up there; otherwise it was forged or stale. So neither a
///   restarted peer nor a forger blinds a session for longer than the time-out.
package struct ReorderBuffer: Sendable {
    /// Packets that can wait; a power of two. What is ahead by more is suspect.
    package static let capacity = 1024
    /// The same where the peer reports, and takes the paths' rates for what they are: 400 Mbit/s for 100 ms.
    package static let wideCapacity = 4096
    /// Repeated numbers in a row that show a peer that restarted soon after it had started.
    package static let repeatsOfRestart = 8

    struct Held {
        var slot: Slot
        var sequence: UInt32
        /// Of a missing one that is known to be lost: since when it is.
        var arrival: Instant
        var isOccupied: Bool
        /// Only its number waits: the packet went ahead.
        var isDelivered = false
    }

    private struct Suspect {
        var slot: Slot
        var sequence: UInt32
        var arrival: Instant
        /// Whether packets that fit came since.
        var isContradicted = false
    }

    package var timeout: Duration {
        didSet { patience = timeout.wholeNanoseconds }
    }
    /// The time-out in nanoseconds: it is added for every packet.
    private var patience: Int64
    /// The peer says which numbers it uses, and sends those again that are known to be lost.
    var isReported = false
    /// How long a lost packet is waited for, which the peer sends again; nil: it does not.
    var repairTime: Duration?
    /// What is missing before this number is lost.
    var proven: UInt32 = 0
    /// What the peer's newest report says of the number that it sends next, and when that came.
    var announced: (next: UInt32, at: Instant)?
    /// The number that passes at once.
    package private(set) var expected: UInt32 = 0
    package internal(set) var counters = SessionCounters()

    var capacity: Int { isReported ? Self.wideCapacity : Self.capacity }
    var ring: [Held] = []
    /// Numbers that wait, and how many of them have been delivered.
    var waiting = 0
    var ahead = 0
    /// Not later than the arrival of any waiting packet.
    private var oldestArrival = Instant.never
    /// Of the numbers before `expected`.
    private var memory = DeliveryMemory()
    private var suspect: Suspect?
    /// Nothing is known of the numbers that come next.
    private var isOpen = false
    private var lastFit: Instant?
    private var repeats: (count: Int, newest: UInt32) = (0, 0)

    package init(timeout: Duration) {
        self.timeout = timeout
        patience = timeout.wholeNanoseconds
    }

    private func end(ofWaitSince arrival: Instant, times factor: Int64 = 1) -> Instant {
        let (sum, overflow) = arrival.nanoseconds.addingReportingOverflow(patience &* factor)
        return overflow ? .never : Instant(nanoseconds: sum)
    }

    /// Packets in the buffer's hands.
    package var held: Int { waiting - ahead + (suspect == nil ? 0 : 1) }

    /// Whether packets wait for a missing one.
    package var isWaiting: Bool { waiting > 0 }

    /// Whether anybody has said which number is the first.
    var hasBegun: Bool { !isOpen && memory.count > 0 }

    /// Where there are reports, a packet seldom waits for so long: paths that carry nothing say so.
    private var endOfHold: Instant { end(ofWaitSince: oldestArrival, times: isReported ? 4 : 1) }

    package var nextDeadline: Instant {
        var deadline = repairDeadline ?? (waiting > 0 ? endOfHold : .never)
        if let suspect { deadline = min(deadline, end(ofWaitSince: suspect.arrival)) }
        return deadline
    }

    // MARK: Arrival

    /// Takes the packet; what is ready goes to `burst.deliveries`, what is dropped back to the arena.
    package mutating func insert(
        _ slot: Slot,
        sequence: UInt32,
        _ kind: Kind = .ordinary,
        at now: Instant,
        into burst: inout Burst,
        arena: inout PacketArena
    ) -> Verdict {
        if isOpen { begin(at: sequence) }
        let distance = Self.distance(from: expected, to: sequence)
        if isReported, distance >= 0 { noteRepair(sequence) }
        if distance == 0 {
            fits(at: now)
            deliver(slot, into: &burst)
            drain(into: &burst)
            return .inOrder
        }
        if distance > 0 {
            guard distance < capacity else { return examine(slot, sequence, now, &burst, &arena) }
            return hold(slot, sequence, kind, now, &burst, &arena)
        }
        guard -distance <= memory.count else { return examine(slot, sequence, now, &burst, &arena) }
        if memory.wasDelivered(sequence) {
            // One that was sent again after all, or over another path as well.
            guard kind == .copy || isReported else { return repeated(slot, sequence, now, &burst, &arena) }
            return discard(slot, as: .copy, &arena)
        }
        memory.set(sequence, delivered: true)
        counters.late &+= 1
        burst.deliveries.append(slot)
        return .late
    }

    private mutating func hold(
        _ slot: Slot,
        _ sequence: UInt32,
        _ kind: Kind,
        _ now: Instant,
        _ burst: inout Burst,
        _ arena: inout PacketArena
    ) -> Verdict {
        makeRoom()
        let place = place(of: sequence)
        guard !ring[place].isOccupied else {
            return discard(slot, as: kind == .copy || isReported ? .copy : .duplicate, &arena)
        }
        fits(at: now)
        let isUrgent = kind != .ordinary
        ring[place] = Held(slot: slot, sequence: sequence, arrival: now, isOccupied: true, isDelivered: isUrgent)
        waiting += 1
        oldestArrival = min(oldestArrival, now)
        guard isUrgent else {
            counters.reordered &+= 1
            return .held
        }
        ahead += 1
        burst.deliveries.append(slot)
        return .ahead
    }

    mutating func makeRoom() {
        guard ring.isEmpty else { return }
        let nobody = Slot(index: -1, start: 0, count: 0)
        let vacant = Held(slot: nobody, sequence: 0, arrival: .never, isOccupied: false)
        ring = Array(repeating: vacant, count: capacity)
    }

    private mutating func discard(_ slot: Slot, as verdict: Verdict, _ arena: inout PacketArena) -> Verdict {
        if verdict == .copy { counters.copies &+= 1 } else { counters.duplicates &+= 1 }
        arena.release(slot)
        return verdict
    }

    private mutating func fits(at now: Instant) {
        lastFit = now
        repeats.count = 0
        suspect?.isContradicted = true
    }

    // MARK: What does not fit

    private mutating func examine(
        _ slot: Slot,
        _ sequence: UInt32,
        _ now: Instant,
        _ burst: inout Burst,
        _ arena: inout PacketArena
    ) -> Verdict {
        guard isPlausible(sequence, at: now) else {
            counters.stale &+= 1
            arena.release(slot)
            return .stale
        }
        if let earlier = suspect {
            let distance = Self.distance(from: earlier.sequence, to: sequence)
            if distance == 0 { return discard(slot, as: .duplicate, &arena) }
            if distance.magnitude < capacity {
                suspect = nil
                let (first, second) = distance > 0 ? (earlier.sequence, sequence) : (sequence, earlier.sequence)
                resynchronise(at: first, into: &burst)
                deliver(distance > 0 ? earlier.slot : slot, into: &burst)
                giveUp(before: second, into: &burst)
                deliver(distance > 0 ? slot : earlier.slot, into: &burst)
                fits(at: now)
                return .resynchronised
            }
            counters.stale &+= 1
            arena.release(earlier.slot)
        }
        suspect = Suspect(slot: slot, sequence: sequence, arrival: now)
        return .suspect
    }

    private mutating func repeated(
        _ slot: Slot,
        _ sequence: UInt32,
        _ now: Instant,
        _ burst: inout Burst,
        _ arena: inout PacketArena
    ) -> Verdict {
        let step = Self.distance(from: repeats.newest, to: sequence)
        repeats = (repeats.count > 0 && (1...64).contains(step) ? repeats.count + 1 : 1, sequence)
        // No copy of a packet is that late, and no network copies that many in a row.
        let isIdle = lastFit.map { now - $0 > timeout } ?? true
        if isIdle || repeats.count >= Self.repeatsOfRestart {
            resynchronise(at: sequence, into: &burst)
            deliver(slot, into: &burst)
            fits(at: now)
            return .resynchronised
        }
        return discard(slot, as: .duplicate, &arena)
    }

    /// Takes up the number space at another place: everything that waits goes out, in order.
    mutating func resynchronise(at sequence: UInt32, into burst: inout Burst) {
        let distance = Self.distance(from: expected, to: sequence)
        counters.resynchronisations &+= 1
        // A near jump ahead is a burst of loss: what was skipped may still come.
        if distance > 0, distance <= 4 * capacity {
            giveUp(before: sequence, into: &burst)
            if expected == sequence { return }
        }
        flush(into: &burst)
        begin(at: sequence)
    }

    /// What has a smaller number, and was quicker elsewhere, is late.
    mutating func begin(at sequence: UInt32) {
        isOpen = false
        expected = sequence
        proven = sequence
        memory.begin(capacity)
    }

    // MARK: Release

    /// Nothing before `sequence` is waited for any longer.
    package mutating func giveUp(before sequence: UInt32, into burst: inout Burst) {
        while Self.distance(from: expected, to: sequence) > 0 {
            if !releaseExpected(into: &burst) {
                counters.lost &+= 1
                step(delivered: false)
            }
        }
        drain(into: &burst)
    }

    /// Gives up what was waited for long enough.
    package mutating func advance(to now: Instant, into burst: inout Burst, arena: inout PacketArena) {
        releaseUnrepaired(at: now, into: &burst)
        if repairDeadline == nil, waiting > 0, now >= endOfHold { releaseOverdue(at: now, into: &burst) }
        guard let suspect, now >= end(ofWaitSince: suspect.arrival) else { return }
        self.suspect = nil
        if suspect.isContradicted {
            counters.stale &+= 1
            arena.release(suspect.slot)
            return
        }
        resynchronise(at: suspect.sequence, into: &burst)
        deliver(suspect.slot, into: &burst)
        fits(at: now)
    }

    /// Everything goes out, in order.
    package mutating func flush(into burst: inout Burst) {
        while waiting > 0 {
            if !releaseExpected(into: &burst) {
                counters.lost &+= 1
                step(delivered: false)
            }
        }
        oldestArrival = .never
    }

    /// A new number space begins (RFC 2890 §2.2: with a new key); what is left of the old one goes out.
    package mutating func restart(into burst: inout Burst) {
        flush(into: &burst)
        if let suspect { burst.deliveries.append(suspect.slot) }
        suspect = nil
        expected = 0
        proven = 0
        memory.forget()
        isOpen = false
        lastFit = nil
        repeats.count = 0
        announced = nil
    }

    /// Somebody else sends with the same key, and has numbers of his own: wherever they begin.
    package mutating func changeSender(into burst: inout Burst) {
        restart(into: &burst)
        isOpen = true
    }

    /// Everything goes back to the arena.
    package mutating func discard(into arena: inout PacketArena) {
        for place in ring.indices where ring[place].isOccupied {
            ring[place].isOccupied = false
            if !ring[place].isDelivered { arena.release(ring[place].slot) }
        }
        if let suspect { arena.release(suspect.slot) }
        waiting = 0
        ahead = 0
        suspect = nil
    }

    private mutating func releaseOverdue(at now: Instant, into burst: inout Burst) {
        var newestOverdue: UInt32?
        let factor: Int64 = isReported ? 4 : 1
        forEachWaiting { if end(ofWaitSince: $0.arrival, times: factor) <= now { newestOverdue = $0.sequence } }
        if let newestOverdue { giveUp(before: newestOverdue, into: &burst) }
        var oldest = Instant.never
        forEachWaiting { oldest = min(oldest, $0.arrival) }
        oldestArrival = oldest
    }

    private func forEachWaiting(_ body: (Held) -> Void) {
        var left = waiting
        var sequence = expected
        while left > 0 {
            let entry = ring[place(of: sequence)]
            if entry.isOccupied {
                body(entry)
                left -= 1
            }
            sequence &+= 1
        }
    }

    private mutating func drain(into burst: inout Burst) {
        while waiting > 0, releaseExpected(into: &burst) {}
        if waiting == 0 { oldestArrival = .never }
    }

    private mutating func releaseExpected(into burst: inout Burst) -> Bool {
        guard waiting > 0 else { return false }
        let place = place(of: expected)
        guard ring[place].isOccupied else { return false }
        ring[place].isOccupied = false
        waiting -= 1
        if ring[place].isDelivered {
            ahead -= 1
            step(delivered: true)
        } else {
            deliver(ring[place].slot, into: &burst)
        }
        return true
    }

    private mutating func deliver(_ slot: Slot, into burst: inout Burst) {
        burst.deliveries.append(slot)
        step(delivered: true)
    }

    private mutating func step(delivered: Bool) {
        memory.advance(past: expected, delivered: delivered, capacity)
        expected &+= 1
    }

    // MARK: Numbers

    /// In a ring of the capacity.
    func place(of sequence: UInt32) -> Int { Int(sequence & UInt32(truncatingIfNeeded: capacity - 1)) }

    /// How far `to` is ahead of `from`, modulo 2³² (RFC 2890 §2.2).
    package static func distance(from: UInt32, to: UInt32) -> Int { Int(Int32(bitPattern: to &- from)) }
}
