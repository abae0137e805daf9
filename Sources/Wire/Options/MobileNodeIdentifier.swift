// SPDX-License-Identifier: Apache-2.0

/// Mobile Node Identifier (RFC 4283 §3). An acknowledgement of a request without one carries zero octets.
///
/// ```
/// |     8         |    Length     |  Subtype      | Identifier ...
/// ```
package struct MobileNodeIdentifier: MobilityOption, Equatable {
    package static let type: UInt8 = 8
    package static let name = "Mobile Node Identifier"

    package var identifier: NodeIdentifier

    package init(_ identifier: NodeIdentifier) { self.identifier = identifier }

    package init(decoding reader: inout ByteReader) throws(DecodeError) {
        identifier = NodeIdentifier(subtype: try reader.octet("Subtype"), octets: reader.rest())
    }

    package func encode(into writer: inout ByteWriter) {
        writer.octet(identifier.subtype)
        writer.bytes(identifier.octets)
    }

    package var fields: [Field] {
        [Field("subtype", identifier.subtype), Field("identifier", identifier.description)]
    }
}
