// SPDX-License-Identifier: Apache-2.0
package import Wire

/// TUN device to tunnels:
///
/// 1. the inner header, and whether such a packet is carried at all;
/// 2. the session: by source at the gateway, by destination at the anchor;
/// 3. the size: Packet Too Big back to the host, or the segment size of a SYN lowered;
/// 4. the flow rule, and with it the path or paths (`Policy/Forwarder+Dispatch.swift`);
/// 5. encapsulation.
extension Forwarder {
    package mutating func fromTUN(_ slot: Slot, at now: Instant, into burst: inout Burst) {
        guard let packet = arena.withBytes(slot, { InnerPacket($0) }) else { return drop(slot, .malformed) }
        var slot = slot
        slot.count = Int32(clamping: packet.length)
        guard Session.isForwardable(packet.source), Session.isForwardable(packet.destination) else {
            return drop(slot, .notForwardable)
        }
        guard !isRedirect(packet, in: slot) else { return drop(slot, .notForwardable) }
        // RFC 5213 §6.10.5: the gateway tunnels only what comes from the mobile node's prefixes.
        let owned = role == .gateway ? packet.source : packet.destination
        guard let place = sessions.place(owning: owned) else { return drop(slot, .noSession) }
        let mtu = sessions.entries[place].tunnelMTU
        guard !TooBig.isTooBig(packet, mtu: mtu) else {
            if let answer = tooBig.answer(packet, in: slot, mtu: mtu, at: now, arena: &arena) {
                burst.answers.append(answer)
            }
            return drop(slot, .tooBig)
        }
        SegmentSizeClamp.apply(packet, in: slot, mtu: mtu, arena: arena)
        let key = FlowTable.Key(session: sessions.entries[place].number, tuple: FiveTuple(packet), seed: seed)
        let rule = ruleOfSent(packet, in: slot, key, of: place, at: now)
        send(slot, packet, key, rule: rule, of: place, at: now, into: &burst)
        sessions.touch(place)
    }

    mutating func ruleOfSent(
        _ packet: InnerPacket,
        in slot: Slot,
        _ key: FlowTable.Key,
        of place: Int,
        at now: Instant
    ) -> Int? {
        guard !sessions.entries[place].rules.isEmpty else { return nil }
        return arena.withBytes(slot) { octets in
            classifier.classify(
                packet,
                octets,
                digest: key.digest,
                isUplink: role == .gateway,
                session: &sessions.entries[place],
                at: now
            )
        }
    }

    /// RFC 1122 §3.2.2.2: a redirect names a nearer router on the host's own link, which nothing beyond a tunnel knows. The
    /// kernel makes them of packets from site to site, in and out by one device, unless it is told not to for all devices
    /// at once. Those of IPv6 come from link-local addresses and never get here.
    private func isRedirect(_ packet: InnerPacket, in slot: Slot) -> Bool {
        guard packet.isIPv4, packet.protocolNumber == IPProtocol.icmp, let offset = packet.transportOffset else {
            return false
        }
        return arena.withBytes(slot) { $0.octet(at: offset) } == 5
    }
}
