// SPDX-License-Identifier: Apache-2.0

/// Who a DHCPv6 client or server is [DUID]: a type of two octets and what follows, to be compared and nothing else
/// (RFC 8415 §11).
package struct DHCPUniqueIdentifier: Hashable, Sendable {
    package let octets: [UInt8]

    /// nil unless it has 3 to 130 octets (RFC 8415 §11.1).
    package init?(_ octets: [UInt8]) {
        guard (3...130).contains(octets.count) else { return nil }
        self.octets = octets
    }

    /// That of a link-layer address on Ethernet (RFC 8415 §11.4).
    package init(_ address: LinkLayerAddress) { octets = [0, 3, 0, 1] + address.octets }

    /// That of a server without such an address: what it is called by the enterprise that made it (RFC 8415 §11.3).
    package init(_ address: IPv6Address) {
        octets =
            [0, 2] + (0..<4).map { UInt8(truncatingIfNeeded: VendorSpecific.plait >> (24 - 8 * $0)) } + address.octets
    }
}
