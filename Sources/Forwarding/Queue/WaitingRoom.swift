// SPDX-License-Identifier: Apache-2.0
import Wire

/// Everything that waits for room on a path, of all sessions: parcels chained by slot, and the flows that they are of, so
/// that no packet costs memory.
///
/// Within a queue flows take turns by octets (RFC 8290 §4 in spirit): a flow delays itself and not the others.
struct WaitingRoom: Sendable {
    private struct Place: Sendable {
        var parcel: Parcel
        var next: Int32
    }

    /// What waits of a flow in one queue. It is forgotten with its last packet.
    private struct Flow: Sendable {
        var digest: UInt64 = 0
        var queue: UInt32 = 0
        var first: Int32 = -1
        var last: Int32 = -1
        var packets = 0
        var octets = 0
        /// What it may send before it is the next one's turn.
        var credit = 0
        var control = DelayControl()
        /// In the queue's ring, or of the vacant ones.
        var next: Int32 = -1
        /// Under the same hash.
        var sibling: Int32 = -1
    }

    /// What a flow may send in one turn.
    private static let quantum = 1500
    /// How many flows are looked at to find a long one.
    private static let longestSearch = 64

    /// By slot; taken with the first parcel.
    private var places: [Place] = []
    /// As many as there may be parcels.
    private var flows: [Flow] = []
    private var vacant: Int32 = -1
    /// Flows by hash.
    private var heads: [Int32] = []
    private var lastIdentity: UInt32 = 0
    private(set) var count = 0
    /// Of the arena: the rest is for what comes in meanwhile.
    private let limit: Int
    private let slots: Int

    init(slots: Int) {
        self.slots = slots
        limit = slots / 2
    }

    var isFull: Bool { count >= limit }

    // MARK: In

    /// The queue has room by its own measure.
    mutating func append(_ parcel: Parcel, to queue: inout SlotQueue) {
        let place = Int(parcel.slot.index)
        if places.isEmpty { open(with: parcel) }
        guard places.indices.contains(place), let flow = flow(of: parcel, in: &queue) else { return }
        places[place] = Place(parcel: parcel, next: -1)
        let last = flows[flow].last
        if last >= 0 { places[Int(last)].next = parcel.slot.index } else { flows[flow].first = parcel.slot.index }
        flows[flow].last = parcel.slot.index
        flows[flow].packets += 1
        flows[flow].octets += parcel.octets
        queue.octets += parcel.octets
        count += 1
    }

    private mutating func open(with parcel: Parcel) {
        places = Array(repeating: Place(parcel: parcel, next: -1), count: slots)
        flows = Array(repeating: Flow(), count: max(1, limit))
        heads = Array(repeating: -1, count: flows.count)
        for index in flows.indices.reversed() {
            flows[index].next = vacant
            vacant = Int32(index)
        }
    }

    private func head(of digest: UInt64) -> Int { Int(truncatingIfNeeded: digest % UInt64(heads.count)) }

    /// The parcel's flow in the queue, at whose end it stands if it is new.
    private mutating func flow(of parcel: Parcel, in queue: inout SlotQueue) -> Int? {
        if queue.identity == 0 {
            lastIdentity = lastIdentity == .max ? 1 : lastIdentity + 1
            queue.identity = lastIdentity
        }
        let digest = parcel.key.digest
        let head = head(of: digest)
        var known = heads[head]
        while known >= 0 {
            if flows[Int(known)].digest == digest, flows[Int(known)].queue == queue.identity { return Int(known) }
            known = flows[Int(known)].sibling
        }
        guard vacant >= 0 else { return nil }
        let fresh = vacant
        let place = Int(fresh)
        vacant = flows[place].next
        flows[place] = Flow(digest: digest, queue: queue.identity, credit: Self.quantum, sibling: heads[head])
        heads[head] = fresh
        link(fresh, to: &queue)
        return place
    }

    private mutating func link(_ flow: Int32, to queue: inout SlotQueue) {
        flows[Int(flow)].next = -1
        if queue.last >= 0 { flows[Int(queue.last)].next = flow } else { queue.first = flow }
        queue.last = flow
    }

    // MARK: Out

    mutating func popFirst(_ queue: inout SlotQueue) -> Parcel? {
        guard queue.first >= 0 else { return nil }
        let flow = Int(queue.first)
        guard let parcel = pop(flow, of: &queue) else { return nil }
        flows[flow].credit -= parcel.octets
        guard flows[flow].packets == 0 || flows[flow].credit <= 0 else { return parcel }
        flows[flow].credit += Self.quantum
        queue.first = flows[flow].next
        if queue.first < 0 { queue.last = -1 }
        if flows[flow].packets > 0 { link(Int32(flow), to: &queue) } else { forget(flow) }
        return parcel
    }

    /// The same, and whether it has to pay for how long its flow waits.
    mutating func popFirst(_ queue: inout SlotQueue, _ terms: DelayControl.Terms, at now: Instant)
        -> (parcel: Parcel, isSignal: Bool)?
    {
        guard queue.first >= 0 else { return nil }
        let flow = Int(queue.first)
        let since = places[Int(flows[flow].first)].parcel.waitsSince
        // One that leaves nobody behind is not what is wrong.
        let isSignal = flows[flow].control.signals(
            waited: now - since,
            behind: flows[flow].packets - 1,
            terms,
            at: now
        )
        return popFirst(&queue).map { ($0, isSignal) }
    }

    private mutating func pop(_ flow: Int, of queue: inout SlotQueue) -> Parcel? {
        guard flows[flow].first >= 0 else { return nil }
        let place = places[Int(flows[flow].first)]
        flows[flow].first = place.next
        if place.next < 0 { flows[flow].last = -1 }
        flows[flow].packets -= 1
        flows[flow].octets -= place.parcel.octets
        queue.octets -= place.parcel.octets
        count -= 1
        return place.parcel
    }

    /// What has waited longest of a flow that has much more in the queue than the one of the parcel; nil: there is none.
    mutating func evict(from queue: inout SlotQueue, for parcel: Parcel) -> Parcel? {
        var longest = -1
        var own = 0
        var flow = queue.first
        for _ in 0..<Self.longestSearch {
            guard flow >= 0 else { break }
            let place = Int(flow)
            if flows[place].digest == parcel.key.digest { own = flows[place].octets }
            if longest < 0 || flows[place].octets > flows[longest].octets { longest = place }
            flow = flows[place].next
        }
        guard longest >= 0, flows[longest].packets > 1, flows[longest].octets > own + 2 * Self.quantum else {
            return nil
        }
        return pop(longest, of: &queue)
    }

    /// It has nothing left, and stands in no queue.
    private mutating func forget(_ flow: Int) {
        let head = head(of: flows[flow].digest)
        if heads[head] == Int32(flow) {
            heads[head] = flows[flow].sibling
        } else {
            var before = heads[head]
            while before >= 0, flows[Int(before)].sibling != Int32(flow) { before = flows[Int(before)].sibling }
            if before >= 0 { flows[Int(before)].sibling = flows[flow].sibling }
        }
        flows[flow].next = vacant
        vacant = Int32(flow)
    }

    // MARK: Looking

    /// Octets of the first parcel; 0 if there is none.
    func next(of queue: SlotQueue) -> Int {
        first(of: queue).map { places[$0].parcel.octets } ?? 0
    }

    /// What the first parcel must not overtake, and since when it waits.
    func predecessor(of queue: SlotQueue) -> (path: PathNumber, arrives: Instant, waitsSince: Instant)? {
        guard let place = first(of: queue), let last = places[place].parcel.predecessor else { return nil }
        return (last.path, last.arrives, places[place].parcel.waitsSince)
    }

    private func first(of queue: SlotQueue) -> Int? {
        guard queue.first >= 0, flows[Int(queue.first)].first >= 0 else { return nil }
        return Int(flows[Int(queue.first)].first)
    }
}
