// SPDX-License-Identifier: Apache-2.0
package import Wire

/// The mobile access gateway as a function of messages and time (RFC 5213 §6, RFC 8278): a mobility session for the
/// logical mobile node, and one for each physical node that is attached, over the same access networks to the same anchor.
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
        /// A physical mobile node is on an access link (RFC 5213 §6.9.1.1). Before `.start` and after `.stop` nobody is
        /// taken up. Said of one that is there, it is claimed anew.
        case mobileNodeAttached(MobileNodeAttachment)
        /// It is gone (RFC 5213 §6.9.1.4, §6.13).
        case mobileNodeDetached(NodeIdentifier)
        /// It has given its IPv4 home address back, or wants one again (RFC 5844 §3.4).
        case homeAddressReleased(NodeIdentifier)
        case homeAddressWanted(NodeIdentifier)
        /// What routers of the logical node have been promised by the anchor, all of it (RFC 7148 §5.1.3). Said before
        /// `.start`, it is in the first update.
        case routersHave([IPPrefix])
        /// The site's flow rules from now on, all of them; their identifiers and priorities are the gateway's.
        case policyChanged([FlowRule])
        /// What the access line of the WAN of this name can do.
        case metricsChanged(String, LinkMetrics)
    }

    let settings: GatewaySettings
    var isRunning = false
    var shared: SharedGatewayState
    /// Each WAN's, by its place in the settings; nil: the link is down or without address.
    var careOfAddresses: [IPAddress?]
    /// The logical node's, if there is one, before those of physical nodes in the order in which they came.
    var sessions: [MobilitySession] = []
    /// Nothing is registered before: all gateways of an anchor that has restarted would come at once.
    var registersFrom: Instant?
    var answeredRevocation: AnsweredRevocation?
    var answeredNotification: AnsweredNotification?
    var notificationRate = MessageRate()
    var unprovenAnswers = AnswerLimit()
    /// An operator was told that no more nodes are taken up.
    var isKnownToBeFull = false

    /// The same seed and the same events give the same actions.
    package init(_ settings: GatewaySettings, seed: UInt64) {
        self.settings = settings
        shared = SharedGatewayState(settings, seed: seed)
        careOfAddresses = settings.wans.map { _ in nil }
        guard let node = settings.mobileNode else { return }
        sessions = [MobilitySession(of: ServedNode(logical: node, settings), &shared)]
    }

    /// After `.stop`: everything is de-registered and released.
    package var isStopped: Bool { !isRunning && sessions.allSatisfy { $0.phase == .stopped } }

    package var nextDeadline: Instant? {
        guard !isStopped else { return nil }
        var next = sessions.map(\.deadline).min() ?? .never
        if let heartbeat = shared.heartbeats.compactMap({ $0?.nextRequestAt }).min() { next = min(next, heartbeat) }
        if isRunning { next = min(next, shared.anchor.lookupAt, registersFrom ?? .never) }
        return next == .never ? nil : next
    }

    /// What is to be done, in this order.
    package mutating func handle(_ event: Event, at now: Moment) -> [Action] {
        var actions: [Action]
        switch event {
        case .received(let datagram): actions = received(datagram, at: now)
        case .deadline: actions = deadlinesPassed(at: now)
        case .wanChanged(let name, let state): actions = wanChanged(name, state, at: now)
        case .pathCondition(let path, let condition):
            actions = withSession(of: path.session) { $0.pathChanged(path, condition, at: now) }
        case .sequenceAdvanced(let session, let sequence):
            actions = withSession(of: session) {
                $0.sequenceAdvanced(to: sequence)
                return []
            }
        // The anchor tells again what could not be stored.
        case .storeChanged: actions = []
        case .anchorResolved(let name, let addresses): actions = anchorResolved(name, addresses, at: now)
        case .request(let request): actions = requested(request, at: now)
        case .mobileNodeAttached(let attachment): actions = attached(attachment, at: now)
        case .mobileNodeDetached(let node):
            actions = withSession(of: SessionIdentifier(mobileNode: node)) {
                $0.node.isLogical ? [] : $0.stop(at: now)
            }
        case .homeAddressReleased(let node):
            actions = withSession(of: SessionIdentifier(mobileNode: node)) { $0.homeAddressReleased(at: now) }
        case .homeAddressWanted(let node):
            actions = withSession(of: SessionIdentifier(mobileNode: node)) { $0.homeAddressWanted(at: now) }
        case .routersHave(let prefixes):
            actions = eachSession { $0.node.isLogical ? $0.nameForRouters(prefixes) : [] }
        case .policyChanged(let rules):
            shared.rules = rules
            actions = eachSession {
                $0.flows.isStale = true
                return $0.session.installed == nil ? [] : $0.installSession()
            }
        case .metricsChanged(let name, let metrics): actions = metricsChanged(name, metrics)
        }
        actions += watchAnchor(at: now)
        actions += settle(at: now)
        return eachSession { $0.changesToStore() } + actions
    }

    /// Whatever has happened: what can be registered is, and who has left is forgotten.
    private mutating func settle(at now: Moment) -> [Action] {
        stopIdleHeartbeats()
        var actions: [Action] = []
        if (registersFrom ?? .zero) <= now.instant {
            registersFrom = nil
            actions += eachSession { $0.advance(at: now) }
        }
        actions += eachSession { $0.finishStopping() }
        sessions.removeAll { !$0.node.isLogical && $0.phase == .stopped }
        if isStopped {
            registersFrom = nil
            answeredRevocation = nil
            shared.anchor.lacksGRE = false
            shared.anchor.restartCounter = nil
        }
        stopIdleHeartbeats()
        return actions
    }

    private mutating func requested(_ request: AdministrativeRequest, at now: Moment) -> [Action] {
        switch request {
        case .start:
            guard isStopped else { return [] }
            isRunning = true
            return eachSession {
                $0.start()
                return []
            }
        case .stop: return stop(at: now)
        case .removeSession(let identifier):
            guard let index = index(of: identifier) else { return [] }
            return sessions.count == 1 && sessions[index].node.isLogical
                ? stop(at: now) : withSession(index) { $0.stop(at: now) }
        case .revoke, .notify: return []
        }
    }

    private mutating func stop(at now: Moment) -> [Action] {
        isRunning = false
        return eachSession { $0.stop(at: now) }
    }

    private mutating func deadlinesPassed(at now: Moment) -> [Action] {
        guard !isStopped else { return [] }
        let actions = eachSession { $0.deadlinesPassed(at: now) }
        return actions + heartbeatsDue(at: now)
    }

    private mutating func wanChanged(_ name: String, _ state: WANState, at now: Moment) -> [Action] {
        guard let index = settings.wans.firstIndex(where: { $0.name == name }) else { return [] }
        var careOf: IPAddress?
        switch state {
        case .down: careOf = nil
        case .up(let address):
            let isFitting = address.isRoutableUnicast && address.isIPv4 == (settings.wans[index].family == .ipv4)
            careOf = isFitting ? address : nil
        }
        careOfAddresses[index] = careOf
        return eachSession { $0.linkChanged(index, to: careOf, at: now) }
    }

    private mutating func metricsChanged(_ name: String, _ metrics: LinkMetrics) -> [Action] {
        guard let index = settings.wans.firstIndex(where: { $0.name == name }) else { return [] }
        shared.metrics[index] = metrics
        return eachSession { $0.links[index].installed == nil ? [] : $0.install(index) }
    }

    // MARK: Turns of sessions

    func index(of session: SessionIdentifier) -> Int? { sessions.firstIndex { $0.identifier == session } }

    mutating func withSession(
        of identifier: SessionIdentifier,
        _ turn: (inout MobilitySession) -> [Action]
    ) -> [Action] {
        index(of: identifier).map { withSession($0, turn) } ?? []
    }

    /// The session has its turn, and what is shared with it.
    mutating func withSession<Result>(_ index: Int, _ turn: (inout MobilitySession) -> Result) -> Result {
        swap(&shared, &sessions[index].shared)
        let result = turn(&sessions[index])
        swap(&shared, &sessions[index].shared)
        let identifier = sessions[index].identifier
        if sessions[index].hasBindings {
            shared.holders.insert(identifier)
        } else {
            shared.holders.remove(identifier)
        }
        return result
    }

    mutating func eachSession(_ turn: (inout MobilitySession) -> [Action]) -> [Action] {
        var actions: [Action] = []
        for index in sessions.indices { actions += withSession(index, turn) }
        return actions
    }
}
