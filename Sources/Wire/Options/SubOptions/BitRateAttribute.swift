// SPDX-License-Identifier: Apache-2.0

/// A bit rate for one direction (RFC 7222 §4.2.1, §4.2.2, §4.2.6 to §4.2.9), the same in six attributes.
///
/// ```
/// |     Type      |  Length = 6   |           Reserved            |
/// |                         Bits per second                       |
/// ```
package struct BitRateAttribute<Kind: BitRateKind>: SubOption, Equatable {
    package static var type: UInt8 { Kind.type }
    package static var name: String { Kind.name }

    package var bitsPerSecond: UInt32

    package init(_ bitsPerSecond: UInt32) { self.bitsPerSecond = bitsPerSecond }

    package init(decoding reader: inout ByteReader) throws(DecodeError) {
        try reader.skip(2, "Reserved")
        bitsPerSecond = try reader.uint32(Self.name)
    }

    package func encode(into writer: inout ByteWriter) {
        writer.zeros(2)
        writer.uint32(bitsPerSecond)
    }

    package var fields: [Field] { [Field("bits-per-second", bitsPerSecond)] }
}
