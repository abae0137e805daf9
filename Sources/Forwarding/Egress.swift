// SPDX-License-Identifier: Apache-2.0
package import Wire

/// Tunnels to TUN device:
///
/// 1. the tunnel headers;
/// 2. a probe: to its path's monitor (`Egress+Probes.swift`), and that was it;
/// 3. the inner header, and the session: by key (RFC 5845 §3.3.1), or without one by the inner address;
/// 4. the path by outer addresses, and whether the inner addresses are the session's;
/// 5. the flow rule: whether it drops the packet, or has it sent more than once;
/// 6. congestion marks of the outer header (RFC 6040), the segment size of a SYN lowered;
/// 7. with a sequence number: the reorder buffer.
extension Forwarder {
    package mutating func fromTunnel(
        _ slot: Slot,
        _ arrival: TunnelArrival,
        at now: Instant,
        into burst: inout Burst
    ) {
        // Keeps an address translator's memory fresh, and says nothing.
        if slot.count == 0, arrival.isUDP { return arena.release(slot) }
        var slot = slot
        do throws(DropReason) {
            let (encapsulation, header) = try Encapsulation.strip(&slot, from: arrival.transport, in: arena)
            if header.content == .probe {
                try receiveProbe(slot, arrival, encapsulation, key: header.key, at: now, into: &burst)
            } else {
                try receive(slot, arrival, encapsulation, header, at: now, into: &burst)
            }
        } catch {
            drop(slot, error)
        }
    }

    /// What it throws leaves the slot with the caller.
    private mutating func receive(
        _ slot: Slot,
        _ arrival: TunnelArrival,
        _ encapsulation: Encapsulation,
        _ header: TunnelHeader,
        at now: Instant,
        into burst: inout Burst
    ) throws(DropReason) {
        var slot = slot
        guard let packet = arena.withBytes(slot, { InnerPacket($0) }), packet.isIPv4 == (header.content == .ipv4)
        else { throw .malformed }
        slot.count = Int32(clamping: packet.length)
        let place = try place(receiving: packet, encapsulation, key: header.key)
        guard let index = sessions.entries[place].index(of: arrival, encapsulation) else { throw .wrongOuterAddress }
        if let reason = reasonToRefuse(packet, of: place) { throw reason }
        let rule = try ruleOfReceived(packet, in: slot, of: place, at: now)
        // RFC 6040 §4.2; RFC 2983: the inner code point stays.
        guard let mark = CongestionNotification.merged(inner: packet.trafficClass, outer: arrival.trafficClass) else {
            throw .congestionMarked
        }
        CongestionNotification.set(mark, of: packet, in: slot, arena: arena)
        SegmentSizeClamp.apply(packet, in: slot, mtu: sessions.entries[place].tunnelMTU, arena: arena)
        let reason = sessions.entries[place].receive(
            slot,
            sequence: header.sequence,
            rule: rule,
            over: index,
            arrivedAt: now - arrival.waited,
            at: now,
            into: &burst,
            arena: &arena
        )
        sessions.touch(place)
        // The reorder buffer has given the slot back.
        if let reason { drops.count(reason) }
    }

    /// Both ends have the same rules: what the peer was to drop is dropped here if it did not, and copies are known
    /// for what they are.
    private mutating func ruleOfReceived(
        _ packet: InnerPacket,
        in slot: Slot,
        of place: Int,
        at now: Instant
    ) throws(DropReason) -> Int? {
        guard !sessions.entries[place].rules.isEmpty else { return nil }
        let digest = PerFlow.hash(FiveTuple(packet), seed: seed)
        let found = arena.withBytes(slot) { octets in
            classifier.classify(
                packet,
                octets,
                digest: digest,
                isUplink: role == .anchor,
                session: &sessions.entries[place],
                at: now
            )
        }
        guard let rule = found else { return nil }
        guard sessions.entries[place].rules[rule].rule.treatment != .drop else {
            sessions.entries[place].rules[rule].counters.received.drops &+= 1
            throw .policy
        }
        return rule
    }

    private func place(
        receiving packet: InnerPacket,
        _ encapsulation: Encapsulation,
        key: UInt32?
    ) throws(DropReason) -> Int {
        if let key {
            guard let place = sessions.place(receiving: key) else { throw .unknownKey }
            return place
        }
        let owned = role == .anchor ? packet.source : packet.destination
        guard Session.isForwardable(owned) else { throw .notForwardable }
        guard let place = sessions.place(owning: owned) else {
            throw role == .anchor ? .spoofedSource : .foreignDestination
        }
        // RFC 5845 §3.3.1: where a key was agreed upon, GRE without it is none of the session's.
        guard !encapsulation.hasGRE || sessions.entries[place].parameters.receiveKey == nil else { throw .unknownKey }
        return place
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
}
