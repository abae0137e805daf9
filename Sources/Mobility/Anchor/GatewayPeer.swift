// SPDX-License-Identifier: Apache-2.0
package import Wire

/// A gateway that the anchor serves.
package struct GatewayPeer: Sendable {
    package var identifier: NodeIdentifier
    package var mobileNodes: [NodeIdentifier]
    package var isMultipathAllowed = true
    /// Off: a request for delegated prefixes is answered by status 177.
    package var isDelegationAllowed = true
    package var authentication: PeerAuthentication

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
