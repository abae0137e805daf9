// SPDX-License-Identifier: Apache-2.0
import Wire

/// One mobile node's session at a gateway, over any number of access networks (RFC 5213 §6, RFC 8278): a function of
/// messages and time, with what the gateway shares among its sessions.
struct MobilitySession: Sendable {
    enum Phase: Equatable, Sendable { case stopped, running, stopping }

    /// RFC 8278 §4.4
    enum Mode: Equatable, Sendable {
        /// Whether the anchor knows multipath is asked on one path first.
        case discovering
        case multipath
        /// One binding without BID, on the link of this index.
        case single(carrier: Int?)
    }

    /// The gateway's, lent for a turn; in between it says nothing.
    var shared: SharedGatewayState
    var node: ServedNode
    var phase: Phase = .stopped
    var mode: Mode = .discovering
    var links: [WANLink]
    var session: GatewaySession
    var flows = SiteFlows()
    /// When a change of a line's metrics that was held back is told.
    var metricsDueAt = Instant.never
    /// De-registrations of paths that are dead themselves, sent over others.
    var farewells: [Farewell] = []
    /// The anchor has asked which access networks the paths use (RFC 7077 §6.1); it is told in every update from then on.
    var namesAccessNetworks = false
    /// The anchor has revoked it; a notification makes the gateway ask again.
    var isHomeAddressRevoked = false
    /// The newest update with O that the anchor may have acted on: what was granted before it is gone there.
    var overwrittenBy: UInt64 = 0
    /// The site's traffic leaves without an anchor.
    var isBrokenOut = false
    /// When multipath, which the anchor does not grant, is asked for again.
    var multipathRetryAt = Instant.never
    /// The first registration after a start clears what an earlier life left at the anchor (RFC 8278 §4.1, O).
    var needsOverwrite = true
    var isDelegationRefused = false
    /// RFC 5844 §3.1.2.1: the node gets only the other of the two services.
    var isHomeAddressRefused = false
    /// A physical node has given it back by DHCP, or the anchor had none, and the node has not asked again.
    var isHomeAddressReleased = false
    /// RFC 5844 §3.2.3.2: not asked for again before an operator has acted.
    var refusedServices: Set<AddressService> = []
    /// RFC 5213 §6.9.1.2: the node is not entitled; nothing is asked before an operator has acted.
    var isProxyRegistrationRefused = false
    /// What the access side says of how the node came has been told to the anchor, and answered.
    var hasArrived = false
    /// In every announcement of this life, so that an earlier one's probes have another key.
    let probeNumber: UInt64
    var sequence: UInt16
    /// Which sequence numbers the data plane sends with the uplink key.
    var reserve: SequenceReserve
    var reservedKey: UInt32?
    /// As the store has it.
    var stored: SessionRecord?
    /// Updates sent so far.
    var sentUpdates: UInt64 = 0

    /// `shared` as it is; it is not kept.
    init(of node: ServedNode, _ shared: inout SharedGatewayState) {
        let settings = shared.settings
        self.shared = SharedGatewayState(settings, seed: 0)
        self.node = node
        let anchor = shared.anchor
        links = settings.wans.map { WANLink(settings: $0, anchorAddress: anchor.address(of: $0.family)) }
        session = GatewaySession(identifier: SessionIdentifier(mobileNode: node.identifier))
        sequence = UInt16.random(in: 0 ... .max, using: &shared.random)
        probeNumber = shared.random.probeNumber()
        reserve = SequenceReserve(first: 0, start: shared.start)
    }

    /// When something is due. What is shared is not here between turns.
    var deadline: Instant {
        guard phase != .stopped else { return .never }
        var next = links.map(\.deadline).min() ?? .never
        if let farewell = farewells.map(\.until).min() { next = min(next, farewell) }
        if let validUntil = session.validUntil { next = min(next, validUntil) }
        return phase == .running ? min(next, multipathRetryAt, metricsDueAt) : next
    }

    var identifier: SessionIdentifier { session.identifier }
    var hasBindings: Bool { links.contains { $0.granted != nil } }
    /// Another node's session has bindings.
    var othersHaveBindings: Bool { shared.holders.contains { $0 != identifier } }

    /// Begins to register.
    mutating func start() {
        guard phase == .stopped else { return }
        phase = .running
        refusedServices = []
        isProxyRegistrationRefused = false
        mode = firstMode
    }

    var firstMode: Mode { settings.isMultipathWanted ? .discovering : .single(carrier: nil) }
}

// MARK: What is shared

extension MobilitySession {
    var settings: GatewaySettings { shared.settings }

    var anchors: AnchorList {
        get { shared.anchors }
        set { shared.anchors = newValue }
    }

    var anchor: KnownAnchor {
        get { shared.anchor }
        set { shared.anchor = newValue }
    }

    var counters: EngineCounters {
        get { shared.counters }
        set { shared.counters = newValue }
    }

    /// How long a de-registration's answer is waited for (RFC 5213 §6.9.1.4).
    var answerTimeout: Duration { anchor.timers.initialRetransmission }

    mutating func drop(_ datagram: Datagram, _ reason: DropReason, at now: Moment) -> [Action] {
        shared.drop(datagram, reason, at: now)
    }
}
