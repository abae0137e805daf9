// SPDX-License-Identifier: Apache-2.0
package import Wire

/// The mobile access gateway of one logical mobile node as a function of messages and time (RFC 5213 §6, RFC 8278).
package struct MobileAccessGateway: Sendable {
    package enum Event: Equatable, Sendable {
        case received(Datagram)
        /// `nextDeadline` has come. Too early does nothing.
        case deadline
        /// By the WAN's name.
        case wanChanged(String, WANState)
        case pathCondition(PathIdentifier, PathCondition)
        /// The data plane has used up the session's sequence numbers to there.
        case sequenceAdvanced(SessionIdentifier, UInt32)
        /// Whether the session can be stored.
        case storeChanged(isWell: Bool)
        /// What an anchor's name stands for; empty: nothing, or nobody could tell.
        case anchorResolved(String, [IPAddress])
        case request(AdministrativeRequest)
    }

    enum Phase: Equatable, Sendable { case stopped, running, stopping }

    /// RFC 8278 §4.4
    enum Mode: Equatable, Sendable {
        /// Whether the anchor knows multipath is asked on one path first.
        case discovering
        case multipath
        /// One binding without BID, on the link of this index.
        case single(carrier: Int?)
    }

    let settings: GatewaySettings
    var phase: Phase = .stopped
    var mode: Mode = .discovering
    var links: [WANLink]
    var anchors: AnchorList
    var session: GatewaySession
    /// De-registrations of paths that are dead themselves, sent over others.
    var farewells: [Farewell] = []
    var answeredRevocation: AnsweredRevocation?
    var answeredNotification: AnsweredNotification?
    var notificationRate = MessageRate()
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
    /// Nothing is registered before: all gateways of an anchor that has restarted would come at once.
    var registersFrom: Instant?
    /// The first registration after a start clears what an earlier life left at the anchor (RFC 8278 §4.1, O).
    var needsOverwrite = true
    var isDelegationRefused = false
    /// RFC 5844 §3.1.2.1: the node gets only the other of the two services.
    var isHomeAddressRefused = false
    /// RFC 5844 §3.2.3.2: not asked for again before an operator has acted.
    var refusedServices: Set<AddressService> = []
    /// RFC 5213 §6.9.1.2: the node is not entitled; nothing is asked before an operator has acted.
    var isProxyRegistrationRefused = false
    /// In every announcement of this life, so that an earlier one's probes have another key.
    let probeNumber: UInt64
    var sequence: UInt16
    /// Which start it is over the same store.
    var start: UInt32 = 1
    /// Which sequence numbers the data plane sends with the uplink key.
    var reserve = SequenceReserve(first: 0, start: 1)
    var reservedKey: UInt32?
    /// As the store has it.
    var stored: SessionRecord?
    /// Updates sent so far.
    var sentUpdates: UInt64 = 0
    var random: RandomSource
    var counters = EngineCounters()
    var dropNotices = NoticeLimit<DropReason>()
    var unprovenAnswers = AnswerLimit()

    /// The same seed and the same events give the same actions.
    package init(_ settings: GatewaySettings, seed: UInt64) {
        self.settings = settings
        let anchors = AnchorList(settings.anchors, AnchorTimers(settings))
        self.anchors = anchors
        links = settings.wans.map { WANLink(settings: $0, anchorAddress: anchors.current.address(of: $0.family)) }
        session = GatewaySession(identifier: SessionIdentifier(mobileNode: settings.mobileNode))
        var random = RandomSource(seed: seed)
        sequence = UInt16.random(in: 0 ... .max, using: &random)
        probeNumber = random.probeNumber()
        self.random = random
    }

    /// After `.stop`: everything is de-registered and released.
    package var isStopped: Bool { phase == .stopped }

    package var nextDeadline: Instant? {
        guard phase != .stopped else { return nil }
        var next = links.map(\.deadline).min() ?? .never
        if let farewell = farewells.map({ $0.request.sentAt + answerTimeout }).min() { next = min(next, farewell) }
        if let validUntil = session.validUntil { next = min(next, validUntil) }
        if phase == .running { next = min(next, anchor.lookupAt, multipathRetryAt, registersFrom ?? .never) }
        return next == .never ? nil : next
    }

    /// How long a de-registration's answer is waited for (RFC 5213 §6.9.1.4).
    var answerTimeout: Duration { anchor.timers.initialRetransmission }

    /// What is to be done, in this order.
    package mutating func handle(_ event: Event, at now: Moment) -> [Action] {
        var actions: [Action]
        switch event {
        case .received(let datagram): actions = received(datagram, at: now)
        case .deadline: actions = deadlinesPassed(at: now)
        case .wanChanged(let interface, let state): actions = wanChanged(interface, state, at: now)
        case .pathCondition(let path, let condition): actions = pathChanged(path, condition, at: now)
        case .sequenceAdvanced(_, let sequence):
            sequenceAdvanced(to: sequence)
            actions = []
        // The anchor tells again what could not be stored.
        case .storeChanged: actions = []
        case .anchorResolved(let name, let addresses): actions = anchorResolved(name, addresses, at: now)
        case .request(let request): actions = requested(request, at: now)
        }
        actions += watchAnchor(at: now)
        actions += advance(at: now)
        actions += finishStopping()
        return changesToStore() + actions
    }

    private mutating func requested(_ request: AdministrativeRequest, at now: Moment) -> [Action] {
        switch request {
        case .start:
            guard phase == .stopped else { return [] }
            phase = .running
            refusedServices = []
            isProxyRegistrationRefused = false
            mode = settings.isMultipathWanted ? .discovering : .single(carrier: nil)
            return []
        case .stop: return stop(at: now)
        case .removeSession(let identifier): return identifier == session.identifier ? stop(at: now) : []
        case .revoke, .notify: return []
        }
    }

    private mutating func received(_ arrived: Datagram, at now: Moment) -> [Action] {
        let datagram = anchor.peer.compatibility.strictForm(of: arrived)?.datagram ?? arrived
        switch Reception(of: datagram) {
        case .dropped(let reason): return drop(datagram, reason, at: now)
        case .keepalive: return []
        case .unknownType: return answerUnknownType(datagram, at: now)
        case .message(let message):
            guard anchor.addresses.contains(datagram.source) else {
                return drop(datagram, .unknownPeer, at: now)
            }
            counters.receive(message)
            switch message {
            case .bindingAcknowledgement(let reply):
                return receivedAcknowledgement(reply, message, in: datagram, at: now)
            case .heartbeat(let heartbeat): return receivedHeartbeat(heartbeat, message, in: datagram, at: now)
            case .bindingError(let error): return receivedError(error, message, in: datagram, at: now)
            case .bindingRevocationIndication(let indication):
                return receivedRevocation(indication, message, in: datagram, at: now)
            case .updateNotification(let notification):
                return receivedNotification(notification, message, in: datagram, at: now)
            case .bindingUpdate, .bindingRefreshRequest, .homeAgentSwitch, .bindingRevocationAcknowledgement,
                .handoverInitiate, .handoverAcknowledge,
                .localizedRoutingInitiation, .localizedRoutingAcknowledgement,
                .updateNotificationAcknowledgement, .flowBindingIndication, .flowBindingAcknowledgement, .unknown:
                return drop(datagram, .unexpectedType, at: now)
            }
        }
    }

    mutating func drop(_ datagram: Datagram, _ reason: DropReason, at now: Moment) -> [Action] {
        counters.drop(reason)
        guard let untold = dropNotices.untold(reason, at: now.instant) else { return [] }
        return [.report(.messageDropped(from: datagram.source, reason, untold: untold))]
    }
}
