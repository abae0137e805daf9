// SPDX-License-Identifier: Apache-2.0

/// Mobile Network Prefix (RFC 3963 §4.3): a prefix behind a mobile router, in each of its updates.
///
/// ```
/// |       6       |  Length = 18  |   Reserved    | Prefix Length |
/// |                   Mobile Network Prefix (16)                  |
/// ```
package struct MobileNetworkPrefix: MobilityOption, Equatable {
    package static let type: UInt8 = 6
    package static let name = "Mobile Network Prefix"

    package var address: IPv6Address
    package var prefixLength: UInt8

    package init(address: IPv6Address, prefixLength: UInt8) {
        self.address = address
        self.prefixLength = prefixLength
    }

    /// nil for a length beyond 128.
    package var prefix: IPPrefix? { IPPrefix(.v6(address), length: Int(prefixLength)) }

    package init(decoding reader: inout ByteReader) throws(DecodeError) {
        try reader.skip(1, "Reserved")
        prefixLength = try reader.octet("Prefix Length")
        address = try reader.ipv6Address(Self.name)
    }

    package func encode(into writer: inout ByteWriter) {
        writer.octet(0)
        writer.octet(prefixLength)
        writer.ipv6Address(address)
    }

    package var alignment: OptionAlignment { OptionAlignment(8, plus: 4) }
    package var fields: [Field] { [Field("prefix", "\(address)/\(prefixLength)")] }
}
