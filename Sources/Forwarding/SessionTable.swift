// SPDX-License-Identifier: Apache-2.0
import Wire

/// All sessions, and the ways to find one: by number, by inner address, and by what a tunnel packet shows.
struct SessionTable: Sendable {
    /// The ends of a tunnel. Not its name: all mobile nodes of a gateway share them, and behind an address translator
    /// all gateways.
    struct TunnelEnds: Hashable, Sendable {
        var local: IPAddress
        var remote: IPAddress
        var encapsulation: Encapsulation
    }

    /// Where a path stands.
    struct PathPlace: Sendable {
        var session: Int
        var path: PathNumber
    }

    /// At stable places, of which the vacant ones hold a session that nothing leads to. Not optionals: reading a
    /// field through one copies the whole session.
    var entries: [Session] = []
    /// By place: when the session wants to be woken, or earlier. Apart, so that looking for who is due is cheap.
    private(set) var deadlines = EarliestDeadlines()
    private var vacant: [Int] = []
    private var places: [SessionNumber: Int] = [:]
    private var paths: [PathNumber: PathPlace] = [:]
    /// By the key of what the session receives (RFC 5845 §3.3.1).
    private var keys: [UInt32: Int] = [:]
    /// Paths whose probes carry no key.
    private var unkeyed: [TunnelEnds: [PathPlace]] = [:]
    private var prefixes: [IPPrefix: Int] = [:]
    /// Lengths in use with how many prefixes have them, longest first.
    private var lengths4: [(length: Int, count: Int)] = []
    private var lengths6: [(length: Int, count: Int)] = []

    /// In order of their numbers.
    var snapshots: [SessionSnapshot] {
        places.sorted { $0.key.rawValue < $1.key.rawValue }.map { entries[$0.value].snapshot }
    }

    // MARK: Finding

    func place(of number: SessionNumber) -> Int? { places[number] }

    func place(of path: PathNumber) -> PathPlace? { paths[path] }

    func place(receiving key: UInt32) -> Int? { keys[key] }

    /// The paths between these ends whose probes carry no key.
    func unkeyedPaths(between ends: TunnelEnds) -> [PathPlace] { unkeyed[ends] ?? [] }

    /// All paths that an address translator may move, and whose probes carry no key.
    var movableUnkeyedPaths: some Sequence<PathPlace> {
        unkeyed.lazy.filter { $0.key.encapsulation.isUDP }.flatMap(\.value)
    }

    /// The session with the longest prefix that the address is in.
    func place(owning address: IPAddress) -> Int? {
        for (length, _) in address.isIPv4 ? lengths4 : lengths6 {
            if let prefix = IPPrefix(address, length: length), let place = prefixes[prefix] { return place }
        }
        return nil
    }

    // MARK: Changing

    /// The session at the place was changed, but not its prefixes, keys and paths.
    mutating func touch(_ place: Int) {
        deadlines[place] = entries[place].nextDeadline
    }

    /// Takes the session at the place out of all indexes, so that its prefixes, keys and paths may be changed.
    mutating func beginChange(_ place: Int) { unindex(place) }

    mutating func endChange(_ place: Int) {
        touch(place)
        index(place)
    }

    mutating func insert(_ session: Session) {
        let place = vacant.popLast() ?? entries.count
        if place == entries.count {
            entries.append(session)
            deadlines.append(.never)
        } else {
            entries[place] = session
        }
        places[session.number] = place
        deadlines[place] = entries[place].nextDeadline
        index(place)
    }

    /// The session holds no slots any more.
    mutating func remove(_ place: Int) {
        unindex(place)
        places[entries[place].number] = nil
        entries[place] = .vacant
        deadlines[place] = .never
        vacant.append(place)
    }

    private mutating func index(_ place: Int) {
        let session = entries[place]
        for prefix in session.parameters.prefixes where prefixes.updateValue(place, forKey: prefix) == nil {
            adjust(prefix, by: 1)
        }
        for path in session.paths {
            let here = PathPlace(session: place, path: path.number)
            paths[path.number] = here
            if let ends = unkeyedEnds(of: path, in: session) { unkeyed[ends, default: []].append(here) }
        }
        if let key = session.parameters.receiveKey { keys[key] = place }
    }

    private mutating func unindex(_ place: Int) {
        let session = entries[place]
        // Another session may have been given the same prefix or key meanwhile: that entry is not ours.
        for prefix in session.parameters.prefixes where prefixes[prefix] == place {
            prefixes[prefix] = nil
            adjust(prefix, by: -1)
        }
        for path in session.paths {
            if paths[path.number]?.session == place { paths[path.number] = nil }
            guard let ends = unkeyedEnds(of: path, in: session) else { continue }
            unkeyed[ends]?.removeAll { $0.session == place }
            if unkeyed[ends]?.isEmpty == true { unkeyed[ends] = nil }
        }
        if let key = session.parameters.receiveKey, keys[key] == place { keys[key] = nil }
    }

    private func unkeyedEnds(of path: Path, in session: Session) -> TunnelEnds? {
        let isKeyed = path.parameters.encapsulation.hasGRE && session.parameters.receiveKey != nil
        guard !isKeyed, path.parameters.probeKey != nil else { return nil }
        return TunnelEnds(
            local: path.parameters.local,
            remote: path.remote,
            encapsulation: path.parameters.encapsulation
        )
    }

    private mutating func adjust(_ prefix: IPPrefix, by change: Int) {
        var lengths = prefix.isIPv4 ? lengths4 : lengths6
        let length = Int(prefix.length)
        if let index = lengths.firstIndex(where: { $0.length == length }) {
            lengths[index].count += change
            if lengths[index].count <= 0 { lengths.remove(at: index) }
        } else if change > 0 {
            let index = lengths.firstIndex { $0.length < length } ?? lengths.endIndex
            lengths.insert((length, change), at: index)
        }
        if prefix.isIPv4 { lengths4 = lengths } else { lengths6 = lengths }
    }
}
