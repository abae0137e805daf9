// SPDX-License-Identifier: Apache-2.0
import Wire

/// Update notifications at the gateway (RFC 7077 §6).
extension MobileAccessGateway {
    /// Five repetitions, five seconds apart, are the most (RFC 7077 §7).
    private static let notificationMemory = Duration.seconds(30)

    mutating func receivedNotification(
        _ notification: UpdateNotification,
        _ message: MobilityMessage,
        in datagram: Datagram,
        at now: Moment
    ) -> [Action] {
        if let reason = distrustOfSignal(message, in: datagram, at: now) { return drop(datagram, reason, at: now) }
        // RFC 7077 §5: one of the two must be there.
        guard let subject = subject(of: notification) else { return drop(datagram, .malformedOption, at: now) }
        guard notificationRate.admits(at: now.instant) else { return drop(datagram, .rateExceeded, at: now) }
        let (status, actions, further) = process(notification, of: subject, at: now)
        answeredNotification = AnsweredNotification(
            sequence: notification.sequence,
            reason: notification.reason,
            status: status,
            further: further,
            at: now.instant
        )
        guard notification.flags.contains(.acknowledgementRequested) else {
            // RFC 7077 §6.1: what cannot be done is dropped.
            return status.isAccepted ? actions : drop(datagram, .notApplicable, at: now)
        }
        let reply = UpdateNotificationAcknowledgement(
            sequence: notification.sequence,
            status: status,
            options: MobilityOptions([subject] + further)
        )
        let route = SignallingRoute(answering: datagram)
        return actions
            + [shared.send(.updateNotificationAcknowledgement(reply), on: route, careOf: datagram.destination)]
    }

    private func subject(of notification: UpdateNotification) -> (any MobilityOption)? {
        notification.options.first(MobileNodeIdentifier.self)
            ?? notification.options.first(MobileNodeGroupIdentifier.self)
    }

    private mutating func process(
        _ notification: UpdateNotification,
        of subject: any MobilityOption,
        at now: Moment
    ) -> (NotificationStatus, [Action], [any MobilityOption]) {
        let concerned = sessions.indices.filter { sessions[$0].isNotified && isAbout(subject, sessions[$0]) }
        if let answered = answeredNotification, answered.sequence == notification.sequence,
            answered.reason == notification.reason, now.instant - answered.at <= Self.notificationMemory
        {
            // RFC 7077 §6.1: not a new request; but who repeats it without wanting an answer has not seen what it asked
            // for.
            let isMissed = !notification.flags.contains(.acknowledgementRequested) && answered.status.isAccepted
            return (answered.status, isMissed ? reregister(concerned, at: now) : [], answered.further)
        }
        guard !concerned.isEmpty else { return (.mobileNodeNotAttached, [], []) }
        if notification.reason == .flowMobility { return adoptRules(notification.options, in: concerned) }
        let (status, actions) = process(notification, in: concerned, at: now)
        return (status, actions, [])
    }

    private mutating func process(
        _ notification: UpdateNotification,
        in concerned: [Int],
        at now: Moment
    ) -> (NotificationStatus, [Action]) {
        switch notification.reason {
        case .forceReregistration: return (.success, reregister(concerned, at: now))
        case .accessNetworkIdentifierRequested:
            for index in concerned { sessions[index].namesAccessNetworks = true }
            return (.success, reregister(concerned, at: now))
        // There are no session parameters that a gateway could take from a notification.
        case .updateSessionParameters: return (.failedToUpdateSessionParameters, [])
        case .vendorSpecificReason:
            let isThere = notification.options.first(VendorSpecific.self) != nil
            return (isThere ? .reasonUnspecified : .missingVendorSpecificOption, [])
        case .qosServiceRequest: return (.cannotMeetQoSServiceRequest, [])
        default:  // open
            return (.reasonUnspecified, [])
        }
    }

    /// RFC 7864 §4.2, §4.3: the answer names the prefixes, and each flow that is not taken over.
    private mutating func adoptRules(
        _ options: MobilityOptions,
        in concerned: [Int]
    ) -> (NotificationStatus, [Action], [any MobilityOption]) {
        let home: [any MobilityOption] =
            options.all(HomeNetworkPrefix.self) + options.all(IPv4HomeAddressRequest.self)
        guard settings.flowBindings == .schemes, !home.isEmpty else { return (.reasonUnspecified, [], []) }
        for index in concerned {
            guard let (answers, actions) = withSession(index, { $0.adoptAnchorRules(options) }) else { continue }
            return (.success, actions, home + answers)
        }
        return (.mobileNodeNotAttached, [], [])
    }

    private func isAbout(_ subject: any MobilityOption, _ session: MobilitySession) -> Bool {
        if let name = subject as? MobileNodeIdentifier { return name.identifier == session.node.identifier }
        let group = subject as? MobileNodeGroupIdentifier
        // RFC 7077 §5: the only one that needs no negotiation.
        return group?.subtype == MobileNodeGroupIdentifier.bulkBindingUpdate
            && group?.group == MobileNodeGroupIdentifier.allSessions
    }

    private mutating func reregister(_ concerned: [Int], at now: Moment) -> [Action] {
        answeredRevocation = nil
        return concerned.flatMap { index in withSession(index) { $0.reregister(at: now) } }
    }
}
