// SPDX-License-Identifier: Apache-2.0
package import Mobility

/// A gateway that an anchor serves.
package struct PermittedGateway: Equatable, Sendable {
    /// The MAG identifier (RFC 8278 §4.2), 1 to 253 octets.
    package let identifier: String
    /// The identifiers of the mobile nodes that it may register; at least one.
    package let mobileNodes: [String]
    /// Whether multipath is granted to it.
    package let multipath: Bool
    /// Whether it may have all its bindings revoked at once.
    package let mayRevokeAll: Bool
    package let authentication: AuthenticationConfiguration
    package let compatibility: PeerCompatibility

    init(_ node: ConfigurationNode) throws(ConfigurationError) {
        let section = try node.section([
            "identifier", "mobile-nodes", "multipath", "authentication", "compatibility", "may-revoke-all",
        ])
        identifier = try section.required("identifier").networkAccessIdentifier()
        var mobileNodes: [String] = []
        for item in try section.required("mobile-nodes").list(atLeast: 1) {
            let mobileNode = try item.networkAccessIdentifier()
            guard !mobileNodes.contains(mobileNode) else { throw item.failure("\"\(mobileNode)\" is there already") }
            mobileNodes.append(mobileNode)
        }
        self.mobileNodes = mobileNodes
        multipath = try section.optional("multipath")?.truth() ?? true
        mayRevokeAll = try section.optional("may-revoke-all")?.truth() ?? false
        authentication = try AuthenticationConfiguration(requiredIn: section)
        compatibility = try section.compatibility(authentication, mobileNodes: mobileNodes)
    }
}

extension ConfigurationNode {
    /// An identifier that fits into the options 8 and 64, whose data are its subtype and itself.
    func networkAccessIdentifier() throws(ConfigurationError) -> String { try word(atMost: 253) }
}
