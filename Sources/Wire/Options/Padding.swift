// SPDX-License-Identifier: Apache-2.0

/// Pad1 and PadN (RFC 6275 §6.2.2, §6.2.3). Kept only so that a decoded message shows where padding stood.
package struct Padding: MobilityOption {
    package static let pad1: UInt8 = 0
    package static let padN: UInt8 = 1

    package static let type: UInt8 = padN
    package static let name = "Padding"

    /// Octets that it takes in all.
    package var count: Int

    package init(count: Int) { self.count = count }

    package init(decoding reader: inout ByteReader) throws(DecodeError) { count = reader.rest().count + 2 }

    package func encode(into writer: inout ByteWriter) { writer.zeros(count - 2) }

    package var optionType: UInt8 { count == 1 ? Self.pad1 : Self.padN }
    package var fields: [Field] { [Field("octets", count)] }

    static func write(_ count: Int, into writer: inout ByteWriter) {
        if count == 1 {
            writer.octet(pad1)
        } else if count >= 2 {
            writer.octet(padN)
            writer.octet(UInt8(clamping: count - 2))
            writer.zeros(min(count - 2, 255))
        }
    }
}
