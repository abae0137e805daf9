// SPDX-License-Identifier: Apache-2.0

/// A 48-bit link-layer address.
package struct LinkLayerAddress: Hashable, Sendable {
    /// The six octets as a number.
    package let value: UInt64

    /// Six octets; nil for any other number.
    package init?(octets: some Collection<UInt8>) {
        guard octets.count == 6 else { return nil }
        value = octets.reduce(0) { $0 << 8 | UInt64($1) }
    }

    private init(value: UInt64) { self.value = value }

    package static let broadcast = LinkLayerAddress(value: 0xFFFF_FFFF_FFFF)

    /// What every gateway has towards its mobile nodes, so that they meet the same router everywhere (RFC 6543 §3).
    package static let proxyMobileIPv6 = LinkLayerAddress(value: 0x0000_5E00_5213)

    /// Where frames to an IPv6 group go on Ethernet (RFC 2464 §7).
    package init(group: IPv6Address) { value = 0x3333_0000_0000 | group.low & 0xFFFF_FFFF }

    /// Of a single interface, which no group's is.
    package var isUnicast: Bool { value >> 40 & 1 == 0 }

    package var octets: [UInt8] {
        stride(from: 40, through: 0, by: -8).map { UInt8(truncatingIfNeeded: value >> UInt64($0)) }
    }
}

extension LinkLayerAddress: CustomStringConvertible {
    package var description: String {
        octets.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined(separator: ":")
    }
}
