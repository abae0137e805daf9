// SPDX-License-Identifier: Apache-2.0
import Wire

/// What stands between the outer IP header and the user's packet.
package enum Encapsulation: Hashable, CaseIterable, Sendable {
    /// Nothing: the outer header's protocol number tells the inner family (RFC 2473, RFC 5844 §4.1).
    case ipInIP
    /// GRE, with key where the session has one, and sequence number where one is due (RFC 2784, RFC 2890).
    case gre
    /// UDP; the first nibble tells the inner family (RFC 5844 §4.1).
    case udp
    /// UDP, TLV header (RFC 5845 §6.4).
    case udpTLV
    /// UDP, TLV header, GRE (RFC 5845 §7.2).
    case udpTLVGRE

    /// Carries keys and sequence numbers.
    package var hasGRE: Bool { self == .gre || self == .udpTLVGRE }

    /// Passes address translators.
    package var isUDP: Bool { self == .udp || self == .udpTLV || self == .udpTLVGRE }

    private var hasTLV: Bool { self == .udpTLV || self == .udpTLVGRE }

    /// Octets from the outer IP header to the inner one. GRE always counts with its sequence number, so that a
    /// session's MTU does not depend on its distribution.
    package func overhead(outerIsIPv4: Bool, hasKey: Bool) -> Int {
        let outer = outerIsIPv4 ? 20 : 40
        let udp = isUDP ? UDPHeader.length : 0
        let tlv = hasTLV ? UDPTLVHeader.length : 0
        let gre = hasGRE ? (hasKey ? 12 : 8) : 0
        return outer + udp + tlv + gre
    }

    /// Puts the headers in front of the packet, in the slot's headroom. The kernel adds outer IP (and UDP).
    /// false, and nothing done, if there is no room. Key and sequence number go where there is GRE.
    func prepend(_ header: TunnelHeader, to slot: inout Slot, in arena: borrowing PacketArena) -> Bool {
        let gre = hasGRE ? GREHeader(header) : nil
        let greLength = gre?.length ?? 0
        let length = greLength &+ (hasTLV ? UDPTLVHeader.length : 0)
        let payload = greLength &+ Int(slot.count)
        guard Int(slot.start) >= length, payload <= Int(UInt16.max) else { return false }
        let whole = Slot(index: slot.index, start: slot.start &- Int32(length), count: slot.count &+ Int32(length))
        let bytes = arena.buffer(whole)
        guard bytes.count == Int(whole.count) else { return false }
        var offset = 0
        if hasTLV {
            // RFC 5845 §6.4: Type 0, Next Header, the length of what follows this header.
            let next = gre == nil ? header.content.protocolNumber : IPProtocol.gre
            bytes.storeBytes(of: UInt16(next).bigEndian, toByteOffset: 0, as: UInt16.self)
            bytes.storeBytes(of: UInt16(payload).bigEndian, toByteOffset: 2, as: UInt16.self)
            offset = UDPTLVHeader.length
        }
        if let gre {
            bytes.storeBytes(of: gre.flags.bigEndian, toByteOffset: offset, as: UInt16.self)
            bytes.storeBytes(of: gre.protocolType.bigEndian, toByteOffset: offset &+ 2, as: UInt16.self)
            offset &+= 4
            if let key = gre.key {
                bytes.storeBytes(of: key.bigEndian, toByteOffset: offset, as: UInt32.self)
                offset &+= 4
            }
            if let sequence = gre.sequence {
                bytes.storeBytes(of: sequence.bigEndian, toByteOffset: offset, as: UInt32.self)
            }
        }
        slot = whole
        return true
    }

    /// Takes the headers off what came over the transport; tells by which encapsulation it came, and what they said.
    static func strip(
        _ slot: inout Slot,
        from transport: TunnelArrival.Transport,
        in arena: borrowing PacketArena
    ) throws(DropReason) -> (Encapsulation, TunnelHeader) {
        switch transport {
        case .gre: return (.gre, try stripGRE(&slot, in: arena))
        case .ipInIP(let isIPv4): return (.ipInIP, TunnelHeader(isIPv4 ? .ipv4 : .ipv6, taking: &slot, in: arena))
        case .udp: break
        }
        guard let first = arena.withBytes(slot, { $0.octet(at: 0) }) else { throw .malformed }
        switch first >> 4 {
        case 4: return (.udp, TunnelHeader(content: .ipv4))
        case 6: return (.udp, TunnelHeader(.ipv6, taking: &slot, in: arena))
        default: break
        }
        guard let tlv = arena.withBytes(slot, { UDPTLVHeader($0) }) else { throw .malformed }
        slot.drop(UDPTLVHeader.length)
        switch tlv.nextHeader {
        case IPProtocol.gre: return (.udpTLVGRE, try stripGRE(&slot, in: arena))
        case IPProtocol.ipv4: return (.udpTLV, TunnelHeader(content: .ipv4))
        case IPProtocol.ipv6: return (.udpTLV, TunnelHeader(.ipv6, taking: &slot, in: arena))
        default: throw .unknownProtocol
        }
    }

    private static func stripGRE(
        _ slot: inout Slot,
        in arena: borrowing PacketArena
    ) throws(DropReason) -> TunnelHeader {
        guard let header = arena.withBytes(slot, { GREHeader($0) }) else { throw .malformed }
        // RFC 2784 §2.5, RFC 7676 §2.2: never sent, but accepted; one that is there has to be right.
        if header.hasChecksum {
            var checksum = Checksum()
            arena.withBytes(slot) { checksum.add($0) }
            guard checksum.value == 0 else { throw .malformed }
        }
        guard let content = TunnelHeader.Content(protocolType: header.protocolType) else { throw .unknownProtocol }
        slot.drop(header.length)
        return TunnelHeader(content: content, key: header.key, sequence: header.sequence)
    }
}
