// SPDX-License-Identifier: Apache-2.0
package import Wire

/// What an operator wants revoked (RFC 5846 §8.1).
package enum RevocationTarget: Hashable, Sendable {
    /// All sessions of the node.
    case mobileNode(NodeIdentifier)
    case binding(BindingIdentifier, of: NodeIdentifier)
    /// The IPv4 home address alone; the home network prefixes stay.
    case homeAddress(of: NodeIdentifier)
    /// Every binding of the gateway.
    case gateway(NodeIdentifier)
    /// Every node whose identifier ends in `@` and exactly this.
    case realm(String)
    /// Every binding of every gateway.
    case everything
}
