// SPDX-License-Identifier: Apache-2.0
import Wire

/// The packets without numbers that left over a path lately. Nobody can ask for one of them, and a call or a question misses each; so
/// they go over another path as well when theirs takes nothing any more.
struct PlainLog: Sendable {
    struct Entry: Sendable {
        var slot: Slot
        var sentAt: Instant
        /// Place of the flow rule; -1: none.
        var rule: Int32
    }

    private static let capacity = 32

    /// In order of time.
    private var entries: [Entry] = []

    var count: Int { entries.count }

    mutating func record(_ entry: Entry, arena: inout PacketArena) {
        if entries.count == Self.capacity { dropFirst(arena: &arena) }
        if entries.isEmpty { entries.reserveCapacity(Self.capacity) }
        guard arena.keep(entry.slot) else { return }
        entries.append(entry)
    }

    private mutating func dropFirst(arena: inout PacketArena) { arena.letGo(entries.removeFirst().slot) }

    /// What left before then has arrived, or does not matter any more.
    mutating func forget(before then: Instant, arena: inout PacketArena) {
        while let first = entries.first, first.sentAt < then { dropFirst(arena: &arena) }
    }

    /// They are the caller's.
    mutating func take() -> [Entry] {
        defer { entries.removeAll(keepingCapacity: true) }
        return entries
    }
}
