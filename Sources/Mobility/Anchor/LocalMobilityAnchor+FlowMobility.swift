// SPDX-License-Identifier: Apache-2.0
import Wire

/// The anchor's own flow rules on their way to the gateway: Flow Mobility Initiate and Acknowledge (RFC 7864 §4.2,
/// §4.3) with the options of RFC 6089 (docs/flow-signalling.md).
extension LocalMobilityAnchor {
    /// As in updates: what fits into a packet that no network cuts.
    private static let roomForFlows = 1000
    /// Before a gateway that does not answer is told once more.
    private static let pauseAfterSilence = Duration.seconds(60)
    /// Before one that was told much just now is told more (RFC 6275 §12).
    private static let pauseAfterMuch = Duration.milliseconds(400)

    mutating func policyChanged(_ rules: [NodeFlowRule], at now: Moment) -> [Action] {
        guard rules != self.rules else { return [] }
        self.rules = rules
        var actions: [Action] = []
        for var session in cache.ordered where session.installed != nil {
            actions += installSession(&session)
            cache[session.identifier] = session
            actions += tellRules(of: session.identifier, at: now)
        }
        return actions
    }

    /// What the gateway says of itself in an accepted update.
    func noteRules(of request: ProxyBindingUpdate, by session: inout AnchorSession) {
        let capabilities = CapabilityAnnouncement(in: request.options)?.capabilities ?? []
        session.hasSchemes = settings.flowBindings == .schemes && capabilities.contains(.flowSchemes)
        if !capabilities.contains(.anchorRules) {
            session.telling.forgetAgreed()
            session.hasUnknownRules = false
        } else if !session.telling.hasAgreed {
            session.hasUnknownRules = true
        }
    }

    /// One message at a time; the next, if there is more to say, once it is answered.
    mutating func tellRules(of identifier: SessionIdentifier, at now: Moment) -> [Action] {
        guard var session = cache[identifier], session.hasSchemes, !session.isTelling, session.isActive,
            !gatewaysWithoutNotification.contains(session.gateway)
        else { return [] }
        let wanted = rules(of: identifier.mobileNode).prefix(FlowBindingList.limit).map { rule in
            FlowBinding(rule, bindings: reference(of: rule), hasScheme: true)
        }
        guard session.hasUnknownRules || !session.telling.isSettled(wanted) else { return [] }
        guard notificationRates[session.gateway, default: MessageRate()].admits(at: now.instant) else {
            deadlines.set(.flowRules(identifier), at: now.instant + Self.pauseAfterMuch)
            return []
        }
        deadlines.cancel(.flowRules(identifier))
        let (message, flows) = session.telling.compose(wanted, room: Self.roomForFlows)
        session.isTelling = true
        cache[identifier] = session
        let notification = SentNotification(
            number: notificationLog.nextNumber(),
            sequence: newNotificationSequence(),
            gateway: session.gateway,
            target: .mobileNode(identifier.mobileNode),
            reason: .flowMobility,
            isAcknowledgementRequested: true,
            flows: SentNotification.ToldRules(
                session: identifier,
                message: message,
                options: homeOptions(of: session) + flows
            )
        )
        notificationLog.note(
            NotificationRecord(
                number: notification.number,
                gateway: notification.gateway,
                target: notification.target,
                reason: notification.reason
            )
        )
        return transmit(notification, at: now)
    }

    /// RFC 7864 §4.2: the node's prefixes, which the gateway is not to host anew. A node without is known by its address.
    private func homeOptions(of session: AnchorSession) -> [any MobilityOption] {
        let prefixes = session.homeNetworkPrefixes.compactMap(HomeNetworkPrefix.init)
        guard prefixes.isEmpty, let address = session.homeAddress else {
            return prefixes.map { prefix in
                var option = prefix
                option.isOffLink = true
                return option
            }
        }
        return [
            IPv4HomeAddressRequest(
                address: address,
                prefixLength: settings.assignment(of: address).subnetLength
            )
        ]
    }

    private func reference(of rule: FlowRule) -> [UInt8] {
        switch rule.paths {
        case .any, .labels: []
        case .bindings(let bindings): bindings
        }
    }

    mutating func rulesAnswered(
        _ flows: SentNotification.ToldRules,
        _ outcome: NotificationOutcome,
        _ answers: [FlowIdentification],
        at now: Moment
    ) -> [Action] {
        guard var session = cache[flows.session] else { return [] }
        session.isTelling = false
        var actions: [Action] = []
        switch outcome {
        case .answered(let status) where status.isAccepted:
            session.hasUnknownRules = false
            let refusals = session.telling.settle(flows.message, by: answers, silence: .agreement)
            for answer in answers { counters.count(answer.status) }
            actions = refusals.map { .report(.flowBindingRefused(flows.session, $0.binding.rule, $0.status)) }
            cache[flows.session] = session
            return actions + tellRules(of: flows.session, at: now)
        // It does not do it; its next update may tell otherwise.
        case .answered: session.hasSchemes = false
        case .unanswered: deadlines.set(.flowRules(flows.session), at: now.instant + Self.pauseAfterSilence)
        case .sent, .unsupported, .tooOften: break
        }
        cache[flows.session] = session
        return actions
    }
}
