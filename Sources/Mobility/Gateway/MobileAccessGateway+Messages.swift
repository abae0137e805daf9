// SPDX-License-Identifier: Apache-2.0
import Wire

/// Whose a message is that has arrived.
extension MobileAccessGateway {
    mutating func received(_ arrived: Datagram, at now: Moment) -> [Action] {
        let datagram = shared.anchor.peer.compatibility.strictForm(of: arrived)?.datagram ?? arrived
        switch Reception(of: datagram) {
        case .dropped(let reason): return drop(datagram, reason, at: now)
        case .keepalive: return []
        case .unknownType: return answerUnknownType(datagram, at: now)
        case .message(let message):
            guard shared.anchor.addresses.contains(datagram.source) else {
                return drop(datagram, .unknownPeer, at: now)
            }
            shared.counters.receive(message)
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

    /// The node's that it names. One that names nobody of ours may still be an answer to us, though a wrong one
    /// (RFC 5213 §6.9.1.2).
    private mutating func receivedAcknowledgement(
        _ reply: BindingAcknowledgement,
        _ message: MobilityMessage,
        in datagram: Datagram,
        at now: Moment
    ) -> [Action] {
        let named = reply.options.first(MobileNodeIdentifier.self).flatMap {
            index(of: SessionIdentifier(mobileNode: $0.identifier))
        }
        let asking = named ?? sessions.firstIndex { $0.awaits(reply, in: datagram, exactly: sessions.count > 1) }
        guard let asking else { return drop(datagram, .noMatchingRequest, at: now) }
        return withSession(asking) { $0.receivedAcknowledgement(reply, message, in: datagram, at: now) }
    }

    /// The WAN that a message came over, by its place in the settings. Two may have the same address.
    func wan(carrying datagram: Datagram) -> Int? {
        settings.wans.indices.first { index in
            careOfAddresses[index] == datagram.destination
                && (datagram.wan == nil || datagram.wan == settings.wans[index].name)
        }
    }

    /// What anchors say unasked has to be theirs, and said for the first time.
    mutating func distrustOfSignal(
        _ message: MobilityMessage,
        in datagram: Datagram,
        at now: Moment
    ) -> DropReason? {
        guard let index = wan(carrying: datagram) else { return .unknownPeer }
        if let reason = shared.distrust(message, in: datagram, careOf: datagram.destination) { return reason }
        guard message.options.malformed.isEmpty else { return .malformedOption }
        return shared.isFresh(message, over: index, at: now) ? nil : .replayed
    }

    mutating func drop(_ datagram: Datagram, _ reason: DropReason, at now: Moment) -> [Action] {
        shared.drop(datagram, reason, at: now)
    }

    /// RFC 6275 §9.2. Only to the anchor: nobody else has any business with a gateway.
    private mutating func answerUnknownType(_ datagram: Datagram, at now: Moment) -> [Action] {
        let dropped = drop(datagram, .unknownType, at: now)
        guard shared.anchor.addresses.contains(datagram.source), wan(carrying: datagram) != nil else { return dropped }
        let error = BindingError(
            status: BindingError.unknownMobilityHeaderType,
            homeAddress: datagram.source.mappedToIPv6
        )
        let route = SignallingRoute(answering: datagram)
        let answer = shared.sealed(.bindingError(error), on: route, careOf: datagram.destination)
        guard unprovenAnswers.admits(answer, to: datagram, at: now.instant) else { return dropped }
        shared.counters.send(.bindingError(error))
        return dropped + [.send(answer)]
    }
}
