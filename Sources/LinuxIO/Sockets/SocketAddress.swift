// SPDX-License-Identifier: Apache-2.0
internal import CLinux
internal import Glibc
internal import Wire

/// `sockaddr_in` and `sockaddr_in6`, read and written in place: no copy and no allocation per packet.
struct SocketAddress {
    /// Octets enough for either family.
    static let capacity = MemoryLayout<sockaddr_in6>.size

    let address: IPAddress
    let port: UInt16
    /// The link of a link-local address, else zero.
    let scope: UInt32

    init(_ address: IPAddress, port: UInt16 = 0, scope: UInt32 = 0) {
        self.address = address
        self.port = port
        self.scope = scope
    }

    /// What the kernel has written; nil if it is of another family or cut short.
    init?(_ memory: UnsafeRawBufferPointer) {
        guard memory.count >= MemoryLayout<sockaddr_in>.size else { return nil }
        let family = Int32(memory.loadUnaligned(as: UInt16.self))
        let port = UInt16(bigEndian: memory.loadUnaligned(fromByteOffset: 2, as: UInt16.self))
        switch family {
        case AF_INET:
            self.init(.v4(IPv4Address(memory: memory, at: 4)), port: port)
        case AF_INET6:
            guard memory.count >= MemoryLayout<sockaddr_in6>.size else { return nil }
            let scope = memory.loadUnaligned(fromByteOffset: 24, as: UInt32.self)
            self.init(.v6(IPv6Address(memory: memory, at: 8)), port: port, scope: scope)
        default:
            return nil
        }
    }

    /// Writes into memory of at least `capacity` octets; the number of octets that the kernel wants told.
    func write(to memory: UnsafeMutableRawBufferPointer) -> socklen_t {
        memory.storeBytes(of: port.bigEndian, toByteOffset: 2, as: UInt16.self)
        switch address {
        case .v4(let address):
            memory.storeBytes(of: UInt16(AF_INET), as: UInt16.self)
            memory.storeBytes(of: address.value.bigEndian, toByteOffset: 4, as: UInt32.self)
            memory.storeBytes(of: 0, toByteOffset: 8, as: UInt64.self)
            return socklen_t(MemoryLayout<sockaddr_in>.size)
        case .v6(let address):
            memory.storeBytes(of: UInt16(AF_INET6), as: UInt16.self)
            memory.storeBytes(of: 0, toByteOffset: 4, as: UInt32.self)
            memory.storeBytes(of: address.high.bigEndian, toByteOffset: 8, as: UInt64.self)
            memory.storeBytes(of: address.low.bigEndian, toByteOffset: 16, as: UInt64.self)
            memory.storeBytes(of: scope, toByteOffset: 24, as: UInt32.self)
            return socklen_t(MemoryLayout<sockaddr_in6>.size)
        }
    }
}

extension IPv4Address {
    /// Four octets which the caller knows to be there.
    init(memory: UnsafeRawBufferPointer, at offset: Int) {
        self.init(UInt32(bigEndian: memory.loadUnaligned(fromByteOffset: offset, as: UInt32.self)))
    }
}

extension IPv6Address {
    /// Sixteen octets which the caller knows to be there.
    init(memory: UnsafeRawBufferPointer, at offset: Int) {
        self.init(
            high: UInt64(bigEndian: memory.loadUnaligned(fromByteOffset: offset, as: UInt64.self)),
            low: UInt64(bigEndian: memory.loadUnaligned(fromByteOffset: offset + 8, as: UInt64.self))
        )
    }
}
