// SPDX-License-Identifier: Apache-2.0
import Wire

extension GatewayConfiguration {
    /// `mag.access`: links that have no other purpose.
    static func accessLinks(
        _ node: ConfigurationNode?,
        gateway: String,
        otherLinks: Set<String>,
        lans: [LANConfiguration],
        wans: [WANConfiguration]
    ) throws(ConfigurationError) -> [AccessLinkConfiguration] {
        var links: [AccessLinkConfiguration] = []
        for item in try node?.list(atLeast: 1) ?? [] {
            let link = try AccessLinkConfiguration(item, gateway: gateway)
            let isTaken =
                otherLinks.contains(link.interface) || wans.contains { $0.selection == .name(link.interface) }
                || links.contains { $0.interface == link.interface }
            guard !isTaken else { throw item.failure("the interface \(link.interface) has another purpose already") }
            // A relay hears servers by any link, on the port that a server has.
            if link.relay != nil, let lan = lans.first(where: { $0.dhcp != nil }) {
                throw item.failure(
                    "dhcp-relay cannot stand beside \(lan.keyPath).dhcp",
                    hint: "relay and server need the same port of this machine"
                )
            }
            links.append(link)
        }
        return links
    }

    /// `mag.mobile-nodes`: each once, and not the site itself.
    static func mobileNodes(
        _ node: ConfigurationNode?,
        beside logical: MobileNodeConfiguration?,
        on links: [AccessLinkConfiguration]
    ) throws(ConfigurationError) -> [AccessNodeConfiguration] {
        guard let node else { return [] }
        guard !links.isEmpty else {
            throw node.failure("there is no link for them", hint: "mag.access names the links that nodes come to")
        }
        var nodes: [AccessNodeConfiguration] = []
        for item in try node.list(atLeast: 1) {
            let node = try AccessNodeConfiguration(item)
            guard node.identifier != logical?.identifier, !nodes.contains(where: { $0.identifier == node.identifier })
            else { throw item.failure("\"\(node.identifier)\" is there already") }
            if let other = nodes.first(where: { $0.linkLayerAddress == node.linkLayerAddress }) {
                throw item.failure("the mac \(node.linkLayerAddress) belongs to \(other.identifier) already")
            }
            nodes.append(node)
        }
        return nodes
    }

    /// Whoever is to be served: the site, nodes on access links, or both.
    static func checkPurpose(
        _ section: ConfigurationSection,
        _ logical: MobileNodeConfiguration?,
        _ links: [AccessLinkConfiguration],
        _ nodes: [AccessNodeConfiguration]
    ) throws(ConfigurationError) {
        guard logical != nil || !links.isEmpty else {
            throw section.node.failure(
                "the key mobile-node is missing",
                hint: "or give access, a list of links for nodes"
            )
        }
        if logical == nil, let lan = section.optional("lan") ?? section.optional("lans") {
            throw lan.failure("has no mobile node", hint: "mag.mobile-node is the site's")
        }
        guard links.isEmpty || !nodes.isEmpty || links.contains(where: { $0.unknownNodes != nil }) else {
            throw (section.optional("access") ?? section.node).failure(
                "nobody would be served",
                hint: "name the nodes in mag.mobile-nodes, or set unknown-nodes: register"
            )
        }
    }
}
