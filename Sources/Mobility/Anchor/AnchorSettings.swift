// SPDX-License-Identifier: Apache-2.0
package import Wire

/// What an operator decides for an anchor.
package struct AnchorSettings: Sendable {
    /// Own LMA addresses: the tunnels' near ends.
    package var addresses: [IPAddress]
    /// Off: the anchor behaves as one that has never heard of RFC 8278.
    package var isMultipathEnabled = true
    package var maximumLifetime: Duration = .seconds(3600)
    package var ordering = UpdateOrdering.timestamps
    /// RFC 5213 §9.1
    package var timestampValidityWindow: Duration = .milliseconds(300)
    package var homeNetworkPrefixes: PrefixPool?
    package var delegatedIPv6: PrefixPool?
    package var delegatedIPv4: PrefixPool?
    /// Addresses (prefixes of length 32) for mobile nodes that ask for one (RFC 5844 §3.1.1).
    package var ipv4HomeAddresses: PrefixPool?
    /// As nodes are told it; nil: that of the pool's range.
    package var ipv4HomeSubnetLength: Int?
    /// nil: the first host of the pool's range, which then is no node's.
    package var ipv4DefaultRouter: IPv4Address?
    /// The gateway serves DHCPv4 on its access link (RFC 5844 §3.3.4, S); off: nothing is said of it.
    package var makesGatewayDHCPServer = false
    /// For routers behind gateways that ask by DHCPv6 (RFC 7148 §3.2.2), of which the length means nothing here; nil:
    /// they are not answered.
    package var delegation: PrefixDelegationSettings?
    package var gateways: [GatewayPeer]
    /// Of those nodes that have one of their own.
    package var profiles: [MobileNodeProfile] = []
    package var handoff = HandoffPolicy.revoke
    /// MaxDelayBeforeNewBCEAssign, RFC 5213 §9.1
    package var maxDelayBeforeNewBindingCacheEntryAssign: Duration = .milliseconds(1500)
    /// nil: none is sent to another anchor.
    package var redirection: Redirection?
    /// nil: gateways keep their own (RFC 8127).
    package var gatewayParameters: GatewayParameters?
    /// MinDelayBeforeBCEDelete, RFC 5213 §9.1
    package var minDelayBeforeBindingCacheEntryDelete: Duration = .seconds(10)
    /// RFC 5847 §5
    package var heartbeatInterval: Duration = .seconds(60)
    package var missingHeartbeatsAllowed = 3
    /// One more for each start that lost the bindings.
    package var restartCounter: UInt32
    /// RFC 5846 §11
    package var revocation = RevocationSettings()
    /// RFC 7077 §7
    package var notification = NotificationSettings()
    package var announcesProbes = true
    package var flowBindings = FlowBindingSupport.schemes
    /// What a tunnel may be.
    package var permittedEncapsulations = Set(TunnelEncapsulation.allCases)
    /// An update without option 33 is refused with 163 (RFC 5845 §5.2).
    package var isGRERequired = false
    /// How often gateways behind address translators shall remind them (RFC 5555 §3.2.2). Whole seconds.
    package var natRefreshTime: Duration = .seconds(20)

    /// What a node with one of the addresses is told.
    func assignment(of address: IPv4Address) -> HomeAddressAssignment {
        HomeAddressAssignment(
            address: address,
            subnetLength: UInt8(clamping: ipv4HomeSubnetLength ?? Int(ipv4HomeAddresses?.range.length ?? 32)),
            defaultRouter: ipv4DefaultRouter ?? ipv4HomeAddresses?.firstHost,
            isGatewayDHCPServer: makesGatewayDHCPServer
        )
    }

    package init(addresses: [IPAddress], gateways: [GatewayPeer], restartCounter: UInt32) {
        self.addresses = addresses
        self.gateways = gateways
        self.restartCounter = restartCounter
    }
}
