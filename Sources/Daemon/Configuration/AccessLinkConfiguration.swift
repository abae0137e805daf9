// SPDX-License-Identifier: Apache-2.0
package import Wire

/// A link on which mobile nodes of their own come and go (RFC 5213 §6.3).
package struct AccessLinkConfiguration: Equatable, Sendable {
    /// What becomes of nodes that have no profile.
    package struct UnknownNodes: Equatable, Sendable {
        /// Behind the `@` of the identifiers that are made from their link-layer addresses.
        package let realm: String
        package let families: Set<AddressFamily>
    }

    /// Where it stands in the file, for errors at the start.
    package let keyPath: String
    /// The operating system's interface.
    package let interface: String
    package let accessTechnology: AccessTechnology
    /// Whether the interface has the address of every gateway (RFC 6543) while the gateway runs.
    package let hasFixedLinkLayerAddress: Bool
    /// For the nodes, at most 8.
    package let dnsServers: [IPAddress]
    /// Of IPv4 home addresses by DHCP: 2 min to 7 days.
    package let leaseTime: Duration
    /// nil: the gateway gives them itself.
    package let relay: DHCPRelayConfiguration?
    /// Who is quiet for so long is asked whether it is there: 1 s to 1 h.
    package let quietTime: Duration
    /// nil: they get nothing.
    package let unknownNodes: UnknownNodes?

    init(_ node: ConfigurationNode, gateway: String) throws(ConfigurationError) {
        keyPath = node.keyPath
        let section = try node.section([
            "interface", "access-technology", "fixed-link-layer-address", "dns", "lease", "dhcp-relay",
            "probe-after", "unknown-nodes", "realm", "ipv4", "ipv6",
        ])
        interface = try section.required("interface").interfaceName()
        accessTechnology = try section.optional("access-technology")?.accessTechnology() ?? .ethernet
        hasFixedLinkLayerAddress = try section.optional("fixed-link-layer-address")?.truth() ?? true
        dnsServers = try LANConfiguration.servers(section, hasDHCP: true)
        leaseTime = try section.leaseTime()
        relay = try section.optional("dhcp-relay").map { node throws(ConfigurationError) in
            try DHCPRelayConfiguration(node)
        }
        quietTime = try section.optional("probe-after")?.duration(in: .seconds(1)...(.seconds(3600))) ?? .seconds(30)
        unknownNodes = try Self.unknownNodes(section, gateway: gateway)
    }

    private static func unknownNodes(
        _ section: ConfigurationSection,
        gateway: String
    ) throws(ConfigurationError) -> UnknownNodes? {
        guard try section.optional("unknown-nodes")?.choice(["ignore": false, "register": true]) ?? false else {
            for key in ["realm", "ipv4", "ipv6"] {
                if let value = section.optional(key) {
                    throw value.failure("is about unknown nodes", hint: "with unknown-nodes: register they are served")
                }
            }
            return nil
        }
        if let realm = try section.optional("realm")?.word(atMost: 200) {
            guard !realm.contains("@") else {
                throw section.node.failure("the realm \"\(realm)\" has an \"@\"", hint: "give what stands behind it")
            }
            return UnknownNodes(realm: realm, families: try section.nodeFamilies())
        }
        let parts = gateway.split(separator: "@", maxSplits: 1)
        guard parts.count == 2, let own = parts.last, own.utf8.count <= 200 else {
            throw section.node.failure(
                "the key realm is missing",
                hint: "unknown nodes are registered as MAC@REALM, and mag.identifier has no realm"
            )
        }
        return UnknownNodes(realm: String(own), families: try section.nodeFamilies())
    }
}
