// SPDX-License-Identifier: Apache-2.0

/// An IPv4 address, held as the number that its four octets make.
@frozen
public struct IPv4Address: Hashable, Sendable, Comparable {
    public var value: UInt32

    @inlinable public init(_ value: UInt32) { self.value = value }

    @inlinable public init(_ a: UInt8, _ b: UInt8, _ c: UInt8, _ d: UInt8) {
        value = UInt32(a) << 24 | UInt32(b) << 16 | UInt32(c) << 8 | UInt32(d)
    }

    public static let zero = IPv4Address(0)

    @inlinable public static func < (a: Self, b: Self) -> Bool { a.value < b.value }

    public var octets: [UInt8] {
        [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: value >> $0) }
    }

    public var isUnspecified: Bool { value == 0 }

    /// Neither unspecified, loopback, multicast, reserved nor broadcast.
    public var isUnicast: Bool {
        let first = value >> 24
        return first != 0 && first != 127 && first < 224
    }

    /// Dotted decimal, four parts, no leading zeros; nil for anything else.
    public init?(_ text: some StringProtocol) {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 4 else { return nil }
        var value: UInt32 = 0
        for part in parts {
            guard (1...3).contains(part.utf8.count), part.utf8.allSatisfy({ (48...57).contains($0) }),
                part.utf8.count == 1 || part.utf8.first != 48, let octet = UInt8(part)
            else { return nil }
            value = value << 8 | UInt32(octet)
        }
        self.value = value
    }
}

extension IPv4Address: CustomStringConvertible {
    public var description: String { octets.map { String($0) }.joined(separator: ".") }
}

extension ByteReader {
    package mutating func ipv4Address(_ field: String) throws(DecodeError) -> IPv4Address {
        IPv4Address(try uint32(field))
    }
}

extension ByteWriter {
    package mutating func ipv4Address(_ address: IPv4Address) { uint32(address.value) }
}
