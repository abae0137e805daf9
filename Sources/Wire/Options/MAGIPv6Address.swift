// SPDX-License-Identifier: Apache-2.0

/// MAG IPv6 Address (RFC 6705 §10.1): the other gateway of a localized route.
///
/// ```
/// |      51       |  Length = 18  |   Reserved    |Address Length |
/// |                     MAG IPv6 Address (16)                     |
/// ```
package struct MAGIPv6Address: MobilityOption, Equatable {
    package static let type: UInt8 = 51
    package static let name = "MAG IPv6 Address"

    package var address: IPv6Address

    package init(_ address: IPv6Address) { self.address = address }

    private static let addressLength: UInt8 = 128

    package init(decoding reader: inout ByteReader) throws(DecodeError) {
        try reader.skip(1, "Reserved")
        let start = reader.offset
        let length = try reader.octet("Address Length")
        guard length == Self.addressLength else {
            throw DecodeError(.badValue(UInt64(length)), field: "Address Length", offset: start)
        }
        address = try reader.ipv6Address(Self.name)
    }

    package func encode(into writer: inout ByteWriter) {
        writer.octet(0)
        writer.octet(Self.addressLength)
        writer.ipv6Address(address)
    }

    package var alignment: OptionAlignment { OptionAlignment(8, plus: 4) }
    package var fields: [Field] { [Field("address", address.description)] }
}
