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
        var packets: UInt64 = 0
        var octets: UInt64 = 0
        var lastSeen: Instant
        /// Neighbours in the list by last use; -1 at its ends.
        var newer = -1
        var older = -1
    }

    private let capacity: Int
    private var places: [Key: Int] = [:]
    private var entries: [Entry] = []
    private var newest = -1
    private var oldest = -1

    package init(capacity: Int = FlowTable.capacity) { self.capacity = max(1, capacity) }

    package var count: Int { places.count }

    /// The path that the flow took last; nil if the flow is new.
    package func path(of key: Key, at now: Instant) -> PathNumber? {
        guard let place = places[key], now - entries[place].lastSeen < Self.idleTime else { return nil }
        return entries[place].path
    }

    /// The flow sent a packet of `octets` over the path.
    package mutating func note(_ key: Key, path: PathNumber, octets: Int, at now: Instant) {
        let place: Int
        if let known = places[key] {
            place = known
            unlink(place)
            if now - entries[place].lastSeen >= Self.idleTime {
                entries[place].packets = 0
                entries[place].octets = 0
            }
        } else {
            place = vacate()
            let fresh = Entry(key: key, path: path, lastSeen: now)
            if place == entries.count { entries.append(fresh) } else { entries[place] = fresh }
            places[key] = place
        }
        entries[place].path = path
        entries[place].packets &+= 1
        entries[place].octets &+= UInt64(clamping: octets)
        entries[place].lastSeen = now
        link(place)
    }

    /// The newest first, at most `limit`; those quiet for too long are left out.
    package func snapshots(limit: Int, at now: Instant) -> [FlowSnapshot] {
        var snapshots: [FlowSnapshot] = []
        var place = newest
        while place >= 0, snapshots.count < limit {
            let entry = entries[place]
            guard now - entry.lastSeen < Self.idleTime else { break }
            snapshots.append(
                FlowSnapshot(
                    session: entry.key.session,
                    tuple: entry.key.tuple,
                    path: entry.path,
                    packets: entry.packets,
                    octets: entry.octets,
                    lastSeen: entry.lastSeen
                )
            )
            place = entry.older
        }
        return snapshots
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
