// SPDX-License-Identifier: Apache-2.0

/// Access Technology Type (RFC 5213 §8.5): how the mobile node is attached to the gateway.
package struct AccessTechnologyType: MobilityOption, Equatable {
    package static let type: UInt8 = 24
    package static let name = "Access Technology Type"

    package var technology: AccessTechnology

    package init(_ technology: AccessTechnology) { self.technology = technology }

    package init(decoding reader: inout ByteReader) throws(DecodeError) {
        try reader.skip(1, "Reserved")
        technology = AccessTechnology(rawValue: try reader.octet("ATT"))
    }

    package func encode(into writer: inout ByteWriter) {
        writer.octet(0)
        writer.octet(technology.rawValue)
    }

    package var fields: [Field] { [Field("att", technology.rawValue)] }
}
