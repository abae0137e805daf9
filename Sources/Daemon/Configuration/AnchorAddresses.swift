// SPDX-License-Identifier: Apache-2.0
package import Wire

/// The addresses at which gateways reach an anchor; at least one.
package struct AnchorAddresses: Equatable, Sendable {
    /// Unicast beyond a link.
    package let ipv6: IPv6Address?
    /// Unicast.
    package let ipv4: IPv4Address?

    init(_ node: ConfigurationNode) throws(ConfigurationError) {
        let section = try node.section(["ipv6", "ipv4"])
        ipv6 = try section.optional("ipv6")?.ipv6Address()
        ipv4 = try section.optional("ipv4")?.ipv4Address()
        guard ipv6 != nil || ipv4 != nil else { throw node.failure("has no address", hint: "give ipv6, ipv4 or both") }
    }

    /// nil if there is neither.
    init?(_ ipv6: IPAddress?, _ ipv4: IPAddress?) {
        if case .v6(let address)? = ipv6 { self.ipv6 = address } else { self.ipv6 = nil }
        if case .v4(let address)? = ipv4 { self.ipv4 = address } else { self.ipv4 = nil }
        guard self.ipv6 != nil || self.ipv4 != nil else { return nil }
    }

    /// The one of a family.
    package subscript(family: AddressFamily) -> IPAddress? {
        switch family {
        case .ipv4: ipv4.map { .v4($0) }
        case .ipv6: ipv6.map { .v6($0) }
        }
    }

    /// IPv6 first.
    package var all: [IPAddress] { [self[.ipv6], self[.ipv4]].compactMap(\.self) }

    var summary: String {
        all.map(\.description).joined(separator: " and ")
    }
}
