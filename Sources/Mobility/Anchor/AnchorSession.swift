// SPDX-License-Identifier: Apache-2.0
import Wire

/// A mobile node's bindings together: one set of prefixes and keys over any number of paths.
struct AnchorSession: Sendable {
    let identifier: SessionIdentifier
    /// The gateway that holds the bindings.
    var gateway: NodeIdentifier
    /// The bindings carry a Binding ID (RFC 8278 §4.4).
    var isMultipath: Bool
    var homeNetworkPrefixes: [IPPrefix]
    var delegatedPrefixes: [IPPrefix]
    var homeAddress: IPv4Address?
    /// The number of the indication that asks the gateway to let go of it (RFC 5846 §8.1).
    var homeAddressRevocation: UInt16?
    var downlinkKey: UInt32?
    var uplinkKey: UInt32?
    /// nil: one of the two ends does not announce probes.
    var probeNumbers: ProbeNumbers?
    /// Whether the peer knows path reports. Not stored: who begins anew learns it from the first report.
    var knowsReports = false
    /// Likewise of probes of paths' sizes.
    var knowsSizeProbes = false
    /// The access side of the node, and its interface there; nil if the gateway does not know it (RFC 5213 §5.1).
    var accessTechnology: AccessTechnology?
    var linkLayerIdentifier: [UInt8]?
    /// The gateway has named what it was given: it knows of its session.
    var isConfirmed = false
    /// The gateway's link-local address on the access link (RFC 5213 §5.1).
    var linkLocalAddress: IPv6Address?
    /// The gateway's, as its last heartbeat response said.
    var restartCounter: UInt32?
    /// Which sequence numbers the data plane sends with the downlink key.
    var reserve = SequenceReserve(first: 0, start: 0)
    /// How often another gateway has taken over the uplink key, or the same one has begun anew.
    var sender: UInt32 = 0
    /// The site's (RFC 6089 §4.3), and the update that said so last.
    var flows = FlowBindingList()
    var flowOrder: FlowOrder?
    /// The gateway knows schemes: it can be told of our rules, and shall be.
    var hasSchemes = false
    var telling = FlowNegotiation()
    /// It has rules of ours of which we do not know.
    var hasUnknownRules = false
    /// A notification of our rules is under way.
    var isTelling = false
    /// In the order of their first registration.
    var bindings: [Binding] = []
    /// What the data plane has of it.
    var installed: SessionDescription?

    /// RFC 6089 §5.3.1
    var registered: Set<UInt8> { Set(bindings.lazy.filter(\.isActive).compactMap { $0.path.binding?.rawValue }) }

    var isActive: Bool { bindings.contains(where: \.isActive) }
    var hasPathProbes: Bool { probeNumbers != nil }

    var prefixes: [IPPrefix] {
        homeNetworkPrefixes + delegatedPrefixes + (homeAddress.map { [IPPrefix(host: .v4($0))] } ?? [])
    }

    /// What the machine's routing has of it.
    var network: [NetworkChange] {
        (homeNetworkPrefixes + delegatedPrefixes).map { .addPrefix($0) }
            + (homeAddress.map { [.addHomeAddress($0)] } ?? [])
    }

    func index(of binding: BindingIdentifier?) -> Int? { bindings.firstIndex { $0.path.binding == binding } }

    subscript(binding: BindingIdentifier?) -> Binding? { bindings.first { $0.path.binding == binding } }
}
