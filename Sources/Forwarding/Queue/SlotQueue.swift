// SPDX-License-Identifier: Apache-2.0

/// A queue of parcels in the waiting room: its ends.
struct SlotQueue: Sendable {
    /// Slots; -1: none.
    fileprivate(set) var first: Int32 = -1
    fileprivate(set) var last: Int32 = -1
    fileprivate(set) var octets = 0

    var isEmpty: Bool { first < 0 }
}

/// Everything that waits for room on a path, of all sessions: chained by slot, so that no packet costs memory.
struct WaitingRoom: Sendable {
    private struct Place: Sendable {
        var parcel: Parcel
        var next: Int32
    }

    /// By slot; taken with the first parcel.
    private var places: [Place] = []
    private(set) var count = 0
    /// Of the arena: the rest is for what comes in meanwhile.
    private let limit: Int
    private let slots: Int

    init(slots: Int) {
        self.slots = slots
        limit = slots / 2
    }

    var isFull: Bool { count >= limit }

    /// The queue has room by its own measure.
    mutating func append(_ parcel: Parcel, to queue: inout SlotQueue) {
        let place = Int(parcel.slot.index)
        if places.isEmpty { places = Array(repeating: Place(parcel: parcel, next: -1), count: slots) }
        guard places.indices.contains(place) else { return }
        places[place] = Place(parcel: parcel, next: -1)
        if queue.last >= 0 { places[Int(queue.last)].next = parcel.slot.index } else { queue.first = parcel.slot.index }
        queue.last = parcel.slot.index
        queue.octets += parcel.octets
        count += 1
    }

    mutating func popFirst(_ queue: inout SlotQueue) -> Parcel? {
        guard queue.first >= 0 else { return nil }
        let place = places[Int(queue.first)]
        queue.first = place.next
        if place.next < 0 { queue.last = -1 }
        queue.octets -= place.parcel.octets
        count -= 1
        return place.parcel
    }

    /// Octets of the first parcel; 0 if there is none.
    func next(of queue: SlotQueue) -> Int { queue.isEmpty ? 0 : places[Int(queue.first)].parcel.octets }
}
