// SPDX-License-Identifier: Apache-2.0
import Wire

/// Heartbeats and Binding Errors at the gateway (RFC 5847, RFC 6275 §9.3.3).
extension MobileAccessGateway {
    /// Milliseconds over which the gateways of an anchor that has restarted spread their registrations.
    private static let restartJitter: Int64 = 3000

    /// The first request goes out at once: only who knows the anchor's restart counter notices that it changes.
    mutating func startHeartbeats(_ index: Int, at now: Moment) {
        let timers = anchor.timers
        guard links[index].heartbeat == nil else {
            links[index].heartbeat?.pace(
                interval: timers.heartbeatInterval,
                retransmission: timers.heartbeatRetransmission,
                missingAllowed: timers.missingHeartbeatsAllowed,
                at: now.instant
            )
            return
        }
        links[index].heartbeat = HeartbeatMonitor(
            interval: timers.heartbeatInterval,
            retransmission: timers.heartbeatRetransmission,
            missingAllowed: timers.missingHeartbeatsAllowed,
            from: now.instant - timers.heartbeatInterval,
            sequence: random.key()
        )
    }

    mutating func heartbeatDue(_ index: Int, at now: Moment) -> [Action] {
        guard let granted = links[index].granted, var heartbeat = links[index].heartbeat else { return [] }
        let (sequence, becameUnreachable) = heartbeat.requestDue(at: now.instant)
        links[index].heartbeat = heartbeat
        var actions: [Action] = []
        if becameUnreachable {
            // RFC 5847 §3: what was registered here is not to be relied on; it is registered again once the anchor
            // answers.
            actions.append(.report(.peerUnreachable(granted.anchorAddress)))
            actions += uninstall(index)
            if links[index].registration.attempt == nil { actions += refresh(index, inBulk: false, at: now) }
        }
        guard let sequence else { return actions }
        var options = MobilityOptions([MessageIdentifier(anchor.clock.time(at: now))])
        if granted.route.isUDP { appendPath(granted.path, of: links[index].settings, to: &options) }
        let message = MobilityMessage.heartbeat(Heartbeat(isResponse: false, sequence: sequence, options: options))
        return actions + [send(message, on: granted.route, careOf: granted.careOf)]
    }

    /// Which path the heartbeat is of: when an address translator changes its mind, the address no longer tells.
    private func appendPath(_ path: PathIdentifier, of wan: WANSettings, to options: inout MobilityOptions) {
        options.append(MobileNodeIdentifier(path.session.mobileNode))
        guard let binding = path.binding else { return }
        options.append(
            MAGMultipathBinding(
                accessTechnology: wan.accessTechnology,
                interfaceLabel: wan.label,
                bindingIdentifier: binding.rawValue
            )
        )
    }

    mutating func send(_ message: MobilityMessage, on route: SignallingRoute, careOf: IPAddress) -> Action {
        counters.send(message)
        return .send(sealed(message, on: route, careOf: careOf))
    }

    private func sealed(_ message: MobilityMessage, on route: SignallingRoute, careOf: IPAddress) -> Datagram {
        var message = message
        // The authenticator covers it, and an address translator hides it.
        if route.isUDP { message.options.append(careOf: careOf) }
        return Authentication.seal(message, on: route, careOf: careOf, by: anchor.peer.authentication)
    }

    mutating func receivedHeartbeat(
        _ heartbeat: Heartbeat,
        _ message: MobilityMessage,
        in datagram: Datagram,
        at now: Moment
    ) -> [Action] {
        guard let index = links.firstIndex(where: { $0.carries(datagram) }) else {
            return drop(datagram, .unknownPeer, at: now)
        }
        if let reason = distrust(message, in: datagram, careOf: datagram.destination) {
            return drop(datagram, reason, at: now)
        }
        guard message.options.malformed.isEmpty else { return drop(datagram, .malformedOption, at: now) }
        guard isFresh(message, on: index, now: now) else { return drop(datagram, .replayed, at: now) }
        guard heartbeat.isResponse else {
            // RFC 5847 §3: answered whatever the state.
            let options = MobilityOptions([RestartCounter(settings.restartCounter)])
            let response = Heartbeat(isResponse: true, sequence: heartbeat.sequence, options: options)
            let route = SignallingRoute(answering: datagram)
            return [send(.heartbeat(response), on: route, careOf: datagram.destination)]
        }
        let isOurs = links[index].heartbeat?.answered(heartbeat.sequence, at: now.instant) == true
        guard isOurs || heartbeat.isUnsolicited else { return drop(datagram, .noMatchingRequest, at: now) }
        return heard(heartbeat, from: datagram.source, on: index, at: now)
    }

    /// Whether a message that needs a Mesg-ID has one that is good (RFC 4285 §6).
    mutating func isFresh(_ message: MobilityMessage, on index: Int, now: Moment) -> Bool {
        guard message.freshness == .messageIdentifier, anchor.peer.authentication != .none else { return true }
        guard let identifier = message.options.first(MessageIdentifier.self) else { return false }
        return anchor.messageIdentifiers[index, default: MessageIdentifierWindow()].accepts(
            identifier,
            at: anchor.clock.time(at: now)
        )
    }

    private mutating func heard(
        _ response: Heartbeat,
        from address: IPAddress,
        on index: Int,
        at now: Moment
    ) -> [Action] {
        links[index].unanswered = 0
        anchors.currentAnswered()
        let known = anchor.restartCounter
        if let counter = response.options.first(RestartCounter.self)?.counter { anchor.restartCounter = counter }
        if let known, let counter = anchor.restartCounter, counter != known {
            return anchorRestarted(address, at: now)
        }
        // Signalling passes where data does not: perhaps the anchor lost the binding before we knew its counter.
        guard links[index].isSilent, !links[index].isRefreshedInSilence, links[index].registration.attempt == nil,
            links[index].granted != nil, phase == .running
        else { return [] }
        links[index].isRefreshedInSilence = true
        return refresh(index, inBulk: false, at: now)
    }

    /// RFC 5847 §3.2: no binding of ours exists any more; everything begins anew, with the same prefixes if the anchor
    /// agrees.
    private mutating func anchorRestarted(_ address: IPAddress, at now: Moment) -> [Action] {
        guard phase == .running else { return [] }
        var actions: [Action] = [.report(.peerRestarted(address))]
        for index in links.indices { actions += giveUp(index, because: .peerRestarted) }
        session.uplinkKey = nil
        mode = settings.isMultipathWanted ? .discovering : .single(carrier: nil)
        multipathRetryAt = .never
        let jitter = Int64.random(in: 0...Self.restartJitter, using: &random)
        registersFrom = now.instant + .milliseconds(jitter)
        return actions
    }

    mutating func receivedError(
        _ error: BindingError,
        _ message: MobilityMessage,
        in datagram: Datagram,
        at now: Moment
    ) -> [Action] {
        guard let index = links.firstIndex(where: { $0.carries(datagram) }) else {
            return drop(datagram, .unknownPeer, at: now)
        }
        if let reason = distrust(message, in: datagram, careOf: datagram.destination) {
            return drop(datagram, reason, at: now)
        }
        guard error.status == BindingError.unknownMobilityHeaderType, links[index].heartbeat?.rejected() == true else {
            return drop(datagram, .noMatchingRequest, at: now)
        }
        return []
    }

    /// RFC 6275 §9.2. Only to the anchor: nobody else has any business with a gateway.
    mutating func answerUnknownType(_ datagram: Datagram, at now: Moment) -> [Action] {
        let dropped = drop(datagram, .unknownType, at: now)
        guard anchor.addresses.contains(datagram.source),
            links.contains(where: { $0.carries(datagram) })
        else { return dropped }
        let error = BindingError(
            status: BindingError.unknownMobilityHeaderType,
            homeAddress: datagram.source.mappedToIPv6
        )
        let route = SignallingRoute(answering: datagram)
        let answer = sealed(.bindingError(error), on: route, careOf: datagram.destination)
        guard unprovenAnswers.admits(answer, to: datagram, at: now.instant) else { return dropped }
        counters.send(.bindingError(error))
        return dropped + [.send(answer)]
    }
}
