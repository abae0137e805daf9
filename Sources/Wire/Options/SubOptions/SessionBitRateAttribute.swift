// SPDX-License-Identifier: Apache-2.0

/// The bit rate of all of a session's flows in one direction (RFC 7222 §4.2.3, §4.2.4).
///
/// ```
/// |    3 or 4     |  Length = 6   |S|E|         Reserved          |
/// |                         Bits per second                       |
/// ```
package struct SessionBitRateAttribute<Kind: BitRateKind>: SubOption, Equatable {
    package static var type: UInt8 { Kind.type }
    package static var name: String { Kind.name }

    /// S: the node's other sessions of the same service count too.
    package var isPerService: Bool
    /// E: flows with a guaranteed bit rate do not count.
    package var isExcludingGuaranteed: Bool
    package var bitsPerSecond: UInt32

    package init(_ bitsPerSecond: UInt32, isPerService: Bool = false, isExcludingGuaranteed: Bool = false) {
        self.bitsPerSecond = bitsPerSecond
        self.isPerService = isPerService
        self.isExcludingGuaranteed = isExcludingGuaranteed
    }

    private static var service: BitField<UInt16> { BitField(first: 0) }
    private static var exclude: BitField<UInt16> { BitField(first: 1) }

    package init(decoding reader: inout ByteReader) throws(DecodeError) {
        let flags = try reader.uint16("flags")
        isPerService = Self.service.isSet(flags)
        isExcludingGuaranteed = Self.exclude.isSet(flags)
        bitsPerSecond = try reader.uint32(Self.name)
    }

    package func encode(into writer: inout ByteWriter) {
        var flags: UInt16 = 0
        Self.service.set(isPerService, in: &flags)
        Self.exclude.set(isExcludingGuaranteed, in: &flags)
        writer.uint16(flags)
        writer.uint32(bitsPerSecond)
    }

    package var fields: [Field] {
        [
            Field("service", isPerService), Field("exclude", isExcludingGuaranteed),
            Field("bits-per-second", bitsPerSecond),
        ]
    }
}
