// SPDX-License-Identifier: Apache-2.0

/// Mobile Node Link-layer Identifier (RFC 5213 §8.6).
package struct MobileNodeLinkLayerIdentifier: MobilityOption, Equatable {
    package static let type: UInt8 = 25
    package static let name = "Mobile Node Link-layer Identifier"

    /// At least one octet.
    package var identifier: [UInt8]

    package init(_ identifier: [UInt8]) { self.identifier = identifier }

    package init(decoding reader: inout ByteReader) throws(DecodeError) {
        try reader.skip(2, "Reserved")
        let start = reader.offset
        identifier = reader.rest()
        // RFC 5213 §8.6: a length of two would identify nothing.
        guard !identifier.isEmpty else { throw DecodeError(.badLength(2), field: Self.name, offset: start) }
    }

    package func encode(into writer: inout ByteWriter) {
        writer.zeros(2)
        writer.bytes(identifier)
    }

    package var fields: [Field] { [Field("identifier", identifier)] }
}
