// SPDX-License-Identifier: Apache-2.0
package import Wire

/// What an operator decides for a gateway.
package struct GatewaySettings: Sendable {
    package var identifier: NodeIdentifier
    /// The logical mobile node, which is the site itself; nil: there are physical ones only.
    package var mobileNode: NodeIdentifier?
    /// Physical ones at a time.
    package var maximumMobileNodes = 256
    /// In the order in which they are tried.
    package var anchors: [AnchorPeer]
    /// An anchor may send the gateway to another (RFC 6463 §7, EnableLMARedirectFunction).
    package var acceptsRedirection = false
    package var breakOut = BreakOutPolicy.never
    package var isMultipathWanted = true
    package var lifetime: Duration = .seconds(3600)
    /// In the order in which they are tried.
    package var wans: [WANSettings]
    package var requestsDelegatedIPv6 = false
    package var requestsDelegatedIPv4 = false
    /// Off: an IPv4-only mobile node, which needs a home address.
    package var requestsHomeNetworkPrefix = true
    /// RFC 5844 §3.2.3
    package var requestsIPv4HomeAddress = false
    /// Off: GRE without keys (RFC 5845 §3.2).
    package var wantsGREKey = true
    /// How often an address translator on the way is reminded; nil: as the anchor asks.
    package var natKeepalive: Duration?
    /// RFC 5847 §5
    package var heartbeatInterval: Duration = .seconds(60)
    package var missingHeartbeatsAllowed = 3
    /// One more for each start that lost the bindings.
    package var restartCounter: UInt32
    package var announcesProbes = true
    package var flowBindings = FlowBindingSupport.schemes
    /// A logical node is, while its gateway runs. Off: an anchor that announces its hand-over gets its bindings back
    /// (RFC 5846 §9.1).
    package var isMobileNodeAttached = true
    /// One update refreshes all paths (RFC 8278 §4.1, B).
    package var refreshesInBulk = true

    package init(
        identifier: NodeIdentifier,
        mobileNode: NodeIdentifier?,
        anchors: [AnchorPeer],
        wans: [WANSettings],
        restartCounter: UInt32
    ) {
        self.identifier = identifier
        self.mobileNode = mobileNode
        self.anchors = anchors
        self.wans = wans
        self.restartCounter = restartCounter
    }
}
