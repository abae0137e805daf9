// SPDX-License-Identifier: Apache-2.0

/// Link-local Address (RFC 5213 §8.7): the gateway's on the access link; ALL_ZERO asks the anchor for one.
package struct LinkLocalAddress: MobilityOption, Equatable {
    package static let type: UInt8 = 26
    package static let name = "Link-local Address"

    package var address: IPv6Address

    package init(_ address: IPv6Address) { self.address = address }

    package init(decoding reader: inout ByteReader) throws(DecodeError) { address = try reader.ipv6Address(Self.name) }
    package func encode(into writer: inout ByteWriter) { writer.ipv6Address(address) }
    package var alignment: OptionAlignment { OptionAlignment(8, plus: 6) }
    package var fields: [Field] { [Field("address", address.description)] }
}
