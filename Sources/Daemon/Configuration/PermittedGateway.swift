// SPDX-License-Identifier: Apache-2.0
package import Mobility

/// A gateway that an anchor serves.
package struct PermittedGateway: Equatable, Sendable {
    /// The MAG identifier (RFC 8278 §4.2), 1 to 253 octets.
    package let identifier: String
    /// The mobile nodes and realms that it may register; at least one.
    package let nodes: [PermittedNode]
    /// Whether multipath is granted to it.
    package let multipath: Bool
    /// Whether it may have all its bindings revoked at once.
    package let mayRevokeAll: Bool
    /// Whether its site's rules are taken (RFC 6089); if not, each end distributes by its own.
    package let areFlowBindingsAllowed: Bool
    package let authentication: AuthenticationConfiguration
    package let compatibility: PeerCompatibility

    init(_ node: ConfigurationNode, noting profiles: inout NodeProfiles) throws(ConfigurationError) {
        let section = try node.section([
            "identifier", "mobile-nodes", "multipath", "authentication", "compatibility", "may-revoke-all",
            "flow-bindings",
        ])
        identifier = try section.required("identifier").networkAccessIdentifier()
        var nodes: [PermittedNode] = []
        var identifiers: Set<String> = []
        for item in try section.required("mobile-nodes").list(atLeast: 1) {
            let node = try PermittedNode(item)
            guard identifiers.insert(node.identifier).inserted else {
                throw item.failure("\"\(node.identifier)\" is there already")
            }
            nodes.append(node)
            if let profile = node.profile { try profiles.add(profile, at: item) }
        }
        self.nodes = nodes
        multipath = try section.optional("multipath")?.truth() ?? true
        mayRevokeAll = try section.optional("may-revoke-all")?.truth() ?? false
        areFlowBindingsAllowed = try section.optional("flow-bindings")?.truth() ?? true
        authentication = try AuthenticationConfiguration(requiredIn: section)
        compatibility = try section.compatibility(authentication, mobileNodes: nodes.map(\.identifier))
    }

    package var mobileNodes: [String] { nodes.map(\.identifier) }
}

extension ConfigurationNode {
    /// An identifier that fits into the options 8 and 64, whose data are its subtype and itself.
    func networkAccessIdentifier() throws(ConfigurationError) -> String { try word(atMost: 253) }
}
