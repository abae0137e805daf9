// SPDX-License-Identifier: Apache-2.0

/// The host's and the gateway's IPv4 addresses on the LAN: the second and the first of the delegated prefix.
package struct HostNumbering: Sendable {
    /// With the prefix length.
    package var address: String
    /// Without the prefix length.
    package var router: String
    package var routerWithLength: String
    /// Whether the lab put the router's address on the gateway, not the gateway itself.
    package var gatewayAddressIsOurs = false

    /// From `10.20.0.0/24`; nil for another family.
    package init?(prefix: String) {
        let halves = prefix.split(separator: "/")
        let octets = halves.first?.split(separator: ".").compactMap { UInt8($0) } ?? []
        guard halves.count == 2, octets.count == 4, octets[3] < 253 else { return nil }
        let network = octets[..<3].map(String.init).joined(separator: ".")
        router = "\(network).\(octets[3] + 1)"
        routerWithLength = "\(router)/\(halves[1])"
        address = "\(network).\(octets[3] + 2)/\(halves[1])"
    }
}
