// SPDX-License-Identifier: Apache-2.0

/// Alternate IPv4 Care-of Address (RFC 6463 §4.4).
package struct AlternateIPv4CareOfAddress: MobilityOption, Equatable {
    package static let type: UInt8 = 49
    package static let name = "Alternate IPv4 Care-of Address"

    package var address: IPv4Address

    package init(_ address: IPv4Address) { self.address = address }

    package init(decoding reader: inout ByteReader) throws(DecodeError) { address = try reader.ipv4Address(Self.name) }
    package func encode(into writer: inout ByteWriter) { writer.ipv4Address(address) }
    package var alignment: OptionAlignment { OptionAlignment(4, plus: 2) }
    package var fields: [Field] { [Field("address", address.description)] }
}
