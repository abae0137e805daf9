// SPDX-License-Identifier: Apache-2.0

/// An option or sub-option of a type that we do not know: skipped by engines, kept for whoever encodes the message again.
package struct UnknownOption: MobilityOption, SubOption {
    /// Not a type on the wire: the real one is `optionType`.
    package static let type: UInt8 = 255
    package static let name = "Unknown"

    package var optionType: UInt8
    package var content: [UInt8]

    package init(optionType: UInt8, data: [UInt8]) {
        self.optionType = optionType
        self.content = data
    }

    package init(decoding reader: inout ByteReader) throws(DecodeError) {
        self.init(optionType: Self.type, data: reader.rest())
    }

    package func encode(into writer: inout ByteWriter) { writer.bytes(content) }

    package var fields: [Field] { [Field("data", content)] }
}
