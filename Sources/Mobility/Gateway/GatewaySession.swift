// SPDX-License-Identifier: Apache-2.0
import Wire

/// What all paths of a mobility session share.
struct GatewaySession: Sendable {
    let identifier: SessionIdentifier
    /// As granted last; asked for again when the session has ended.
    var homeNetworkPrefixes: [IPPrefix] = []
    var delegatedPrefixes: [IPPrefix] = []
    /// What routers behind the gateway have besides.
    var relayed = RelayedDelegation()
    var homeAddress: HomeAddressAssignment?
    /// What the gateway shall call itself on a physical node's access link, if the anchor says so unasked: there it has an
    /// address that is the same everywhere (RFC 6543), and asks for none (RFC 5213 §6.9.1.1 (9)).
    var linkLocalAddress: IPv6Address?
    var downlinkKey: UInt32?
    var uplinkKey: UInt32?
    /// nil: one of the two ends does not announce probes.
    var probeNumbers: ProbeNumbers?
    /// Whether the peer knows path reports. Not stored: who begins anew learns it from the first report.
    var knowsReports = false
    /// Likewise of probes of paths' sizes.
    var knowsSizeProbes = false
    /// The flow rules that the anchor has told of.
    var anchorFlows = FlowBindingList()
    /// Until then an anchor may hold a binding of ours.
    var validUntil: Instant?
    /// The present anchor is the one that granted it.
    var isKnownToAnchor = false
    /// What the data plane has of it.
    var installed: SessionDescription?
    /// What the machine's routing has of it, where the node is the site itself.
    var installedNetwork: [NetworkChange] = []
    /// What a physical node has.
    var service: MobileNodeService?

    var hasPathProbes: Bool { probeNumbers != nil }

    /// The site's own and its routers'.
    var allDelegatedPrefixes: [IPPrefix] { delegatedPrefixes + relayed.registered }

    var prefixes: [IPPrefix] {
        homeNetworkPrefixes + allDelegatedPrefixes + (homeAddress.map { [$0.prefix] } ?? [])
    }

    var network: [NetworkChange] {
        (homeNetworkPrefixes + allDelegatedPrefixes).map { .addPrefix($0) }
            + (homeAddress.map { [.addHomeAddress($0.address)] } ?? [])
    }
}
