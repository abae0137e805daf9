// SPDX-License-Identifier: Apache-2.0

/// The Internet checksum (RFC 1071): one's complement of the one's complement sum of 16-bit words.
public struct Checksum: Sendable {
    @usableFromInline var sum: UInt64 = 0

    @inlinable public init() {}

    /// Adds a word as it stands in the packet (big-endian value).
    @inlinable public mutating func add(_ word: UInt16) { sum &+= UInt64(word) }

    @inlinable public mutating func add(_ words: UInt32) {
        sum &+= UInt64(words >> 16) &+ UInt64(words & 0xFFFF)
    }

    /// Adds octets; an odd last one is padded with a zero, so only the last run added may be odd.
    @inlinable public mutating func add(_ octets: RawSpan) {
        let count = octets.byteCount
        var offset = 0
        while offset &+ 2 <= count {
            sum &+= UInt64(UInt16(bigEndian: octets.unsafeLoadUnaligned(fromByteOffset: offset, as: UInt16.self)))
            offset &+= 2
        }
        if offset < count {
            sum &+= UInt64(octets.unsafeLoad(fromByteOffset: offset, as: UInt8.self)) << 8
        }
    }

    @inlinable public mutating func add(_ octets: [UInt8]) { add(octets.span.bytes) }

    @inlinable public mutating func add(_ address: IPv6Address) {
        for word in [address.high, address.low] {
            add(UInt32(truncatingIfNeeded: word >> 32))
            add(UInt32(truncatingIfNeeded: word))
        }
    }

    @inlinable public mutating func add(_ address: IPv4Address) { add(address.value) }

    /// The pseudo-header that upper layers share (RFC 8200 §8.1, RFC 768).
    @inlinable public mutating func addPseudoHeader(
        source: IPAddress,
        destination: IPAddress,
        protocolNumber: UInt8,
        length: Int
    ) {
        for address in [source, destination] {
            switch address {
            case .v4(let address): add(address)
            case .v6(let address): add(address)
            }
        }
        add(UInt32(truncatingIfNeeded: length))
        add(UInt16(protocolNumber))
    }

    /// The value of the checksum field, or 0 if the field was part of what was added and was right.
    @inlinable public var value: UInt16 {
        var folded = sum
        while folded > 0xFFFF { folded = (folded & 0xFFFF) &+ (folded >> 16) }
        return ~UInt16(truncatingIfNeeded: folded)
    }
}
