// SPDX-License-Identifier: Apache-2.0

/// An address of either family.
@frozen
public enum IPAddress: Hashable, Sendable {
    case v4(IPv4Address)
    case v6(IPv6Address)

    /// Either family's text form; nil for anything else.
    public init?(_ text: some StringProtocol) {
        if let address = IPv4Address(text) {
            self = .v4(address)
        } else if let address = IPv6Address(text) {
            self = .v6(address)
        } else {
            return nil
        }
    }

    /// As IPv6: itself, or IPv4-mapped.
    public var mappedToIPv6: IPv6Address {
        switch self {
        case .v4(let address): IPv6Address(mapping: address)
        case .v6(let address): address
        }
    }

    /// An address that a tunnel can end at: unicast, and routable beyond its link.
    public var isRoutableUnicast: Bool {
        switch self {
        case .v4(let address): address.isUnicast
        case .v6(let address): address.isRoutableUnicast
        }
    }

    public var isIPv4: Bool {
        if case .v4 = self { true } else { false }
    }

    public var octets: [UInt8] {
        switch self {
        case .v4(let address): address.octets
        case .v6(let address): address.octets
        }
    }
}

extension IPAddress: CustomStringConvertible {
    public var description: String {
        switch self {
        case .v4(let address): address.description
        case .v6(let address): address.description
        }
    }
}

extension ByteReader {
    /// The address that fills the rest, whose length tells its family.
    mutating func addressToTheEnd(_ field: String) throws(DecodeError) -> IPAddress {
        switch remaining {
        case 4: .v4(try ipv4Address(field))
        case 16: .v6(try ipv6Address(field))
        default: throw DecodeError(.badLength(remaining), field: field, offset: offset)
        }
    }
}
