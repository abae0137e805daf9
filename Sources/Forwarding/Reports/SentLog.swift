// SPDX-License-Identifier: Apache-2.0
import Wire

/// The numbered packets of a session that the peer has not acknowledged: which path carried them and when, and the
/// packets themselves, so that they can be sent again.
struct SentLog: Sendable {
    /// 400 Mbit/s for a quarter of a second. What is older is forgotten.
    static let capacity = 8192
    private static let smallest = 256
    /// How often a packet is sent again because it got lost.
    private static let mostRepairs: UInt8 = 3

    enum State: Sendable {
        /// Acknowledged or given up.
        case settled
        case underway
        /// To be sent again.
        case waiting
    }

    struct Entry: Sendable {
        var path: PathNumber
        var sentAt: Instant
        /// Nobody's where the packet was not kept.
        var slot: Slot
        /// Place of the flow rule; -1: none.
        var rule: Int32
        var state: State
        var repairs: UInt8

        var isKept: Bool { slot.index >= 0 }

        static let none = Entry(
            path: PathNumber(rawValue: -1),
            sentAt: .zero,
            slot: Slot(index: -1, start: 0, count: 0),
            rule: -1,
            state: .settled,
            repairs: 0
        )
    }

    /// What a report means for the packets of one path.
    struct Fate: Sendable {
        var path: PathNumber
        /// What left before and is missing is lost.
        var horizon: Instant
        var decided = 0
        var lost = 0
        /// Departure of the oldest that is under way.
        var oldest: Instant?
    }

    /// A power of two, or none: as many as there were at a time.
    private var entries: [Entry] = []
    private(set) var oldest: UInt32 = 0
    private(set) var count = 0
    /// To be sent again, in order.
    private(set) var repairs = NumberQueue()

    var isEmpty: Bool { count == 0 }
    var hasRepairs: Bool { repairs.first != nil }
    /// Packets in its hands.
    private(set) var kept = 0

    private var next: UInt32 { oldest &+ UInt32(truncatingIfNeeded: count) }

    private func place(of number: UInt32) -> Int { Int(number) & (entries.count - 1) }

    private func holds(_ number: UInt32) -> Bool {
        count > 0 && (0..<count).contains(ReorderBuffer.distance(from: oldest, to: number))
    }

    /// nil: it has been settled long ago, or was never sent.
    subscript(number: UInt32) -> Entry? { holds(number) ? entries[place(of: number)] : nil }

    // MARK: Sending

    /// The packet left with this number. `isKept`: it may be sent again.
    mutating func record(
        _ number: UInt32,
        _ slot: Slot,
        over path: PathNumber,
        rule: Int?,
        isKept: Bool,
        at now: Instant,
        arena: inout PacketArena
    ) {
        // Numbers follow one another, but where a number space begins.
        if count > 0, number != next { clear(arena: &arena) }
        if count == 0 { oldest = number }
        if count == Self.capacity { dropOldest(arena: &arena) }
        if count == entries.count { grow() }
        var entry = Entry.none
        entry.path = path
        entry.sentAt = now
        entry.state = .underway
        entry.rule = rule.map { Int32(truncatingIfNeeded: $0) } ?? -1
        if isKept, arena.keep(slot) {
            entry.slot = slot
            kept += 1
        }
        entries[place(of: number)] = entry
        count += 1
    }

    private mutating func grow() {
        let old = self
        entries = Array(repeating: .none, count: max(Self.smallest, old.entries.count * 2))
        for step in 0..<count {
            let number = oldest &+ UInt32(truncatingIfNeeded: step)
            entries[place(of: number)] = old.entries[old.place(of: number)]
        }
    }

    // MARK: What became of them

    /// By a report: `expected` is the first number missing, and `runs` say what is missing and there from then on.
    /// Whatever is missing and left before its path's horizon is lost.
    mutating func settle(_ report: PathReport, _ fates: inout [Fate], arena: inout PacketArena) {
        let expected = report.expectedNumber
        let before = ReorderBuffer.distance(from: oldest, to: expected)
        guard count > 0, before <= count, before > -Self.capacity else { return }
        for step in 0..<max(0, before) { arrived(oldest &+ UInt32(truncatingIfNeeded: step), &fates, arena: &arena) }
        var number = expected
        for (index, run) in report.runs.enumerated() {
            for _ in 0..<run {
                guard holds(number) else {
                    number &+= 1
                    continue
                }
                if index % 2 == 0 {
                    missing(number, &fates, arena: &arena)
                } else {
                    arrived(number, &fates, arena: &arena)
                }
                number &+= 1
            }
        }
        while !report.isCut, holds(number) {
            missing(number, &fates, arena: &arena)
            number &+= 1
        }
        forgetSettled()
    }

    private mutating func arrived(_ number: UInt32, _ fates: inout [Fate], arena: inout PacketArena) {
        let place = place(of: number)
        guard entries[place].state != .settled else { return }
        if entries[place].state == .underway, let fate = fates.firstIndex(where: { $0.path == entries[place].path }) {
            fates[fate].decided += 1
        }
        settle(place, arena: &arena)
    }

    private mutating func missing(_ number: UInt32, _ fates: inout [Fate], arena: inout PacketArena) {
        let place = place(of: number)
        guard entries[place].state == .underway else { return }
        guard let fate = fates.firstIndex(where: { $0.path == entries[place].path }) else { return }
        let sentAt = entries[place].sentAt
        guard sentAt < fates[fate].horizon else {
            fates[fate].oldest = min(fates[fate].oldest ?? .never, sentAt)
            return
        }
        fates[fate].decided += 1
        fates[fate].lost += 1
        guard entries[place].isKept, entries[place].repairs < Self.mostRepairs else {
            return settle(place, arena: &arena)
        }
        entries[place].state = .waiting
        repairs.append(number)
    }

    private mutating func settle(_ place: Int, arena: inout PacketArena) {
        if entries[place].isKept {
            arena.letGo(entries[place].slot)
            kept -= 1
        }
        entries[place] = .none
    }

    private mutating func forgetSettled() {
        while count > 0, entries[place(of: oldest)].state == .settled {
            oldest &+= 1
            count -= 1
        }
    }

    private mutating func dropOldest(arena: inout PacketArena) {
        settle(place(of: oldest), arena: &arena)
        oldest &+= 1
        count -= 1
    }

    /// What left before then, nobody will speak of any more.
    mutating func forget(before then: Instant, arena: inout PacketArena) {
        while count > 0 {
            let entry = entries[place(of: oldest)]
            guard entry.state == .settled || entry.sentAt < then else { return }
            dropOldest(arena: &arena)
        }
    }

    mutating func clear(arena: inout PacketArena) {
        while count > 0 { dropOldest(arena: &arena) }
        repairs.removeAll()
    }

    // MARK: Again

    /// Everything that is under way on the path is to be sent over others, too.
    mutating func abandon(_ path: PathNumber) {
        for step in 0..<count {
            let number = oldest &+ UInt32(truncatingIfNeeded: step)
            let place = place(of: number)
            guard entries[place].path == path, entries[place].state == .underway, entries[place].isKept else {
                continue
            }
            entries[place].state = .waiting
            repairs.append(number)
        }
    }

    /// The next one to be sent again; nil: none.
    mutating func nextRepair() -> (number: UInt32, entry: Entry)? {
        while let number = repairs.first {
            if let entry = self[number], entry.state == .waiting { return (number, entry) }
            repairs.removeFirst()
        }
        return nil
    }

    /// The first of them has been sent over the path.
    mutating func repaired(over path: PathNumber, at now: Instant) {
        guard let number = repairs.first, holds(number) else { return }
        repairs.removeFirst()
        let place = place(of: number)
        entries[place].path = path
        entries[place].sentAt = now
        entries[place].state = .underway
        entries[place].repairs += 1
    }
}
