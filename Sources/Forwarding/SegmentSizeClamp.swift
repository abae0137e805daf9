// SPDX-License-Identifier: Apache-2.0
import Wire

/// Lowers the maximum segment size that TCP ends offer each other (RFC 9293 §3.7.1) to what the tunnel carries, so
/// that hosts which never see a Packet Too Big do well, too.
enum SegmentSizeClamp {
    /// A smaller one is never written, whatever the MTU.
    private static let least = 64

    /// Changes the option in place in a SYN; all else, and what is malformed, stays as it is.
    static func apply(_ packet: InnerPacket, in slot: Slot, mtu: Int, arena: borrowing PacketArena) {
        guard packet.protocolNumber == IPProtocol.tcp, !packet.isFragment, let tcp = packet.transportOffset else {
            return
        }
        let headers = packet.isIPv4 ? 40 : 60
        let limit = UInt16(clamping: max(least, mtu &- headers))
        let found = arena.withBytes(slot) { octets -> Found? in
            // |Data Offset (4)| Reserved (4)|CWR ECE URG ACK PSH RST SYN FIN|
            guard let flags = octets.octet(at: tcp &+ 13), flags & 0x02 != 0 else { return nil }
            return find(in: octets, tcp: tcp, end: packet.length)
        }
        guard let found, found.size > limit else { return }
        // RFC 1624 §3: HC' = ~(~HC + ~m + m'). A field at an odd offset counts with its octets swapped.
        let isOdd = (found.offset &- tcp) % 2 != 0
        let old = isOdd ? found.size.byteSwapped : found.size
        let new = isOdd ? limit.byteSwapped : limit
        var sum = UInt32(~found.checksum) &+ UInt32(~old) &+ UInt32(new)
        while sum > 0xFFFF { sum = (sum & 0xFFFF) &+ (sum >> 16) }
        arena.store(limit, at: found.offset, in: slot)
        arena.store(~UInt16(truncatingIfNeeded: sum), at: tcp &+ 16, in: slot)
    }

    private struct Found {
        /// Of the option's value in the packet.
        var offset: Int
        var size: UInt16
        var checksum: UInt16
    }

    private static func find(in octets: RawSpan, tcp: Int, end: Int) -> Found? {
        guard let first = octets.octet(at: tcp &+ 12), let checksum = octets.uint16(at: tcp &+ 16) else { return nil }
        let optionsEnd = min(end, tcp &+ Int(first >> 4) &* 4)
        var offset = tcp &+ 20
        while offset < optionsEnd, let kind = octets.octet(at: offset), kind != 0 {
            if kind == 1 {
                offset &+= 1
                continue
            }
            guard let length = octets.octet(at: offset &+ 1), length >= 2 else { return nil }
            if kind == 2 {
                guard length == 4, offset &+ 4 <= optionsEnd, let size = octets.uint16(at: offset &+ 2) else {
                    return nil
                }
                return Found(offset: offset &+ 2, size: size, checksum: checksum)
            }
            offset &+= Int(length)
        }
        return nil
    }
}
