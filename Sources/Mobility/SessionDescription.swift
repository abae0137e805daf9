// SPDX-License-Identifier: Apache-2.0
package import Wire

/// One mobile node's traffic, whatever the path.
package struct SessionDescription: Equatable, Sendable {
    package var identifier: SessionIdentifier
    /// Home network prefixes and delegated prefixes of both families: what the node's packets may come from
    /// (RFC 5213 §5.6.2, §6.10.5, RFC 7148 §5.2.3).
    package var prefixes: [IPPrefix]
    /// Key in packets from anchor to gateway: chosen by the gateway, the same on all paths (one sequence space).
    package var downlinkKey: UInt32?
    /// Key in packets from gateway to anchor: chosen by the anchor.
    package var uplinkKey: UInt32?
    /// Tags path probes; nil if the peer did not announce that it knows them.
    package var probeKey: SipKey?
    /// Whether the peer announced that it knows path reports.
    package var hasReports: Bool
    /// Whether the peer announced that it answers probes of paths' sizes.
    package var hasSizeProbes: Bool
    /// Of the first packet sent with a key that is new to the data plane.
    package var firstSequence: UInt32
    /// Another one where another gateway, or one that began anew, numbers its packets with the same key from now on.
    package var sender: UInt32
    /// The site's and the anchor's, in the order in which they are matched.
    package var rules: [FlowRule]

    package init(
        identifier: SessionIdentifier,
        prefixes: [IPPrefix],
        downlinkKey: UInt32?,
        uplinkKey: UInt32?,
        probeKey: SipKey?,
        hasReports: Bool = false,
        hasSizeProbes: Bool = false,
        firstSequence: UInt32 = 0,
        sender: UInt32 = 0,
        rules: [FlowRule] = []
    ) {
        self.identifier = identifier
        self.prefixes = prefixes
        self.downlinkKey = downlinkKey
        self.uplinkKey = uplinkKey
        self.probeKey = probeKey
        self.hasReports = hasReports
        self.hasSizeProbes = hasSizeProbes
        self.firstSequence = firstSequence
        self.sender = sender
        self.rules = rules
    }
}
