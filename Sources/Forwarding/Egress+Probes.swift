// SPDX-License-Identifier: Apache-2.0
import Wire

/// Probes from the tunnels: which path they are of, and what follows from them.
///
/// With a key the session is known, and the Binding Identifier names the path. Without one the tag has to tell whose
/// probe it is: it is tried on the paths between these addresses and, for an address translator's sake, on others.
extension Forwarder {
    /// What it throws leaves the slot with the caller.
    mutating func receiveProbe(
        _ slot: Slot,
        _ arrival: TunnelArrival,
        _ encapsulation: Encapsulation,
        key: UInt32?,
        at now: Instant,
        into burst: inout Burst
    ) throws(DropReason) {
        let (place, index) =
            if let key {
                try path(ofProbe: slot, arrival, encapsulation, key: key)
            } else {
                try path(ofProbe: slot, arrival, encapsulation, at: now)
            }
        guard !arena.withBytes(slot, { PathSizeProbe.claims($0) }) else {
            return try receiveSizeProbe(slot, place, index, at: now, into: &burst)
        }
        let isValid = sessions.entries[place].judgeProbe(
            slot,
            over: index,
            arrivedAt: now - arrival.waited,
            at: now,
            into: &burst,
            arena: &arena
        )
        guard isValid else {
            sessions.touch(place)
            throw .badProbe
        }
        arena.release(slot)
        // The answer goes where this came from.
        if encapsulation.isUDP { follow(arrival, place, index, into: &burst) }
        sessions.entries[place].sendProbeIfDue(index, at: now, into: &burst, arena: &arena)
        sessions.entries[place].sendReportsIfDue(at: now, into: &burst, arena: &arena)
        sessions.touch(place)
    }

    /// It moves nothing: nobody looks whether it has come before.
    private mutating func receiveSizeProbe(
        _ slot: Slot,
        _ place: Int,
        _ index: Int,
        at now: Instant,
        into burst: inout Burst
    ) throws(DropReason) {
        let isValid = sessions.entries[place].judgeSizeProbe(slot, over: index, at: now, into: &burst, arena: &arena)
        sessions.touch(place)
        guard isValid else { throw .badProbe }
        arena.release(slot)
    }

    /// An address translator on the way may change its mind about address and port (RFC 5844 §4.1).
    private mutating func follow(_ arrival: TunnelArrival, _ place: Int, _ index: Int, into burst: inout Burst) {
        let path = sessions.entries[place].paths[index]
        guard path.remote != arrival.remote || path.remotePort != arrival.port else { return }
        sessions.beginChange(place)
        sessions.entries[place].move(index, to: arrival, into: &burst)
        sessions.endChange(place)
    }

    /// Only an anchor's peers move: the anchor's own address is configured at its gateways.
    private func mayMove(_ encapsulation: Encapsulation) -> Bool { encapsulation.isUDP && role == .anchor }

    private mutating func path(
        ofProbe slot: Slot,
        _ arrival: TunnelArrival,
        _ encapsulation: Encapsulation,
        key: UInt32
    ) throws(DropReason) -> (place: Int, index: Int) {
        guard let place = sessions.place(receiving: key) else { throw .unknownKey }
        let identifier = arena.withBytes(slot) { $0.octet(at: 4) }
        let paths = sessions.entries[place].paths
        let named = paths.indices.filter { paths[$0].parameters.bindingIdentifier == identifier }
        if let index = named.first(where: { sessions.entries[place].isBetween(arrival, encapsulation, $0) }) {
            return (place, index)
        }
        if mayMove(encapsulation),
            let index = named.first(where: { sessions.entries[place].isAt(arrival, encapsulation, $0) })
        {
            return (place, index)
        }
        // Of another path than the one that it names: it will be refused there.
        if let index = sessions.entries[place].index(of: arrival, encapsulation) { return (place, index) }
        throw .wrongOuterAddress
    }

    private mutating func path(
        ofProbe slot: Slot,
        _ arrival: TunnelArrival,
        _ encapsulation: Encapsulation,
        at now: Instant
    ) throws(DropReason) -> (place: Int, index: Int) {
        let ends = SessionTable.TunnelEnds(
            local: arrival.local,
            remote: arrival.remote,
            encapsulation: encapsulation
        )
        let here = sessions.unkeyedPaths(between: ends)
        for path in here {
            guard let index = candidate(slot, path, arrival, encapsulation) else { continue }
            // Many may stand behind one translator: which of them it is costs a tag each, unless the port tells.
            let isExpected = sessions.entries[path.session].paths[index].remotePort == arrival.port
            guard isExpected || probeSearch.spend(at: now) else { continue }
            if sessions.entries[path.session].isProbe(slot, of: index, arena: arena) { return (path.session, index) }
        }
        guard mayMove(encapsulation) else { throw here.isEmpty ? .wrongOuterAddress : .badProbe }
        for path in sessions.movableUnkeyedPaths {
            guard let index = candidate(slot, path, arrival, encapsulation) else { continue }
            guard probeSearch.spend(at: now) else { break }
            if sessions.entries[path.session].isProbe(slot, of: index, arena: arena) { return (path.session, index) }
        }
        throw .badProbe
    }

    /// Where the path stands in its session, if the probe names its Binding ID: that is cheaper to see than a tag.
    private func candidate(
        _ slot: Slot,
        _ path: SessionTable.PathPlace,
        _ arrival: TunnelArrival,
        _ encapsulation: Encapsulation
    ) -> Int? {
        guard let index = sessions.entries[path.session].index(of: path.path),
            sessions.entries[path.session].isAt(arrival, encapsulation, index)
        else { return nil }
        let identifier = sessions.entries[path.session].paths[index].parameters.bindingIdentifier
        return arena.withBytes(slot) { $0.octet(at: 4) } == identifier ? index : nil
    }
}
