// SPDX-License-Identifier: Apache-2.0

/// Checked big-endian reads in place, for headers of user packets.
extension RawSpan {
    @inlinable
    public func octet(at offset: Int) -> UInt8? {
        offset >= 0 && offset < byteCount ? unsafeLoad(fromByteOffset: offset, as: UInt8.self) : nil
    }

    @inlinable
    public func uint16(at offset: Int) -> UInt16? {
        guard offset >= 0, offset <= byteCount &- 2 else { return nil }
        return UInt16(bigEndian: unsafeLoadUnaligned(fromByteOffset: offset, as: UInt16.self))
    }

    @inlinable
    public func uint32(at offset: Int) -> UInt32? {
        guard offset >= 0, offset <= byteCount &- 4 else { return nil }
        return UInt32(bigEndian: unsafeLoadUnaligned(fromByteOffset: offset, as: UInt32.self))
    }

    @inlinable
    public func uint64(at offset: Int) -> UInt64? {
        guard offset >= 0, offset <= byteCount &- 8 else { return nil }
        return UInt64(bigEndian: unsafeLoadUnaligned(fromByteOffset: offset, as: UInt64.self))
    }

    @inlinable
    public func ipv4Address(at offset: Int) -> IPv4Address? { uint32(at: offset).map { IPv4Address($0) } }

    @inlinable
    public func ipv6Address(at offset: Int) -> IPv6Address? {
        guard let high = uint64(at: offset), let low = uint64(at: offset &+ 8) else { return nil }
        return IPv6Address(high: high, low: low)
    }

    /// The octets of a range that lies inside; nil otherwise.
    @inlinable
    public func octets(_ range: Range<Int>) -> [UInt8]? {
        guard range.lowerBound >= 0, range.upperBound <= byteCount else { return nil }
        var octets: [UInt8] = []
        octets.reserveCapacity(range.count)
        for offset in range { octets.append(unsafeLoad(fromByteOffset: offset, as: UInt8.self)) }
        return octets
    }
}
