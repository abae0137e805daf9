// SPDX-License-Identifier: Apache-2.0

/// Operator-Identifier sub-option (RFC 6757 §3.1.3).
package struct OperatorIdentifier: SubOption, Equatable {
    package static let type: UInt8 = 3
    package static let name = "Operator-Identifier"

    /// A private enterprise number, in as many octets as there are.
    package static let enterpriseNumber: UInt8 = 1
    /// The operator's realm, a DNS name.
    package static let realm: UInt8 = 2

    package var kind: UInt8
    /// At least one octet.
    package var identifier: [UInt8]

    package init(kind: UInt8, identifier: [UInt8]) {
        self.kind = kind
        self.identifier = identifier
    }

    package init(decoding reader: inout ByteReader) throws(DecodeError) {
        kind = try reader.octet("Op-ID Type")
        let start = reader.offset
        identifier = reader.rest()
        guard !identifier.isEmpty else { throw DecodeError(.badLength(0), field: Self.name, offset: start) }
    }

    package func encode(into writer: inout ByteWriter) {
        writer.octet(kind)
        writer.bytes(identifier)
    }

    package var fields: [Field] {
        let identifier =
            switch kind {
            case Self.enterpriseNumber where identifier.count <= 8:
                Field("identifier", identifier.reduce(UInt64(0)) { $0 << 8 | UInt64($1) })
            case Self.realm: Field("identifier", text: identifier)
            default: Field("identifier", identifier)
            }
        return [Field("op-id-type", kind), identifier]
    }
}
