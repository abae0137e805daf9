// SPDX-License-Identifier: Apache-2.0
package import Wire

/// All that a physical mobile node has by its session, for the access link that it is on.
package struct MobileNodeService: Hashable, Sendable {
    package var identifier: NodeIdentifier
    package var homeNetworkPrefixes: [IPPrefix]
    /// With prefix length and default router (RFC 5844 §3.2.3).
    package var homeAddress: HomeAddressAssignment?
    /// What the gateway shall call itself on the node's link (RFC 5213 §6.9.1.2); nil: the anchor does not say.
    package var linkLocalAddress: IPv6Address?

    package init(
        identifier: NodeIdentifier,
        homeNetworkPrefixes: [IPPrefix],
        homeAddress: HomeAddressAssignment? = nil,
        linkLocalAddress: IPv6Address? = nil
    ) {
        self.identifier = identifier
        self.homeNetworkPrefixes = homeNetworkPrefixes
        self.homeAddress = homeAddress
        self.linkLocalAddress = linkLocalAddress
    }
}
