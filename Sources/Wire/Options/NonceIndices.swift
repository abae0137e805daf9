// SPDX-License-Identifier: Apache-2.0

/// Nonce Indices (RFC 6275 §6.2.6): which nonces a correspondent node made its keygen tokens from.
package struct NonceIndices: MobilityOption, Equatable {
    package static let type: UInt8 = 4
    package static let name = "Nonce Indices"

    package var home: UInt16
    package var careOf: UInt16

    package init(home: UInt16, careOf: UInt16) {
        self.home = home
        self.careOf = careOf
    }

    package init(decoding reader: inout ByteReader) throws(DecodeError) {
        home = try reader.uint16("Home Nonce Index")
        careOf = try reader.uint16("Care-of Nonce Index")
    }

    package func encode(into writer: inout ByteWriter) {
        writer.uint16(home)
        writer.uint16(careOf)
    }

    package var alignment: OptionAlignment { OptionAlignment(2, plus: 0) }
    package var fields: [Field] { [Field("home-nonce-index", home), Field("care-of-nonce-index", careOf)] }
}
