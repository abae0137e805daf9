// SPDX-License-Identifier: Apache-2.0
package import Wire

/// A gateway that the anchor serves.
package struct GatewayPeer: Sendable {
    package var identifier: NodeIdentifier
    /// An entry that begins with "@" stands for all nodes of that realm.
    package var mobileNodes: [NodeIdentifier]
    package var isMultipathAllowed = true
    /// Off: a request for delegated prefixes is answered by status 177.
    package var isDelegationAllowed = true
    /// Off: a request for an IPv4 home address is answered by status 170.
    package var isIPv4Allowed = true
    /// Off: IPv4-only nodes; a request for a home network prefix is answered by status 172.
    package var isIPv6Allowed = true
    /// Off: flow bindings are answered by status 128 (RFC 6089 §4.2).
    package var areFlowBindingsAllowed = true
    /// May ask for all its bindings to be revoked at once (RFC 5846 §8.2, §13); off: answered by status 130.
    package var isGlobalRevocationAllowed = false
    package var authentication: PeerAuthentication
    package var compatibility = PeerCompatibility.strict

    package init(
        identifier: NodeIdentifier,
        mobileNodes: [NodeIdentifier],
        isMultipathAllowed: Bool = true,
        authentication: PeerAuthentication
    ) {
        self.identifier = identifier
        self.mobileNodes = mobileNodes
        self.isMultipathAllowed = isMultipathAllowed
        self.authentication = authentication
    }
}
