// SPDX-License-Identifier: Apache-2.0

/// Reads the flags of a binary traffic selector, and then its ranges in the order of their flags: two a range, the
/// first for its start, the second for its end (RFC 6088 §3).
struct SelectorReader {
    private(set) var reader: ByteReader
    private let flags: UInt32
    /// Bit of the next range's first flag, counted from the left.
    private var position = 0

    init(_ reader: ByteReader) throws(DecodeError) {
        self.reader = reader
        flags = try self.reader.uint32("flags")
    }

    mutating func range<Value: SelectorField>(_ field: String) throws(DecodeError) -> SelectorRange<Value>? {
        let hasStart = BitField<UInt32>(first: position).isSet(flags)
        let hasEnd = BitField<UInt32>(first: position + 1).isSet(flags)
        position += 2
        let offset = reader.offset
        guard hasStart else {
            // RFC 6088 §3.1: no end without its start.
            guard !hasEnd else {
                throw DecodeError(.badValue(UInt64(flags)), field: "flags (End \(field), no Start)", offset: offset)
            }
            return nil
        }
        let start = try Value(reading: &reader, "Start \(field)")
        guard hasEnd else { return SelectorRange(start) }
        let end = try Value(reading: &reader, "End \(field)")
        // An end below its start would match nothing, which nobody means.
        guard let range = SelectorRange(start, through: end) else {
            throw DecodeError(.badValue(UInt64(flags)), field: "\(field) \(start)-\(end)", offset: offset)
        }
        return range
    }
}
