// SPDX-License-Identifier: Apache-2.0
package import Wire

/// One deadline for each key, the earliest first; equal ones in the order in which they were set.
///
/// A heap of four children a parent that knows where each key stands: a deadline that moves is moved, and a cancelled
/// one is gone. (What was left behind until it surfaced used to outnumber what was alive: a binding that is refreshed
/// every minute for an hour's lifetime would leave sixty.)
package struct DeadlineQueue<Key: Hashable & Sendable>: Sendable {
    private struct Entry: Sendable {
        var at: Instant
        var number: UInt64
        /// Of the key, in `keys` and `places`.
        var slot: Int

        static func < (a: Self, b: Self) -> Bool { a.at != b.at ? a.at < b.at : a.number < b.number }
    }

    private var heap: [Entry] = []
    private var slots: [Key: Int] = [:]
    /// By slot; nil where none is.
    private var keys: [Key?] = []
    /// By slot: where in the heap it stands.
    private var places: [Int] = []
    private var vacant: [Int] = []
    private var counter: UInt64 = 0

    package init() {}

    package var next: Instant? { heap.first?.at }
    package var count: Int { heap.count }

    package mutating func reserveCapacity(_ count: Int) {
        heap.reserveCapacity(count)
        slots.reserveCapacity(count)
        keys.reserveCapacity(count)
        places.reserveCapacity(count)
    }

    package mutating func set(_ key: Key, at instant: Instant) {
        counter &+= 1
        let known = slots[key]
        let slot = known ?? newSlot(for: key)
        let entry = Entry(at: instant, number: counter, slot: slot)
        if known == nil {
            heap.append(entry)
            rise(entry, from: heap.count - 1)
        } else {
            settle(entry, at: places[slot])
        }
    }

    package mutating func cancel(_ key: Key) {
        guard let slot = slots.removeValue(forKey: key) else { return }
        remove(slot)
    }

    /// The next key whose deadline has come, taken out.
    package mutating func popDue(at now: Instant) -> Key? {
        guard let first = heap.first, first.at <= now, let key = keys[first.slot] else { return nil }
        slots[key] = nil
        remove(first.slot)
        return key
    }

    private mutating func newSlot(for key: Key) -> Int {
        let slot = vacant.popLast() ?? keys.count
        if slot == keys.count {
            keys.append(key)
            places.append(0)
        } else {
            keys[slot] = key
        }
        slots[key] = slot
        return slot
    }

    /// Closes the gap with the last entry.
    private mutating func remove(_ slot: Int) {
        let place = places[slot]
        keys[slot] = nil
        vacant.append(slot)
        let last = heap.removeLast()
        if place < heap.count { settle(last, at: place) }
    }

    // MARK: The heap

    /// Puts the entry at a place that is free, or its own, and from there to where it belongs.
    private mutating func settle(_ entry: Entry, at place: Int) {
        if place > 0, entry < heap[(place - 1) / 4] {
            rise(entry, from: place)
        } else {
            sink(entry, from: place)
        }
    }

    private mutating func rise(_ entry: Entry, from start: Int) {
        var place = start
        while place > 0 {
            let parent = (place - 1) / 4
            guard entry < heap[parent] else { break }
            put(heap[parent], at: place)
            place = parent
        }
        put(entry, at: place)
    }

    private mutating func sink(_ entry: Entry, from start: Int) {
        var place = start
        while let least = leastChild(of: place), heap[least] < entry {
            put(heap[least], at: place)
            place = least
        }
        put(entry, at: place)
    }

    private func leastChild(of parent: Int) -> Int? {
        let first = 4 * parent + 1
        guard first < heap.count else { return nil }
        var least = first
        for child in first + 1..<min(first + 4, heap.count) where heap[child] < heap[least] { least = child }
        return least
    }

    private mutating func put(_ entry: Entry, at place: Int) {
        heap[place] = entry
        places[entry.slot] = place
    }
}
