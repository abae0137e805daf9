// SPDX-License-Identifier: Apache-2.0
package import Wire

/// Tunnels to TUN device:
///
/// 1. the tunnel headers, and by key and outer addresses the session and path (RFC 5845 §3.3.1);
/// 2. a probe: to the path's monitor, and that was it;
/// 3. the inner header, and whether its addresses are the session's;
/// 4. the segment size of a SYN lowered;
/// 5. with a sequence number: the reorder buffer.
extension Forwarder {
    package mutating func fromTunnel(
        _ slot: Slot,
        _ arrival: TunnelArrival,
        at now: Instant,
        into burst: inout Burst
    ) {
        let encapsulation: Encapsulation = arrival.transport == .gre ? .gre : .udpTLVGRE
        var slot = slot
        guard let header = encapsulation.strip(&slot, in: arena) else { return drop(slot, .malformed) }
        let tunnel = SessionTable.TunnelIdentity(
            local: arrival.local,
            remote: arrival.remote,
            encapsulation: encapsulation,
            key: header.key
        )
        guard let place = sessions.place(of: tunnel), let index = sessions.entries[place.session].index(of: place.path)
        else {
            return drop(slot, sessions.isKnown(receiveKey: header.key) ? .wrongOuterAddress : .unknownKey)
        }
        switch header.protocolType {
        case GREHeader.pathProbe:
            receiveProbe(slot, over: index, of: place.session, arrival, at: now, into: &burst)
        case GREHeader.ipv4, GREHeader.ipv6:
            if let reason = receive(slot, header, over: index, of: place.session, at: now, into: &burst) {
                drops.count(reason)
            }
        default: drop(slot, .unknownProtocol)
        }
        sessions.touch(place.session)
    }

    private mutating func receiveProbe(
        _ slot: Slot,
        over index: Int,
        of place: Int,
        _ arrival: TunnelArrival,
        at now: Instant,
        into burst: inout Burst
    ) {
        let isValid = sessions.entries[place].receiveProbe(slot, over: index, at: now, into: &burst, arena: &arena)
        guard isValid else { return drop(slot, .badProbe) }
        arena.release(slot)
        if case .udp(let port) = arrival.transport, port != 0 { sessions.entries[place].paths[index].remotePort = port }
    }

    /// nil if the packet went on; else why it did not: its slot has gone back to the arena.
    private mutating func receive(
        _ slot: Slot,
        _ header: GREHeader,
        over index: Int,
        of place: Int,
        at now: Instant,
        into burst: inout Burst
    ) -> DropReason? {
        var slot = slot
        guard let packet = arena.withBytes(slot, { InnerPacket($0) }),
            packet.isIPv4 == (header.protocolType == GREHeader.ipv4)
        else { return refuse(slot, .malformed) }
        slot.count = Int32(clamping: packet.length)
        if let reason = reasonToRefuse(packet, of: place) { return refuse(slot, reason) }
        SegmentSizeClamp.apply(packet, in: slot, mtu: sessions.entries[place].tunnelMTU, arena: arena)
        return sessions.entries[place].receive(
            slot,
            sequence: header.sequence,
            over: index,
            at: now,
            into: &burst,
            arena: &arena
        )
    }

    private func reasonToRefuse(_ packet: InnerPacket, of place: Int) -> DropReason? {
        guard Session.isForwardable(packet.source), Session.isForwardable(packet.destination) else {
            return .notForwardable
        }
        switch role {
        case .anchor:
            // RFC 5213 §5.6.2, RFC 7148 §5.2.3: only from the prefixes of the binding.
            return sessions.entries[place].owns(packet.source) ? nil : .spoofedSource
        case .gateway:
            return sessions.entries[place].owns(packet.destination) ? nil : .foreignDestination
        }
    }

    private mutating func refuse(_ slot: Slot, _ reason: DropReason) -> DropReason {
        arena.release(slot)
        return reason
    }
}
