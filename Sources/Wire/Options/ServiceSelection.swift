// SPDX-License-Identifier: Apache-2.0

/// Service Selection (RFC 5149 §3): the service that a registration is for, for instance "ims".
package struct ServiceSelection: MobilityOption, Equatable {
    package static let type: UInt8 = 20
    package static let name = "Service Selection"

    /// UTF-8, 1 to 255 octets.
    package var identifier: [UInt8]

    package init(_ identifier: [UInt8]) { self.identifier = identifier }
    package init(_ identifier: String) { self.init(Array(identifier.utf8)) }

    package init(decoding reader: inout ByteReader) throws(DecodeError) {
        let start = reader.offset
        identifier = reader.rest()
        // RFC 5149 §3: a length of zero is not allowed.
        guard !identifier.isEmpty else { throw DecodeError(.badLength(0), field: "Identifier", offset: start) }
    }

    package func encode(into writer: inout ByteWriter) { writer.bytes(identifier) }
    package var fields: [Field] { [Field("identifier", text: identifier)] }
}
