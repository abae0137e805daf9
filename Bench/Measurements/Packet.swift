// SPDX-License-Identifier: Apache-2.0
import Forwarding
import Wire

/// User packets, and how they come into an arena: by one copy, as a system call makes it.
enum Packet {
    /// From 10.255.255.9, in the session of `TunnelScene`, to 10.255.255.8.
    static func udp(octets: Int, sourcePort: UInt16) -> [UInt8] {
        var writer = ByteWriter()
        writer.octet(0x45)
        writer.octet(0)
        writer.uint16(UInt16(octets))
        writer.zeros(4)
        writer.octet(64)
        writer.octet(IPProtocol.udp)
        writer.zeros(2)
        writer.ipv4Address(IPv4Address(0x0AFF_FF09))
        writer.ipv4Address(IPv4Address(0x0AFF_FF08))
        writer.uint16(sourcePort)
        writer.uint16(9)
        writer.uint16(UInt16(octets - 20))
        writer.zeros(octets - writer.octets.count)
        return writer.octets
    }

    static func put(_ octets: [UInt8], into arena: inout PacketArena) -> Slot? {
        guard var slot = arena.take() else { return nil }
        arena.buffer(slot).copyBytes(from: octets)
        slot.count = Int32(octets.count)
        return slot
    }

    static func move(_ slot: Slot, from source: borrowing PacketArena, into arena: inout PacketArena) -> Slot? {
        guard var copy = arena.take() else { return nil }
        arena.buffer(copy).copyMemory(from: UnsafeRawBufferPointer(source.buffer(slot)))
        copy.count = slot.count
        return copy
    }
}
