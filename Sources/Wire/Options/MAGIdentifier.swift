// SPDX-License-Identifier: Apache-2.0

/// MAG Identifier (RFC 8278 §4.2). Unlike the Mobile Node Identifier it has a reserved octet behind the subtype.
///
/// ```
/// |     64        |    Length     |   Subtype     |    Reserved   |
/// |                         Identifier ...                        |
/// ```
package struct MAGIdentifier: MobilityOption, Equatable {
    package static let type: UInt8 = 64
    package static let name = "MAG Identifier"

    package var identifier: NodeIdentifier

    package init(_ identifier: NodeIdentifier) { self.identifier = identifier }

    package init(decoding reader: inout ByteReader) throws(DecodeError) {
        let subtype = try reader.octet("Subtype")
        try reader.skip(1, "Reserved")
        identifier = NodeIdentifier(subtype: subtype, octets: reader.rest())
    }

    package func encode(into writer: inout ByteWriter) {
        writer.octet(identifier.subtype)
        writer.octet(0)
        writer.bytes(identifier.octets)
    }

    package var fields: [Field] {
        [Field("subtype", identifier.subtype), Field("identifier", identifier.description)]
    }
}
