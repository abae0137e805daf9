// SPDX-License-Identifier: Apache-2.0
package import Wire

/// What an operator decides for an anchor.
package struct AnchorSettings: Sendable {
    /// Own LMA addresses: the tunnels' near ends.
    package var addresses: [IPAddress]
    /// Off: the anchor behaves as one that has never heard of RFC 8278.
    package var isMultipathEnabled = true
    package var maximumLifetime: Duration = .seconds(3600)
    /// RFC 5213 §9.1
    package var timestampValidityWindow: Duration = .milliseconds(300)
    package var homeNetworkPrefixes: PrefixPool?
    package var delegatedIPv6: PrefixPool?
    package var delegatedIPv4: PrefixPool?
    package var gateways: [GatewayPeer]
    /// MinDelayBeforeBCEDelete, RFC 5213 §9.1
    package var minDelayBeforeBindingCacheEntryDelete: Duration = .seconds(10)
    /// RFC 5847 §5
    package var heartbeatInterval: Duration = .seconds(60)
    package var missingHeartbeatsAllowed = 3
    /// One more for each start that lost the bindings.
    package var restartCounter: UInt32
    package var announcesProbes = true
    /// Off: GRE directly over IPv4 only; a request for the TLV header is answered by status 3.
    package var isUDPTunnelEnabled = true

    package init(addresses: [IPAddress], gateways: [GatewayPeer], restartCounter: UInt32) {
        self.addresses = addresses
        self.gateways = gateways
        self.restartCounter = restartCounter
    }
}
