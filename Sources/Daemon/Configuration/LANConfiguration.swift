// SPDX-License-Identifier: Apache-2.0
package import Wire

/// The site's own link, on which the gateway advertises itself as router.
package struct LANConfiguration: Equatable, Sendable {
    /// The operating system's interface.
    package let interface: String
    /// Recursive DNS servers to be advertised (RFC 8106), at most 8.
    package let dnsServers: [IPv6Address]
    /// The gateway's private address where no IPv4 prefix is delegated.
    package let ipv4: InterfaceAddress?

    init(_ node: ConfigurationNode) throws(ConfigurationError) {
        let section = try node.section(["interface", "dns", "ipv4"])
        interface = try section.required("interface").interfaceName()
        var servers: [IPv6Address] = []
        for item in try section.optional("dns")?.list() ?? [] {
            // An advertisement must fit into one packet of 1280 octets with everything else that it says.
            guard servers.count < 8 else { throw item.failure("more than 8 servers cannot be advertised") }
            let server = try item.ipv6Address()
            guard !servers.contains(server) else { throw item.failure("\(server) is there already") }
            servers.append(server)
        }
        dnsServers = servers
        ipv4 = try section.optional("ipv4").map { node throws(ConfigurationError) in try InterfaceAddress(node) }
    }
}
