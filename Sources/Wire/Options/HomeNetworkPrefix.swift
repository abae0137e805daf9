// SPDX-License-Identifier: Apache-2.0

/// Home Network Prefix (RFC 5213 §8.3, L flag RFC 7864 §4.1).
///
/// ```
/// |      22       |  Length = 18  |L|  Reserved   | Prefix Length |
/// |                    Home Network Prefix (16)                   |
/// ```
package struct HomeNetworkPrefix: MobilityOption, Equatable {
    package static let type: UInt8 = 22
    package static let name = "Home Network Prefix"

    /// L: routed for flow mobility, not advertised on the access link.
    package var isOffLink: Bool
    package var prefixLength: UInt8
    package var address: IPv6Address

    /// Asks the anchor to allocate one.
    package static let request = HomeNetworkPrefix(address: .zero, prefixLength: 0)

    package init(address: IPv6Address, prefixLength: UInt8, isOffLink: Bool = false) {
        self.address = address
        self.prefixLength = prefixLength
        self.isOffLink = isOffLink
    }

    /// nil for an IPv4 prefix.
    package init?(_ prefix: IPPrefix) {
        guard case .v6(let address) = prefix.address else { return nil }
        self.init(address: address, prefixLength: prefix.length)
    }

    /// ALL_ZERO: whatever the length says, a request for allocation.
    package var isRequest: Bool { address.isUnspecified }

    /// nil for a request, or a length beyond 128.
    package var prefix: IPPrefix? { isRequest ? nil : IPPrefix(.v6(address), length: Int(prefixLength)) }

    private static let offLink = BitField<UInt8>(first: 0)

    package init(decoding reader: inout ByteReader) throws(DecodeError) {
        isOffLink = Self.offLink.isSet(try reader.octet("flags"))
        prefixLength = try reader.octet("Prefix Length")
        address = try reader.ipv6Address(Self.name)
    }

    package func encode(into writer: inout ByteWriter) {
        var flags: UInt8 = 0
        Self.offLink.set(isOffLink, in: &flags)
        writer.octet(flags)
        writer.octet(prefixLength)
        writer.ipv6Address(address)
    }

    package var alignment: OptionAlignment { OptionAlignment(8, plus: 4) }
    package var fields: [Field] {
        [Field("prefix", "\(address)/\(prefixLength)"), Field("off-link", isOffLink)]
    }
}
