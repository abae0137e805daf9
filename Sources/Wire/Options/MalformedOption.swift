// SPDX-License-Identifier: Apache-2.0

/// An option or sub-option of a known type whose data do not suit it. Engines treat it as absent where its absence has an answer of
/// its own, and drop the message otherwise.
package struct MalformedOption: MobilityOption, SubOption {
    /// Not a type on the wire: the real one is `optionType`.
    package static let type: UInt8 = 255
    package static let name = "Malformed"

    package var optionType: UInt8
    package var optionName: String
    package var content: [UInt8]
    package var error: DecodeError

    package init(optionType: UInt8, optionName: String, data: [UInt8], error: DecodeError) {
        self.optionType = optionType
        self.optionName = optionName
        self.content = data
        self.error = error
    }

    package init(decoding reader: inout ByteReader) throws(DecodeError) {
        let start = reader.offset
        content = reader.rest()
        optionType = Self.type
        optionName = Self.name
        error = DecodeError(.badLength(content.count), field: Self.name, offset: start)
    }

    package func encode(into writer: inout ByteWriter) { writer.bytes(content) }

    package var fields: [Field] { [Field("malformed", error.description), Field("data", content)] }
}
