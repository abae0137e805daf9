// SPDX-License-Identifier: Apache-2.0
import Wire

/// Update notifications and their acknowledgements at the anchor (RFC 7077 §5).
extension LocalMobilityAnchor {
    /// One for each gateway that has bindings of the target.
    mutating func notify(
        _ target: NotificationTarget,
        _ reason: NotificationReason,
        isAcknowledgementRequested: Bool,
        at now: Moment
    ) -> [Action] {
        let gateways: [NodeIdentifier]
        switch target {
        case .mobileNode(let node): gateways = cache.sessions(of: node).map(\.gateway)
        case .gateway(let gateway): gateways = sessions(at: gateway).isEmpty ? [] : [gateway]
        }
        var notified: Set<NodeIdentifier> = []
        return gateways.filter { notified.insert($0).inserted }.flatMap { gateway in
            let notification = SentNotification(
                number: notificationLog.nextNumber(),
                sequence: newNotificationSequence(),
                gateway: gateway,
                target: target,
                reason: reason,
                isAcknowledgementRequested: isAcknowledgementRequested
            )
            return begin(notification, at: now)
        }
    }

    /// RFC 7077 §5.1: it grows; a number whose answer is awaited is passed over.
    mutating func newNotificationSequence() -> UInt16 {
        notificationSequence &+= 1
        for _ in 0...UInt16.max {
            guard notifications[notificationSequence] != nil else { break }
            notificationSequence &+= 1
        }
        return notificationSequence
    }

    private mutating func begin(_ notification: SentNotification, at now: Moment) -> [Action] {
        notificationLog.note(
            NotificationRecord(
                number: notification.number,
                gateway: notification.gateway,
                target: notification.target,
                reason: notification.reason
            )
        )
        guard !gatewaysWithoutNotification.contains(notification.gateway) else {
            return end(notification, with: .unsupported)
        }
        guard notificationRates[notification.gateway, default: MessageRate()].admits(at: now.instant) else {
            return end(notification, with: .tooOften)
        }
        return transmit(notification, at: now)
    }

    mutating func transmit(_ waiting: SentNotification, at now: Moment) -> [Action] {
        var notification = waiting
        notification.attempt += 1
        guard let gateway = admission.gateway(notification.gateway),
            let carrier = carrier(
                among: bindings(of: notification.target, at: gateway.identifier),
                of: gateway.identifier,
                attempt: notification.attempt
            )
        else { return end(notification, with: .unanswered, [], at: now) }
        notification.routes.append(carrier.route)
        notifications[notification.sequence] = notification
        deadlines.set(.notification(notification.sequence), at: now.instant + settings.notification.delay)
        var flags: UpdateNotification.Flags = []
        if notification.isAcknowledgementRequested { flags.insert(.acknowledgementRequested) }
        if notification.attempt > 1 { flags.insert(.retransmission) }
        var options = MobilityOptions([notification.subject] + (notification.flows?.options ?? []))
        if gateway.authentication != .none { options.append(nextMessageIdentifier(at: now)) }
        let message = UpdateNotification(
            sequence: notification.sequence,
            reason: notification.reason,
            flags: flags,
            options: options
        )
        if !notification.isAcknowledgementRequested { notificationLog.note(.sent, of: notification.number) }
        return [send(.updateNotification(message), over: carrier, to: gateway)]
    }

    private func bindings(of target: NotificationTarget, at gateway: NodeIdentifier) -> [Binding] {
        switch target {
        case .mobileNode(let node):
            cache.sessions(of: node).filter { $0.gateway == gateway }.flatMap(\.bindings)
        case .gateway: sessions(at: gateway).flatMap(\.bindings)
        }
    }

    private mutating func end(_ notification: SentNotification, with outcome: NotificationOutcome) -> [Action] {
        notifications[notification.sequence] = nil
        deadlines.cancel(.notification(notification.sequence))
        notificationLog.note(outcome, of: notification.number)
        return [.report(.notificationEnded(notification.target, at: notification.gateway, outcome))]
    }

    /// RFC 7864 §4.3: the answer to a Flow Mobility Initiate says what became of each flow.
    private mutating func end(
        _ notification: SentNotification,
        with outcome: NotificationOutcome,
        _ answers: [FlowIdentification],
        at now: Moment
    ) -> [Action] {
        let actions = end(notification, with: outcome)
        guard let flows = notification.flows else { return actions }
        return actions + rulesAnswered(flows, outcome, answers, at: now)
    }

    /// RFC 7077 §5.2: repeated only if an acknowledgement was asked for. One that comes unasked is taken as well, for a
    /// while.
    mutating func notificationDue(_ sequence: UInt16, at now: Moment) -> [Action] {
        guard let notification = notifications[sequence] else { return [] }
        guard notification.isAcknowledgementRequested else {
            notifications[sequence] = nil
            return []
        }
        return notification.attempt > settings.notification.retransmissions
            ? end(notification, with: .unanswered, [], at: now) : transmit(notification, at: now)
    }

    mutating func receivedNotificationAcknowledgement(
        _ reply: UpdateNotificationAcknowledgement,
        _ message: MobilityMessage,
        in datagram: Datagram,
        at now: Moment
    ) -> [Action] {
        switch attribute(message, in: datagram) {
        case .nobodys(let reason): return drop(datagram, reason, at: now)
        case .of(let gateway, let carrier):
            guard let notification = notifications[reply.sequence], notification.routes.contains(carrier.route),
                isSame(gateway, as: notification.gateway)
            else { return drop(datagram, .noMatchingRequest, at: now) }
            // RFC 7077 §6.2: it has to name what the notification named.
            let subject = notification.subject
            let isSameSubject = reply.options.all.contains {
                $0.optionType == subject.optionType && $0.data == subject.data
            }
            guard isSameSubject else { return drop(datagram, .answerDoesNotMatch, at: now) }
            let answers = reply.options.all(FlowIdentification.self)
            return end(notification, with: .answered(reply.status), answers, at: now)
        }
    }

    /// RFC 7077 §5.2: the gateway does not know message type 19, says its Binding Error. It is not notified any more.
    mutating func rejectedNotification(
        on route: SignallingRoute,
        by gateway: GatewayPeer,
        at now: Moment
    ) -> [Action]? {
        let rejected = notifications.values.filter {
            $0.routes.last == route && isSame(gateway, as: $0.gateway)
        }.sorted { $0.number < $1.number }
        guard !rejected.isEmpty else { return nil }
        for notification in rejected { gatewaysWithoutNotification.insert(notification.gateway) }
        return rejected.flatMap { end($0, with: .unsupported, [], at: now) }
    }
}
