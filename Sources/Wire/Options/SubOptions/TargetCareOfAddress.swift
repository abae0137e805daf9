// SPDX-License-Identifier: Apache-2.0

/// Target Care-of Address sub-option (RFC 7109 §6.2.2): where a flow is to be moved.
///
/// ```
/// |       5       | Length 6 or 18|           Reserved            |
/// |   Target Care-of Address (4 or 16)
/// ```
package struct TargetCareOfAddress: SubOption, Equatable {
    package static let type: UInt8 = 5
    package static let name = "Target Care-of Address"

    package var address: IPAddress

    package init(_ address: IPAddress) { self.address = address }

    package init(decoding reader: inout ByteReader) throws(DecodeError) {
        try reader.skip(2, "Reserved")
        address = try reader.addressToTheEnd(Self.name)
    }

    package func encode(into writer: inout ByteWriter) {
        writer.zeros(2)
        writer.bytes(address.octets)
    }

    package var fields: [Field] { [Field("address", address.description)] }
}
