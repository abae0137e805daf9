// SPDX-License-Identifier: Apache-2.0
package import Wire

/// The flows that were sent lately, each with its path, so that a flow stays where it is until it has to move.
///
/// Bounded: the flow that was quiet for longest makes room. All memory is taken when the first flow comes.
package struct FlowTable: Sendable {
    /// Flows remembered.
    package static let capacity = 16_384
    /// A flow that was quiet for longer is a new one.
    package static let idleTime = Duration.seconds(60)

    package struct Key: Hashable, Sendable {
        let session: SessionNumber
        let tuple: FiveTuple
        /// Seeded, so that nobody outside can make flows collide; made once for the table and the choice of a path.
        let digest: UInt64

        package init(session: SessionNumber, tuple: FiveTuple, seed: UInt64) {
            self.session = session
            self.tuple = tuple
            digest = PerFlow.hash(tuple, seed: seed)
        }

        package func hash(into hasher: inout Hasher) { hasher.combine(digest) }
    }

    private struct Entry: Sendable {
        var key: Key
        var path: PathNumber
        var rule: UInt16?
        var reason: FlowReason
        var packets: UInt64 = 0
        var octets: UInt64 = 0
        var memory: FlowMemory
        /// Neighbours in the list by last use; -1 at its ends.
        var newer = -1
        var older = -1
    }

    private let capacity: Int
    private var places: [Key: Int] = [:]
    private var entries: [Entry] = []
    private var newest = -1
    private var oldest = -1
    /// The place that was asked for last: a packet asks before it is sent and notes after it, and bulk comes in rows.
    private var latest = 0

    package init(capacity: Int = FlowTable.capacity) { self.capacity = max(1, capacity) }

    package var count: Int { places.count }

    /// What is remembered of the flow; nil if it is new.
    package mutating func memory(of key: Key, at now: Instant) -> FlowMemory? {
        guard let place = place(of: key), now - entries[place].memory.lastSeen < Self.idleTime else { return nil }
        return entries[place].memory
    }

    /// What became of a packet.
    package struct Step: Sendable {
        package var path: PathNumber
        /// nil: was counted before.
        package var octets: Int?
        /// FID.
        package var rule: UInt16?
        package var reason: FlowReason

        package init(path: PathNumber, octets: Int?, rule: UInt16? = nil, reason: FlowReason = .onePathPerFlow) {
            self.path = path
            self.octets = octets
            self.rule = rule
            self.reason = reason
        }
    }

    /// The flow sent a packet.
    package mutating func note(_ key: Key, _ step: Step, _ memory: FlowMemory, at now: Instant) {
        let place: Int
        if let known = self.place(of: key) {
            place = known
            unlink(place)
            if now - entries[place].memory.lastSeen >= Self.idleTime {
                entries[place].packets = 0
                entries[place].octets = 0
            }
        } else {
            place = vacate()
            let fresh = Entry(key: key, path: step.path, rule: step.rule, reason: step.reason, memory: memory)
            if place == entries.count { entries.append(fresh) } else { entries[place] = fresh }
            places[key] = place
        }
        entries[place].path = step.path
        entries[place].rule = step.rule
        entries[place].reason = step.reason
        if let octets = step.octets {
            entries[place].packets &+= 1
            entries[place].octets &+= UInt64(clamping: octets)
        }
        entries[place].memory = memory
        entries[place].memory.lastSeen = now
        link(place)
    }

    /// Which path a packet took that had waited for one.
    package mutating func correct(_ key: Key, path: PathNumber) {
        if let place = place(of: key) { entries[place].path = path }
    }

    /// The newest first, at most `limit`; those quiet for too long are left out.
    package func snapshots(limit: Int, at now: Instant) -> [FlowSnapshot] {
        var snapshots: [FlowSnapshot] = []
        var place = newest
        while place >= 0, snapshots.count < limit {
            let entry = entries[place]
            guard now - entry.memory.lastSeen < Self.idleTime else { break }
            snapshots.append(
                FlowSnapshot(
                    session: entry.key.session,
                    tuple: entry.key.tuple,
                    path: entry.path,
                    packets: entry.packets,
                    octets: entry.octets,
                    lastSeen: entry.memory.lastSeen,
                    rule: entry.rule,
                    reason: entry.reason
                )
            )
            place = entry.older
        }
        return snapshots
    }

    private mutating func place(of key: Key) -> Int? {
        if latest < entries.count, entries[latest].key == key { return latest }
        guard let place = places[key] else { return nil }
        latest = place
        return place
    }

    private mutating func vacate() -> Int {
        if entries.isEmpty {
            entries.reserveCapacity(capacity)
            places.reserveCapacity(capacity)
        }
        guard entries.count >= capacity, oldest >= 0 else { return entries.count }
        let place = oldest
        unlink(place)
        places[entries[place].key] = nil
        return place
    }

    private mutating func link(_ place: Int) {
        entries[place].newer = -1
        entries[place].older = newest
        if newest >= 0 { entries[newest].newer = place }
        newest = place
        if oldest < 0 { oldest = place }
    }

    private mutating func unlink(_ place: Int) {
        let (newer, older) = (entries[place].newer, entries[place].older)
        if newer >= 0 { entries[newer].older = older } else { newest = older }
        if older >= 0 { entries[older].newer = newer } else { oldest = newer }
    }
}
