// SPDX-License-Identifier: Apache-2.0
package import Wire

/// The site's own link, on which the gateway advertises itself as router.
package struct LANConfiguration: Equatable, Sendable {
    /// The operating system's interface.
    package let interface: String
    /// Recursive DNS servers for the hosts, at most 8: those over IPv6 are advertised (RFC 8106), those over IPv4 told by
    /// DHCP.
    package let dnsServers: [IPAddress]
    /// The gateway's private address where no IPv4 prefix is delegated.
    package let ipv4: InterfaceAddress?
    /// nil: hosts number themselves, or another server does it.
    package let dhcp: DHCPConfiguration?

    init(_ node: ConfigurationNode) throws(ConfigurationError) {
        let section = try node.section(["interface", "dns", "ipv4", "dhcp"])
        interface = try section.required("interface").interfaceName()
        dhcp = try section.optional("dhcp").map { node throws(ConfigurationError) in try DHCPConfiguration(node) }
        var servers: [IPAddress] = []
        for item in try section.optional("dns")?.list() ?? [] {
            // An advertisement must fit into one packet of 1280 octets with everything else that it says.
            guard servers.count < 8 else { throw item.failure("more than 8 servers cannot be advertised") }
            let server = try item.address()
            guard dhcp != nil || !server.isIPv4 else {
                throw item.failure("\(server) can be told by DHCP only", hint: "which mag.lan.dhcp switches on")
            }
            guard !servers.contains(server) else { throw item.failure("\(server) is there already") }
            servers.append(server)
        }
        dnsServers = servers
        ipv4 = try section.optional("ipv4").map { node throws(ConfigurationError) in try InterfaceAddress(node) }
    }
}
