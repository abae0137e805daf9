// SPDX-License-Identifier: Apache-2.0
internal import CLinux
internal import Glibc
internal import Wire

/// What the kernel tells beside a packet, as control messages (RFC 3542 §4 and §6).
struct Ancillary {
    /// Octets of control memory that a packet needs: packet information, hop limit and traffic class of IPv6, time stamp.
    static let capacity = 128
    private static let headerSize = 16

    /// The address that the packet was sent to.
    private(set) var destination: IPAddress?
    /// The link on which it came.
    private(set) var interface = InterfaceIndex(0)
    private(set) var hopLimit: UInt8?
    /// DSCP and ECN; 0 if the kernel did not tell.
    private(set) var trafficClass: UInt8 = 0
    /// When the packet came to the machine, in nanoseconds of wall-clock time.
    private(set) var arrivedAt: Int64?

    /// Reads control memory; what is not understood or cut short is passed over.
    init(_ memory: UnsafeRawBufferPointer) {
        var offset = 0
        while memory.count - offset >= Ancillary.headerSize {
            let length = memory.loadUnaligned(fromByteOffset: offset, as: UInt.self)
            guard length >= UInt(Ancillary.headerSize), length <= UInt(memory.count - offset) else { return }
            let level = memory.loadUnaligned(fromByteOffset: offset + 8, as: Int32.self)
            let type = memory.loadUnaligned(fromByteOffset: offset + 12, as: Int32.self)
            let body = UnsafeRawBufferPointer(
                rebasing: memory[(offset + Ancillary.headerSize)..<(offset + Int(length))]
            )
            read(level, type, body)
            offset += (Int(length) + 7) & ~7
        }
    }

    private mutating func read(_ level: Int32, _ type: Int32, _ body: UnsafeRawBufferPointer) {
        switch (level, type) {
        case (Int32(IPPROTO_IPV6), IPV6_PKTINFO) where body.count >= 20:
            destination = .v6(IPv6Address(memory: body, at: 0))
            interface = InterfaceIndex(body.loadUnaligned(fromByteOffset: 16, as: UInt32.self))
        case (Int32(IPPROTO_IP), IP_PKTINFO) where body.count >= 12:
            interface = InterfaceIndex(body.loadUnaligned(as: UInt32.self))
            destination = .v4(IPv4Address(memory: body, at: 8))
        case (Int32(IPPROTO_IPV6), IPV6_HOPLIMIT) where body.count >= 4:
            hopLimit = UInt8(exactly: body.loadUnaligned(as: Int32.self))
        case (Int32(IPPROTO_IPV6), IPV6_TCLASS) where body.count >= 4:
            trafficClass = UInt8(truncatingIfNeeded: body.loadUnaligned(as: Int32.self))
        // An octet, unlike what is written.
        case (Int32(IPPROTO_IP), IP_TOS) where body.count >= 1:
            trafficClass = body[0]
        case (SOL_SOCKET, SO_TIMESTAMPNS) where body.count >= 16:
            let seconds = body.loadUnaligned(as: Int64.self)
            arrivedAt = seconds &* 1_000_000_000 &+ body.loadUnaligned(fromByteOffset: 8, as: Int64.self)
        default:
            break
        }
    }

    /// Writes packet information that makes the kernel send from `source`, by the link if it is not zero;
    /// the number of octets used of memory that has at least `capacity`.
    static func write(source: IPAddress, interface: UInt32 = 0, to memory: UnsafeMutableRawBufferPointer) -> Int {
        switch source {
        case .v6(let address):
            header(bodySize: 20, Int32(IPPROTO_IPV6), IPV6_PKTINFO, memory)
            memory.storeBytes(of: address.high.bigEndian, toByteOffset: headerSize, as: UInt64.self)
            memory.storeBytes(of: address.low.bigEndian, toByteOffset: headerSize + 8, as: UInt64.self)
            memory.storeBytes(of: interface, toByteOffset: headerSize + 16, as: UInt32.self)
            return 40
        case .v4(let address):
            header(bodySize: 12, Int32(IPPROTO_IP), IP_PKTINFO, memory)
            memory.storeBytes(of: interface, toByteOffset: headerSize, as: UInt32.self)
            memory.storeBytes(of: address.value.bigEndian, toByteOffset: headerSize + 4, as: UInt32.self)
            memory.storeBytes(of: 0, toByteOffset: headerSize + 8, as: UInt32.self)
            return 32
        }
    }

    /// Writes the outer header's DSCP and ECN; the number of octets used of memory that has at least 24.
    static func write(
        trafficClass: UInt8,
        _ family: AddressFamily,
        to memory: UnsafeMutableRawBufferPointer
    ) -> Int {
        switch family {
        case .ipv6: header(bodySize: 4, Int32(IPPROTO_IPV6), IPV6_TCLASS, memory)
        case .ipv4: header(bodySize: 4, Int32(IPPROTO_IP), IP_TOS, memory)
        }
        memory.storeBytes(of: Int32(trafficClass), toByteOffset: headerSize, as: Int32.self)
        return 24
    }

    private static func header(bodySize: Int, _ level: Int32, _ type: Int32, _ memory: UnsafeMutableRawBufferPointer) {
        memory.storeBytes(of: UInt(headerSize + bodySize), as: UInt.self)
        memory.storeBytes(of: level, toByteOffset: 8, as: Int32.self)
        memory.storeBytes(of: type, toByteOffset: 12, as: Int32.self)
    }
}
