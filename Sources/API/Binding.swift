// SPDX-License-Identifier: Apache-2.0

/// A mobile node's registration: one binding cache entry of an anchor, or a gateway's view of it.
package struct Binding: Codable, Sendable, Equatable {
    /// The mobile node identifier (RFC 4283).
    package var mobileNode: String
    /// The gateway that serves the node, by its MAG identifier (RFC 8278 §4.2).
    package var gateway: String
    /// In the form `address/length`.
    package var homeNetworkPrefixes: [String]
    /// Delegated mobile network prefixes (RFC 7148) of either family, in the form `address/length`.
    package var delegatedPrefixes: [String]
    /// The entry's state in words, such as `active`, `registering`, `delete-pending`.
    package var state: String
    /// Whether multipath was granted (RFC 8278).
    package var multipath: Bool
    /// The identifiers of the registered paths (RFC 5648), in ascending order.
    package var bindingIdentifiers: [Int]
    /// The lifetime granted, in seconds.
    package var lifetimeSeconds: Int
    /// Seconds until the binding expires.
    package var remainingSeconds: Int
    /// Only at a gateway: the anchor that it registers with now, as its configuration calls it.
    package var anchor: String?
    /// Only at a gateway: that anchor's addresses, configured or found under its name; empty until they are found.
    package var anchorAddresses: [String]?
    /// Only at a gateway: whether the node's traffic leaves by the access networks, without an anchor.
    package var brokenOut: Bool?

    package init(
        mobileNode: String,
        gateway: String,
        homeNetworkPrefixes: [String],
        delegatedPrefixes: [String],
        state: String,
        multipath: Bool,
        bindingIdentifiers: [Int],
        lifetimeSeconds: Int,
        remainingSeconds: Int,
        anchor: String? = nil,
        anchorAddresses: [String]? = nil,
        brokenOut: Bool? = nil
    ) {
        self.mobileNode = mobileNode
        self.gateway = gateway
        self.homeNetworkPrefixes = homeNetworkPrefixes
        self.delegatedPrefixes = delegatedPrefixes
        self.state = state
        self.multipath = multipath
        self.bindingIdentifiers = bindingIdentifiers
        self.lifetimeSeconds = lifetimeSeconds
        self.remainingSeconds = remainingSeconds
        self.anchor = anchor
        self.anchorAddresses = anchorAddresses
        self.brokenOut = brokenOut
    }
}
