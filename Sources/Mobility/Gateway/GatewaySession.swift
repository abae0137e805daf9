// SPDX-License-Identifier: Apache-2.0
import Wire

/// The one session of a gateway: what all paths share.
struct GatewaySession: Sendable {
    let identifier: SessionIdentifier
    /// As granted last; asked for again when the session has ended.
    var homeNetworkPrefixes: [IPPrefix] = []
    var delegatedPrefixes: [IPPrefix] = []
    var homeAddress: HomeAddressAssignment?
    var downlinkKey: UInt32?
    var uplinkKey: UInt32?
    /// nil: one of the two ends does not announce probes.
    var probeNumbers: ProbeNumbers?
    /// Until then an anchor may hold a binding of ours.
    var validUntil: Instant?
    /// The present anchor is the one that granted it.
    var isKnownToAnchor = false
    /// What the data plane has of it.
    var installed: SessionDescription?
    /// What the machine's routing has of it.
    var installedNetwork: [NetworkChange] = []

    var hasPathProbes: Bool { probeNumbers != nil }

    var prefixes: [IPPrefix] {
        homeNetworkPrefixes + delegatedPrefixes + (homeAddress.map { [$0.prefix] } ?? [])
    }

    var network: [NetworkChange] {
        (homeNetworkPrefixes + delegatedPrefixes).map { .addPrefix($0) }
            + (homeAddress.map { [.addHomeAddress($0.address)] } ?? [])
    }
}
