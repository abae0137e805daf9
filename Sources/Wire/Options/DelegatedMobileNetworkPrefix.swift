// SPDX-License-Identifier: Apache-2.0

/// Delegated Mobile Network Prefix (RFC 7148 §4.1), of either family.
///
/// ```
/// |      55       |    Length     |V|  Reserved   | Prefix Length |
/// |           Prefix (16 octets, or 4 if V is set)                |
/// ```
package struct DelegatedMobileNetworkPrefix: MobilityOption, Equatable {
    package static let type: UInt8 = 55
    package static let name = "Delegated Mobile Network Prefix"

    package var address: IPAddress
    package var prefixLength: UInt8

    package init(address: IPAddress, prefixLength: UInt8) {
        self.address = address
        self.prefixLength = prefixLength
    }

    package init(_ prefix: IPPrefix) { self.init(address: prefix.address, prefixLength: prefix.length) }

    package static let requestIPv4 = DelegatedMobileNetworkPrefix(address: .v4(.zero), prefixLength: 0)
    package static let requestIPv6 = DelegatedMobileNetworkPrefix(address: .v6(.zero), prefixLength: 0)

    package var isRequest: Bool { address == .v4(.zero) || address == .v6(.zero) }

    /// nil for a request, or a length beyond the family's.
    package var prefix: IPPrefix? { isRequest ? nil : IPPrefix(address, length: Int(prefixLength)) }

    private static let ipv4 = BitField<UInt8>(first: 0)

    package init(decoding reader: inout ByteReader) throws(DecodeError) {
        let isIPv4 = Self.ipv4.isSet(try reader.octet("flags"))
        prefixLength = try reader.octet("Prefix Length")
        address = isIPv4 ? .v4(try reader.ipv4Address(Self.name)) : .v6(try reader.ipv6Address(Self.name))
    }

    package func encode(into writer: inout ByteWriter) {
        var flags: UInt8 = 0
        Self.ipv4.set(address.isIPv4, in: &flags)
        writer.octet(flags)
        writer.octet(prefixLength)
        switch address {
        case .v4(let address): writer.ipv4Address(address)
        case .v6(let address): writer.ipv6Address(address)
        }
    }

    package var alignment: OptionAlignment { OptionAlignment(8, plus: 2) }
    package var fields: [Field] { [Field("prefix", "\(address)/\(prefixLength)")] }
}
