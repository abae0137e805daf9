// SPDX-License-Identifier: Apache-2.0
package import Wire

/// One deadline for each key, the earliest first; equal ones in the order in which they were set.
///
/// A binary heap in which a changed or cancelled deadline stays behind as a stale entry, skipped when it surfaces.
package struct DeadlineQueue<Key: Hashable & Sendable>: Sendable {
    private struct Entry: Sendable {
        var at: Instant
        var number: UInt64
        var key: Key

        static func < (a: Self, b: Self) -> Bool { a.at != b.at ? a.at < b.at : a.number < b.number }
    }

    private var heap: [Entry] = []
    private var current: [Key: UInt64] = [:]
    private var counter: UInt64 = 0

    package init() {}

    package var next: Instant? { heap.first?.at }
    package var count: Int { current.count }

    package mutating func set(_ key: Key, at instant: Instant) {
        counter &+= 1
        current[key] = counter
        heap.append(Entry(at: instant, number: counter, key: key))
        rise(heap.count - 1)
        dropStale()
    }

    package mutating func cancel(_ key: Key) {
        current[key] = nil
        dropStale()
    }

    /// The next key whose deadline has come, taken out.
    package mutating func popDue(at now: Instant) -> Key? {
        guard let first = heap.first, first.at <= now else { return nil }
        current[first.key] = nil
        dropStale()
        return first.key
    }

    /// Keeps the first entry a living one, so that `next` is right.
    private mutating func dropStale() {
        while let first = heap.first, current[first.key] != first.number { removeFirst() }
    }

    private mutating func removeFirst() {
        let last = heap.removeLast()
        guard !heap.isEmpty else { return }
        heap[0] = last
        sink(0)
    }

    private mutating func rise(_ start: Int) {
        var child = start
        while child > 0 {
            let parent = (child - 1) / 2
            guard heap[child] < heap[parent] else { return }
            heap.swapAt(child, parent)
            child = parent
        }
    }

    private mutating func sink(_ start: Int) {
        var parent = start
        while true {
            var least = parent
            for child in [2 * parent + 1, 2 * parent + 2] where child < heap.count && heap[child] < heap[least] {
                least = child
            }
            guard least != parent else { return }
            heap.swapAt(parent, least)
            parent = least
        }
    }
}
