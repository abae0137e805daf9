// SPDX-License-Identifier: Apache-2.0

/// Reads big-endian fields from octets, front to back, and never past their end.
///
/// For control messages, which are small and become values. User packets are read in place through
/// `RawSpan` instead.
package struct ByteReader: Sendable {
    private let octets: [UInt8]
    private let end: Int
    /// Octets from the start of `octets`, so that errors name a position in the whole message.
    package private(set) var offset: Int

    package init(_ octets: [UInt8]) {
        self.octets = octets
        self.offset = 0
        self.end = octets.count
    }

    private init(_ octets: [UInt8], from offset: Int, to end: Int) {
        self.octets = octets
        self.offset = offset
        self.end = end
    }

    package var remaining: Int { end - offset }
    package var isAtEnd: Bool { offset >= end }

    package mutating func octet(_ field: String) throws(DecodeError) -> UInt8 {
        guard remaining >= 1 else { throw DecodeError(.truncated, field: field, offset: offset) }
        defer { offset += 1 }
        return octets[offset]
    }

    package mutating func uint16(_ field: String) throws(DecodeError) -> UInt16 {
        UInt16(truncatingIfNeeded: try unsigned(2, field))
    }

    package mutating func uint32(_ field: String) throws(DecodeError) -> UInt32 {
        UInt32(truncatingIfNeeded: try unsigned(4, field))
    }

    package mutating func uint64(_ field: String) throws(DecodeError) -> UInt64 {
        try unsigned(8, field)
    }

    /// The next `count` octets; a negative count counts as one that does not fit.
    package mutating func octets(_ count: Int, _ field: String) throws(DecodeError) -> [UInt8] {
        guard count >= 0, remaining >= count else { throw DecodeError(.truncated, field: field, offset: offset) }
        defer { offset += count }
        return Array(octets[offset..<offset + count])
    }

    package mutating func rest() -> [UInt8] {
        defer { offset = end }
        return Array(octets[offset..<end])
    }

    /// What was read since the offset, without copying it.
    package func passed(since start: Int) -> ArraySlice<UInt8> { octets[max(0, min(start, offset))..<offset] }

    package mutating func skip(_ count: Int, _ field: String) throws(DecodeError) {
        guard count >= 0, remaining >= count else { throw DecodeError(.truncated, field: field, offset: offset) }
        offset += count
    }

    /// A reader of the next `count` octets alone, which this reader then has passed.
    package mutating func slice(_ count: Int, _ field: String) throws(DecodeError) -> ByteReader {
        let start = offset
        try skip(count, field)
        return ByteReader(octets, from: start, to: start + count)
    }

    /// Demands that everything was read.
    package func finish(_ field: String) throws(DecodeError) {
        guard isAtEnd else { throw DecodeError(.trailingOctets(remaining), field: field, offset: offset) }
    }

    private mutating func unsigned(_ count: Int, _ field: String) throws(DecodeError) -> UInt64 {
        guard remaining >= count else { throw DecodeError(.truncated, field: field, offset: offset) }
        var value: UInt64 = 0
        for position in offset..<offset + count { value = value << 8 | UInt64(octets[position]) }
        offset += count
        return value
    }
}
