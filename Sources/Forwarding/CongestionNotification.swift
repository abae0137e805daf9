// SPDX-License-Identifier: Apache-2.0
import Wire

/// Explicit congestion notification through tunnels (RFC 6040).
enum CongestionNotification {
    /// Not-ECT 0, ECT(1) 1, ECT(0) 2, CE 3: the last two bits of the traffic class.
    static let mask: UInt8 = 0b11
    static let experienced: UInt8 = 0b11

    /// What a packet that leaves the tunnel says (RFC 6040 §4.2, figure 4); nil: it must be dropped, because its
    /// sender understands nothing else.
    static func merged(inner: UInt8, outer: UInt8) -> UInt8? {
        let (inner, outer) = (inner & mask, outer & mask)
        switch (inner, outer) {
        case (0, experienced): return nil
        case (0, _): return 0
        case (_, experienced), (experienced, _): return experienced
        // The more severe of ECT(1) and ECT(0) is ECT(1).
        case (_, 1): return 1
        default: return inner
        }
    }

    /// Writes the packet's new field; its differentiated services code point stays.
    static func set(_ field: UInt8, of packet: InnerPacket, in slot: Slot, arena: borrowing PacketArena) {
        set(field, isIPv4: packet.isIPv4, trafficClass: packet.trafficClass, in: slot, arena: arena)
    }

    /// The same of a packet of which the header is not at hand.
    static func set(
        _ field: UInt8,
        isIPv4: Bool,
        trafficClass: UInt8,
        in slot: Slot,
        arena: borrowing PacketArena
    ) {
        guard trafficClass & mask != field,
            let word = arena.withBytes(slot, { $0.uint16(at: 0) })
        else { return }
        // |Version| IHL |DSCP and ECN|  or  |Version| Traffic Class | Flow Label …
        let shift: UInt16 = isIPv4 ? 0 : 4
        let changed = word & ~(UInt16(mask) << shift) | UInt16(field) << shift
        arena.store(changed, at: 0, in: slot)
        guard isIPv4, let checksum = arena.withBytes(slot, { $0.uint16(at: 10) }) else { return }
        // RFC 1624 §3: HC' = ~(~HC + ~m + m').
        var sum = UInt32(~checksum) &+ UInt32(~word) &+ UInt32(changed)
        while sum > 0xFFFF { sum = (sum & 0xFFFF) &+ (sum >> 16) }
        arena.store(~UInt16(truncatingIfNeeded: sum), at: 10, in: slot)
    }
}
