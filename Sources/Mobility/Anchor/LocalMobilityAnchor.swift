// SPDX-License-Identifier: Apache-2.0
package import Wire

/// The local mobility anchor as a function of messages and time (RFC 5213, RFC 8278, RFC 7148, RFC 5845).
///
/// A node's paths with a Binding ID are one session; each attachment without one is a session of its own (RFC 5213
/// §5.4).
package struct LocalMobilityAnchor: Sendable {
    package enum Event: Equatable, Sendable {
        case received(Datagram)
        /// `nextDeadline` has come. Too early does nothing.
        case deadline
        case pathCondition(PathIdentifier, PathCondition)
        /// The data plane has used up the session's sequence numbers to there.
        case sequenceAdvanced(SessionIdentifier, UInt32)
        /// Whether bindings can be stored.
        case storeChanged(isWell: Bool)
        case request(AdministrativeRequest)
        /// The anchor's flow rules from now on, all of them.
        case policyChanged([NodeFlowRule])
    }

    enum Deadline: Hashable, Sendable {
        case binding(PathIdentifier)
        case heartbeat(SignallingPair)
        /// Of an update that waits for this session.
        case postponedUpdate(SessionIdentifier)
        /// Another anchor is to answer.
        case redirection(NodeIdentifier)
        /// By its sequence number.
        case revocation(UInt16)
        case notification(UInt16)
        /// Our rules are to be told, or told again.
        case flowRules(SessionIdentifier)
        /// Of what the node's routers were promised or have.
        case delegation(NodeIdentifier)
    }

    struct RefusalCause: Hashable, Sendable {
        var gateway: NodeIdentifier
        var status: BindingStatus
    }

    let settings: AnchorSettings
    let admission: Admission
    var cache: BindingCache
    var assignment: PrefixAssignment
    /// Of those nodes whose routers have asked.
    var delegations: [NodeIdentifier: NodeDelegation] = [:]
    /// By the session that another gateway has to let go.
    var postponed: [SessionIdentifier: PostponedUpdate] = [:]
    /// First registrations that another anchor is asked about (RFC 6463).
    var redirections: [NodeIdentifier: Redirection.Pending] = [:]
    /// The other anchor has not answered: until then it is not asked.
    var redirectionResumesAt = Instant.zero
    var heartbeats: [SignallingPair: AnchorHeartbeat] = [:]
    /// The newest Mesg-ID of each gateway's messages, kind by kind and path by path.
    var messageIdentifiers: [NodeIdentifier: [MessageOrigin: MessageIdentifierWindow]] = [:]
    /// By sequence number: acknowledgements are awaited (RFC 5846 §6).
    var revocations: [UInt16: Revocation] = [:]
    var revocationLog = SignalLog<RevocationRecord>()
    /// They have answered that they know no revocations.
    var gatewaysWithoutRevocation: Set<NodeIdentifier> = []
    /// By sequence number: acknowledgements may come (RFC 7077 §5).
    var notifications: [UInt16: SentNotification] = [:]
    var notificationLog = SignalLog<NotificationRecord>()
    /// The last one used.
    var notificationSequence: UInt16
    var notificationRates: [NodeIdentifier: MessageRate] = [:]
    /// They have answered that they know no notifications.
    var gatewaysWithoutNotification: Set<NodeIdentifier> = []
    /// Of the anchor's own messages.
    var newestMessageIdentifier: UInt64 = 0
    var rules: [NodeFlowRule] = []
    var deadlines = DeadlineQueue<Deadline>()
    var random: RandomSource
    var counters = EngineCounters()
    var dropNotices = NoticeLimit<DropReason>()
    var unprovenAnswers = AnswerLimit()
    /// Updates of before are replays, whoever sends them: what was accepted last before a restart nobody knows.
    var restoredAt: Timestamp?
    /// Which start it is over the same store.
    var start: UInt32 = 1
    /// New sessions would not outlive the process: they are refused.
    var isStoreWell = true
    /// By the gateway that is refused.
    var refusalNotices = NoticeLimit<RefusalCause>()

    /// The same seed and the same events give the same actions.
    package init(_ settings: AnchorSettings, seed: UInt64) {
        self.settings = settings
        cache = BindingCache(clockTells: settings.ordering != .nodeTimestamps)
        admission = Admission(gateways: settings.gateways, profiles: settings.profiles)
        assignment = PrefixAssignment(settings: settings)
        var random = RandomSource(seed: seed)
        notificationSequence = UInt16.random(in: 0 ... .max, using: &random)
        self.random = random
    }

    package var nextDeadline: Instant? { deadlines.next }

    /// What is to be done, in this order.
    package mutating func handle(_ event: Event, at now: Moment) -> [Action] {
        let actions = perform(event, at: now)
        let all = postponed.isEmpty ? actions : actions + resumePostponed(at: now)
        return cache.takeChanges(at: now).map { .store($0) } + all
    }

    private mutating func perform(_ event: Event, at now: Moment) -> [Action] {
        switch event {
        case .received(let datagram): return received(datagram, at: now)
        case .deadline: return deadlinesPassed(at: now)
        case .pathCondition(let path, let condition): return pathChanged(path, condition)
        case .sequenceAdvanced(let session, let sequence): sequenceAdvanced(session, to: sequence)
        case .storeChanged(let isWell): isStoreWell = isWell
        case .request(let request): return requested(request, at: now)
        case .policyChanged(let rules): return policyChanged(rules, at: now)
        }
        return []
    }

    private mutating func received(_ arrived: Datagram, at now: Moment) -> [Action] {
        let datagram = admission.strictForm(of: arrived)
        switch Reception(of: datagram) {
        case .dropped(let reason): return drop(datagram, reason, at: now)
        case .keepalive: return []
        case .unknownType: return answerUnknownType(datagram, at: now)
        case .message(let message):
            guard settings.addresses.contains(datagram.destination) else { return drop(datagram, .malformed, at: now) }
            counters.receive(message)
            switch message {
            case .bindingUpdate(let update): return receivedUpdate(update, message, in: datagram, at: now)
            case .heartbeat(let heartbeat): return receivedHeartbeat(heartbeat, message, in: datagram, at: now)
            case .bindingError(let error): return receivedError(error, message, in: datagram, at: now)
            case .bindingAcknowledgement(let reply):
                return receivedAcknowledgement(reply, message, in: datagram, at: now)
            case .bindingRevocationIndication(let indication):
                return receivedRevocation(indication, message, in: datagram, at: now)
            case .bindingRevocationAcknowledgement(let reply):
                return receivedRevocationAcknowledgement(reply, message, in: datagram, at: now)
            case .updateNotificationAcknowledgement(let reply):
                return receivedNotificationAcknowledgement(reply, message, in: datagram, at: now)
            case .bindingRefreshRequest, .homeAgentSwitch, .handoverInitiate,
                .handoverAcknowledge, .localizedRoutingInitiation, .localizedRoutingAcknowledgement,
                .updateNotification, .flowBindingIndication, .flowBindingAcknowledgement, .unknown:
                return drop(datagram, .unexpectedType, at: now)
            }
        }
    }

    mutating func drop(_ datagram: Datagram, _ reason: DropReason, at now: Moment) -> [Action] {
        counters.drop(reason)
        guard let untold = dropNotices.untold(reason, at: now.instant) else { return [] }
        return [.report(.messageDropped(from: datagram.source, reason, untold: untold))]
    }

    private mutating func deadlinesPassed(at now: Moment) -> [Action] {
        var actions: [Action] = []
        while let deadline = deadlines.popDue(at: now.instant) {
            switch deadline {
            case .binding(let path): actions += bindingEnded(path, at: now)
            case .heartbeat(let pair): actions += heartbeatDue(on: pair, at: now)
            case .postponedUpdate(let session): actions += postponementEnded(session, at: now)
            case .redirection(let node): actions += redirectionUnanswered(node, at: now)
            case .revocation(let sequence): actions += revocationDue(sequence, at: now)
            case .notification(let sequence): actions += notificationDue(sequence, at: now)
            case .flowRules(let session): actions += tellRules(of: session, at: now)
            case .delegation(let node): delegationDue(node, at: now)
            }
        }
        return actions
    }

    private mutating func pathChanged(_ path: PathIdentifier, _ condition: PathCondition) -> [Action] {
        guard var session = cache[path.session], let index = session.index(of: path.binding),
            session.bindings[index].condition != condition
        else { return [] }
        session.bindings[index].condition = condition
        cache[path.session] = session
        return [.report(.pathChanged(path, condition))]
    }

    private mutating func requested(_ request: AdministrativeRequest, at now: Moment) -> [Action] {
        switch request {
        case .start: []
        case .stop: stop()
        case .removeSession(let identifier):
            cache[identifier].map { end($0, because: .administrator) } ?? []
        case .revoke(let target): revoke(target, at: now)
        case .notify(let target, let reason, let isAcknowledgementRequested):
            notify(target, reason, isAcknowledgementRequested: isAcknowledgementRequested, at: now)
        }
    }

    private mutating func stop() -> [Action] {
        for session in postponed.keys { deadlines.cancel(.postponedUpdate(session)) }
        postponed = [:]
        for node in redirections.keys { deadlines.cancel(.redirection(node)) }
        redirections = [:]
        for (sequence, revocation) in revocations {
            deadlines.cancel(.revocation(sequence))
            revocationLog.note(.unanswered, of: revocation.number)
        }
        revocations = [:]
        for (sequence, notification) in notifications where notification.isAcknowledgementRequested {
            deadlines.cancel(.notification(sequence))
            notificationLog.note(.unanswered, of: notification.number)
        }
        notifications = [:]
        stopDelegating()
        return cache.ordered.flatMap { end($0, because: .administrator) }
    }
}
