// SPDX-License-Identifier: Apache-2.0
package import Wire

/// The section `lma.delegate`: prefixes for routers behind gateways by DHCPv6 (RFC 7148 §3.2.2).
package struct DelegatingRouterConfiguration: Equatable, Sendable {
    /// Where gateways' relay agents find it, inside their tunnels.
    package let address: IPv6Address
    /// How long a router may use its prefix without asking again: 2 min to 7 days.
    package let leaseTime: Duration
    /// Recursive DNS servers for the routers, at most 8.
    package let dnsServers: [IPv6Address]

    /// `hasPrefixes`: there is something to delegate.
    init(_ node: ConfigurationNode, at address: IPv6Address?, hasPrefixes: Bool) throws(ConfigurationError) {
        let section = try node.section(["lease", "dns"])
        guard let address else {
            throw node.failure("the anchor has no IPv6 address", hint: "give one in lma.addresses.ipv6")
        }
        guard hasPrefixes else {
            throw node.failure(
                "there is no IPv6 prefix to delegate",
                hint: "give lma.pools.delegated-ipv6-prefixes, or mobile nodes their own"
            )
        }
        self.address = address
        leaseTime = try section.optional("lease")?.leaseOfPrefixes() ?? .seconds(3600)
        var servers: [IPv6Address] = []
        for item in try section.optional("dns")?.list() ?? [] {
            let server = try item.ipv6Address()
            guard servers.count < 8 else { throw item.failure("more than 8 servers cannot be told") }
            guard !servers.contains(server) else { throw item.failure("\(server) is there already") }
            servers.append(server)
        }
        dnsServers = servers
    }
}
