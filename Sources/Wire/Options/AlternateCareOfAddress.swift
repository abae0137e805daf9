// SPDX-License-Identifier: Apache-2.0

/// Alternate Care-of Address (RFC 6275 §6.2.5): when present, it and not the packet's source is the care-of address.
package struct AlternateCareOfAddress: MobilityOption, Equatable {
    package static let type: UInt8 = 3
    package static let name = "Alternate Care-of Address"

    package var address: IPv6Address

    package init(_ address: IPv6Address) { self.address = address }

    package init(decoding reader: inout ByteReader) throws(DecodeError) { address = try reader.ipv6Address(Self.name) }
    package func encode(into writer: inout ByteWriter) { writer.ipv6Address(address) }
    package var alignment: OptionAlignment { OptionAlignment(8, plus: 6) }
    package var fields: [Field] { [Field("address", address.description)] }
}
