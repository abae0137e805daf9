// SPDX-License-Identifier: Apache-2.0
import Wire

/// What stands between the outer IP header and the user's packet.
package enum Encapsulation: Hashable, CaseIterable, Sendable {
    /// GRE with key, and sequence number where one is due (RFC 2784, RFC 2890).
    case gre
    /// UDP, TLV header, GRE (RFC 5845 §3.3.2): through NATs.
    case udpTLVGRE

    /// Octets from the outer IP header to the inner one, always counted with key and sequence number, so that a
    /// session's MTU does not depend on its distribution.
    package func overhead(outerIsIPv4: Bool) -> Int {
        let outer = outerIsIPv4 ? 20 : 40
        switch self {
        case .gre: return outer + 12
        case .udpTLVGRE: return outer + 8 + UDPTLVHeader.length + 12
        }
    }

    /// Puts the headers in front of the packet, in the slot's headroom. The kernel adds outer IP (and UDP).
    /// false, and nothing done, if there is no room.
    func prepend(_ header: GREHeader, to slot: inout Slot, in arena: borrowing PacketArena) -> Bool {
        let greLength = header.length
        let length = greLength &+ (self == .gre ? 0 : UDPTLVHeader.length)
        let payload = greLength &+ Int(slot.count)
        guard Int(slot.start) >= length, payload <= Int(UInt16.max) else { return false }
        let whole = Slot(index: slot.index, start: slot.start &- Int32(length), count: slot.count &+ Int32(length))
        let bytes = arena.buffer(whole)
        guard bytes.count == Int(whole.count) else { return false }
        var offset = 0
        if self == .udpTLVGRE {
            // RFC 5845 §6.4: Type 0, Next Header 47, the length of what follows this header.
            bytes.storeBytes(of: (UInt16(IPProtocol.gre)).bigEndian, toByteOffset: 0, as: UInt16.self)
            bytes.storeBytes(of: UInt16(payload).bigEndian, toByteOffset: 2, as: UInt16.self)
            offset = UDPTLVHeader.length
        }
        bytes.storeBytes(of: header.flags.bigEndian, toByteOffset: offset, as: UInt16.self)
        bytes.storeBytes(of: header.protocolType.bigEndian, toByteOffset: offset &+ 2, as: UInt16.self)
        offset &+= 4
        if let key = header.key {
            bytes.storeBytes(of: key.bigEndian, toByteOffset: offset, as: UInt32.self)
            offset &+= 4
        }
        if let sequence = header.sequence {
            bytes.storeBytes(of: sequence.bigEndian, toByteOffset: offset, as: UInt32.self)
        }
        slot = whole
        return true
    }

    /// Takes the headers off the packet and returns the GRE header; nil, and nothing done, if they are malformed.
    func strip(_ slot: inout Slot, in arena: borrowing PacketArena) -> GREHeader? {
        var inner = slot
        if self == .udpTLVGRE {
            guard let tlv = arena.withBytes(slot, { UDPTLVHeader($0) }), tlv.nextHeader == IPProtocol.gre else {
                return nil
            }
            inner.start &+= Int32(UDPTLVHeader.length)
            inner.count &-= Int32(UDPTLVHeader.length)
        }
        guard let header = arena.withBytes(inner, { GREHeader($0) }) else { return nil }
        inner.start &+= Int32(header.length)
        inner.count &-= Int32(header.length)
        slot = inner
        return header
    }
}
