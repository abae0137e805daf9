// SPDX-License-Identifier: Apache-2.0
package import Wire

/// One of the site's own links, on which the gateway advertises itself as router.
package struct LANConfiguration: Equatable, Sendable {
    /// Where it stands in the file, such as `mag.lans[1]`.
    package let keyPath: String
    /// The operating system's interface.
    package let interface: String
    /// What hosts there get addresses of; at least one.
    package let families: Set<AddressFamily>
    /// Which /64 of the delegated prefix is this link's, counted from 0.
    package let subnet: UInt64
    /// Recursive DNS servers for the hosts, at most 8: those over IPv6 are advertised (RFC 8106), those over IPv4 told by
    /// DHCP.
    package let dnsServers: [IPAddress]
    /// The gateway's private address where no IPv4 prefix is delegated.
    package let ipv4: InterfaceAddress?
    /// nil: hosts number themselves, or another server does it.
    package let dhcp: DHCPConfiguration?
    /// nil: routers there get no prefixes.
    package let delegate: DelegationConfiguration?

    /// `place` is counted from 0 among the LANs.
    init(_ node: ConfigurationNode, place: Int = 0) throws(ConfigurationError) {
        let section = try node.section(["interface", "families", "subnet", "dns", "ipv4", "dhcp", "delegate"])
        keyPath = node.keyPath
        interface = try section.required("interface").interfaceName()
        let families = try section.optional("families")?.families(atLeast: 1) ?? [.ipv4, .ipv6]
        self.families = families
        // As many as a /48 has.
        subnet = UInt64(try section.optional("subnet")?.integer(in: 0...65_535) ?? place)
        try Self.refuse(["subnet", "delegate"], of: .ipv6, beside: families, section)
        try Self.refuse(["ipv4", "dhcp"], of: .ipv4, beside: families, section)
        let dhcp = try section.optional("dhcp").map { node throws(ConfigurationError) in try DHCPConfiguration(node) }
        self.dhcp = dhcp
        dnsServers = try Self.servers(section, hasDHCP: dhcp != nil)
        delegate = try section.optional("delegate").map { node throws(ConfigurationError) in
            try DelegationConfiguration(node)
        }
        ipv4 = try section.optional("ipv4").map { node throws(ConfigurationError) in try InterfaceAddress(node) }
    }

    private static func refuse(
        _ keys: [String],
        of family: AddressFamily,
        beside families: Set<AddressFamily>,
        _ section: ConfigurationSection
    ) throws(ConfigurationError) {
        guard !families.contains(family) else { return }
        for key in keys {
            if let node = section.optional(key) { throw node.failure("means nothing where families has no \(family)") }
        }
    }

    static func servers(
        _ section: ConfigurationSection,
        hasDHCP: Bool
    ) throws(ConfigurationError) -> [IPAddress] {
        var servers: [IPAddress] = []
        for item in try section.optional("dns")?.list() ?? [] {
            // An advertisement must fit into one packet of 1280 octets with everything else that it says.
            guard servers.count < 8 else { throw item.failure("more than 8 servers cannot be advertised") }
            let server = try item.address()
            guard hasDHCP || !server.isIPv4 else {
                throw item.failure(
                    "\(server) can be told by DHCP only",
                    hint: "which \(section.node.keyPath).dhcp switches on"
                )
            }
            guard !servers.contains(server) else { throw item.failure("\(server) is there already") }
            servers.append(server)
        }
        return servers
    }
}

extension ConfigurationNode {
    /// A list of families, each once.
    func families(atLeast minimum: Int = 0) throws(ConfigurationError) -> Set<AddressFamily> {
        var families: Set<AddressFamily> = []
        for item in try list(atLeast: minimum) {
            let family = try item.choice(["ipv4": AddressFamily.ipv4, "ipv6": .ipv6])
            guard families.insert(family).inserted else { throw item.failure("\(family) is there already") }
        }
        return families
    }
}
