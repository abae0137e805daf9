// SPDX-License-Identifier: Apache-2.0

/// Mobility Header Link-Layer Address (RFC 5568 §6.4.3), with which a node names its address on the home link
/// (RFC 5648 §5.6.3).
package struct MobilityHeaderLinkLayerAddress: MobilityOption, Equatable {
    package static let type: UInt8 = 7
    package static let name = "Mobility Header Link-Layer Address"

    /// The option code for the mobile node's own address.
    package static let mobileNode: UInt8 = 2

    package var code: UInt8
    /// At least one octet.
    package var address: [UInt8]

    package init(code: UInt8 = mobileNode, address: [UInt8]) {
        self.code = code
        self.address = address
    }

    package init(decoding reader: inout ByteReader) throws(DecodeError) {
        code = try reader.octet("Option-Code")
        let start = reader.offset
        address = reader.rest()
        guard !address.isEmpty else { throw DecodeError(.badLength(0), field: "LLA", offset: start) }
    }

    package func encode(into writer: inout ByteWriter) {
        writer.octet(code)
        writer.bytes(address)
    }

    package var fields: [Field] { [Field("option-code", code), Field("lla", address)] }
}
