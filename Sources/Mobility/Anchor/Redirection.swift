// SPDX-License-Identifier: Apache-2.0
package import Wire

/// Where an anchor sends gateways that register a node for the first time once it has enough sessions (RFC 6463).
package struct Redirection: Equatable, Sendable {
    /// Sessions.
    package var above: Int
    /// The other anchor, which knows the gateways by the same keys.
    package var target: IPAddress

    package init(above: Int, to target: IPAddress) {
        self.above = above
        self.target = target
    }

    /// A first registration that the other anchor is asked about.
    struct Pending: Sendable {
        var request: ProxyBindingUpdate
        var gateway: GatewayPeer
    }
}
