// SPDX-License-Identifier: Apache-2.0
package import Wire

/// What operators call by name, as the management interface shows it.
extension LocalMobilityAnchor {
    /// One that has a session.
    package func mobileNode(named name: String) -> NodeIdentifier? {
        let usual = NodeIdentifier(nai: name)
        guard cache.sessions(of: usual).isEmpty else { return usual }
        // Not a network access identifier, or one that cannot be printed.
        return cache.sessions.keys.first { $0.mobileNode.description == name }?.mobileNode
    }

    /// One that the anchor serves, with bindings or without.
    package func gateway(named name: String) -> NodeIdentifier? {
        admission.gateways.first { $0.identifier.description == name }?.identifier
    }

    package func hasBinding(_ binding: BindingIdentifier, of node: NodeIdentifier) -> Bool {
        cache.sessions(of: node).contains { $0[binding] != nil }
    }

    package func hasHomeAddress(_ node: NodeIdentifier) -> Bool {
        cache.sessions(of: node).contains { $0.homeAddress != nil }
    }
}
