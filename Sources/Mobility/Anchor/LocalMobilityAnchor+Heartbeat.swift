// SPDX-License-Identifier: Apache-2.0
import Wire

/// Heartbeats and Binding Errors at the anchor (RFC 5847, RFC 6275 §9.3.3).
extension LocalMobilityAnchor {
    /// `isNews` as `AnchorHeartbeat` has it.
    mutating func startHeartbeats(
        of binding: Binding,
        from gateway: NodeIdentifier,
        isNews: Bool = true,
        at now: Moment
    ) {
        if heartbeats[binding.pair] == nil {
            let monitor = HeartbeatMonitor(
                interval: settings.heartbeatInterval,
                missingAllowed: settings.missingHeartbeatsAllowed,
                from: now.instant,
                sequence: random.key()
            )
            heartbeats[binding.pair] = AnchorHeartbeat(
                monitor: monitor,
                paths: [],
                gateway: gateway,
                careOf: binding.careOf,
                route: binding.route
            )
            deadlines.set(.heartbeat(binding.pair), at: monitor.nextRequestAt)
        }
        heartbeats[binding.pair]?.take(binding, of: gateway, isNews: isNews)
    }

    mutating func stopHeartbeats(of binding: Binding) {
        heartbeats[binding.pair]?.leave(binding.path)
        guard heartbeats[binding.pair]?.paths.isEmpty == true else { return }
        heartbeats[binding.pair] = nil
        deadlines.cancel(.heartbeat(binding.pair))
    }

    /// The bindings of a pair that meet the condition, in a fixed order. There may be very many, and few that anything
    /// is to be done about: those are put in order.
    private func bindings(
        _ paths: Set<PathIdentifier>,
        where condition: (AnchorSession, Binding) -> Bool
    ) -> [Binding] {
        let found = paths.compactMap { path in
            cache[path.session].flatMap { session in
                session[path.binding].flatMap { condition(session, $0) ? $0 : nil }
            }
        }
        return found.sorted { $0.path < $1.path }
    }

    mutating func heartbeatDue(on pair: SignallingPair, at now: Moment) -> [Action] {
        guard var heartbeat = heartbeats[pair], let gateway = admission.gateway(heartbeat.gateway) else { return [] }
        let (sequence, becameUnreachable) = heartbeat.monitor.requestDue(at: now.instant)
        if becameUnreachable { heartbeat.settle(nil) }
        heartbeats[pair] = heartbeat
        deadlines.set(.heartbeat(pair), at: heartbeat.monitor.nextRequestAt)
        var actions: [Action] = []
        if becameUnreachable {
            actions.append(.report(.peerUnreachable(pair.remote)))
            actions += setUnreachable(true, bindings(heartbeat.paths) { !$1.isUnreachable })
        }
        guard let sequence else { return actions }
        let options = MobilityOptions([nextMessageIdentifier(at: now)])
        let message = MobilityMessage.heartbeat(Heartbeat(isResponse: false, sequence: sequence, options: options))
        counters.send(message)
        let datagram = Authentication.seal(
            message,
            on: heartbeat.route,
            careOf: heartbeat.careOf,
            by: gateway.authentication
        )
        return actions + [.send(datagram)]
    }

    /// RFC 5847 §3.1: a path whose gateway is gone carries nothing; its failure does not touch the others.
    private mutating func setUnreachable(_ isUnreachable: Bool, _ bindings: [Binding]) -> [Action] {
        bindings.flatMap { binding -> [Action] in
            guard binding.isUnreachable != isUnreachable, var session = cache[binding.path.session],
                let index = session.index(of: binding.path.binding)
            else { return [] }
            session.bindings[index].isUnreachable = isUnreachable
            let actions =
                isUnreachable
                ? uninstall(binding.path.binding, in: &session) : install(binding.path.binding, in: &session)
            cache[binding.path.session] = session
            return actions
        }
    }

    mutating func receivedHeartbeat(
        _ heartbeat: Heartbeat,
        _ message: MobilityMessage,
        in datagram: Datagram,
        at now: Moment
    ) -> [Action] {
        switch attribute(message, in: datagram) {
        case .nobodys(let reason): return drop(datagram, reason, at: now)
        case .of(let gateway, let carrier):
            let origin = MessageOrigin(of: message, careOf: carrier.careOf)
            guard isFresh(message, of: gateway, at: origin, now: now) else {
                return drop(datagram, .replayed, at: now)
            }
            let pair = carrier.route.pair
            return heartbeat.isResponse
                ? receivedResponse(heartbeat, from: gateway, in: datagram, on: pair, at: now)
                : receivedRequest(heartbeat, from: gateway, origin, in: datagram, on: pair, at: now)
        }
    }

    /// RFC 5847 §3: answered whatever the state.
    private mutating func receivedRequest(
        _ request: Heartbeat,
        from gateway: GatewayPeer,
        _ origin: MessageOrigin,
        in datagram: Datagram,
        on pair: SignallingPair,
        at now: Moment
    ) -> [Action] {
        var actions: [Action] = []
        if gateway.authentication != .none {
            actions = follow(origin, of: gateway, to: datagram, at: now)
        }
        let options = MobilityOptions([RestartCounter(settings.restartCounter)])
        let message = MobilityMessage.heartbeat(
            Heartbeat(isResponse: true, sequence: request.sequence, options: options)
        )
        let route = SignallingRoute(answering: datagram)
        let response = Authentication.seal(message, on: route, careOf: origin.careOf, by: gateway.authentication)
        if gateway.authentication == .none, heartbeats[pair] == nil,
            !unprovenAnswers.admits(response, to: datagram, at: now.instant)
        {
            return drop(datagram, .unknownPeer, at: now)
        }
        counters.send(message)
        return actions + [.send(response)]
    }

    /// An address translator has given the gateway's packets another address or port: messages of ours go there from
    /// now on, and so does a UDP tunnel whose address is another.
    private mutating func follow(
        _ origin: MessageOrigin,
        of gateway: GatewayPeer,
        to datagram: Datagram,
        at now: Moment
    ) -> [Action] {
        let route = SignallingRoute(answering: datagram)
        guard let session = session(of: origin, at: gateway), let old = session[origin.path?.binding] else { return [] }
        // Only the far end moves, and only where a translator can be: behind UDP.
        guard old.isActive, old.careOf == origin.careOf, old.route != route, old.route.isUDP, route.isUDP,
            old.route.source == route.source, !settings.addresses.contains(route.destination)
        else { return [] }
        // One heartbeat speaks for all that the gateway has registered the same way.
        let moved = bindings(heartbeats[old.pair]?.paths ?? []) { session, binding in
            session.gateway == gateway.identifier && binding.isActive && binding.careOf == old.careOf
                && binding.route == old.route
        }
        return moved.flatMap { move($0.path, to: route, at: now) }
    }

    private mutating func move(_ path: PathIdentifier, to route: SignallingRoute, at now: Moment) -> [Action] {
        guard var session = cache[path.session], let index = session.index(of: path.binding) else { return [] }
        let old = session.bindings[index]
        stopHeartbeats(of: old)
        session.bindings[index].route = route
        session.bindings[index].isUnreachable = false
        var actions: [Action] = []
        if old.encapsulation.isUDP, old.outerAddress != route.destination {
            session.bindings[index].outerAddress = route.destination
            actions.append(.report(.pathMoved(path, to: route.destination)))
        }
        actions += install(path.binding, in: &session)
        cache[session.identifier] = session
        startHeartbeats(of: session.bindings[index], from: session.gateway, at: now)
        return actions
    }

    /// A heartbeat names the node, and which of its sessions it is about by the care-of address alone.
    private func session(of origin: MessageOrigin, at gateway: GatewayPeer) -> AnchorSession? {
        guard let path = origin.path else { return nil }
        return cache.sessions(of: path.session.mobileNode).first {
            $0.gateway == gateway.identifier && $0[path.binding]?.careOf == origin.careOf
        }
    }

    private mutating func receivedResponse(
        _ response: Heartbeat,
        from gateway: GatewayPeer,
        in datagram: Datagram,
        on pair: SignallingPair,
        at now: Moment
    ) -> [Action] {
        let counter = response.options.first(RestartCounter.self)?.counter
        let said = AnchorHeartbeat.Settled(gateway: gateway.identifier, restartCounter: counter)
        var isAboutAny = heartbeats[pair]?.settled == said
        // Another gateway's word on this pair of addresses is none of theirs. Those that share a key are one here: a
        // response names nobody.
        let own = bindings(heartbeats[pair]?.audience(of: said) ?? []) { session, binding in
            guard admission.gateway(session.gateway)?.authentication == gateway.authentication else { return false }
            isAboutAny = true
            return binding.isUnreachable || counter != nil && session.restartCounter != counter
        }
        guard isAboutAny else { return drop(datagram, .unknownPeer, at: now) }
        guard
            response.isUnsolicited
                || heartbeats[pair]?.monitor.answered(response.sequence, at: now.instant) == true
        else { return drop(datagram, .noMatchingRequest, at: now) }
        var actions = setUnreachable(false, own)
        heartbeats[pair]?.settle(said)
        guard let counter else { return actions }
        var last: SessionIdentifier?
        for session in own.map(\.path.session) where session != last {
            actions += heard(counter, of: session, from: datagram.source, at: now)
            last = session
        }
        return actions
    }

    /// RFC 5847 §3.2: another counter means that the gateway has forgotten its bindings. They are kept a little without
    /// traffic, so that it gets its prefixes back.
    private mutating func heard(
        _ counter: UInt32,
        of identifier: SessionIdentifier,
        from peer: IPAddress,
        at now: Moment
    ) -> [Action] {
        guard var session = cache[identifier] else { return [] }
        let known = session.restartCounter
        session.restartCounter = counter
        var actions: [Action] = []
        if let known, known != counter {
            actions.append(.report(.peerRestarted(peer)))
            for binding in session.bindings {
                actions += suspend(binding.path, in: &session, because: .peerRestarted, at: now)
            }
        }
        cache[identifier] = session
        return actions
    }

    mutating func receivedError(
        _ error: BindingError,
        _ message: MobilityMessage,
        in datagram: Datagram,
        at now: Moment
    ) -> [Action] {
        let pair = SignallingRoute(answering: datagram).pair
        guard heartbeats[pair] != nil else { return drop(datagram, .unknownPeer, at: now) }
        switch attribute(message, in: datagram) {
        case .nobodys(let reason): return drop(datagram, reason, at: now)
        case .of(let gateway, let carrier):
            guard error.status == BindingError.unknownMobilityHeaderType else {
                return drop(datagram, .noMatchingRequest, at: now)
            }
            if heartbeats[pair]?.monitor.rejected() == true {
                deadlines.cancel(.heartbeat(pair))
                return []
            }
            return rejectedRevocation(on: carrier.route, by: gateway, at: now)
                ?? rejectedNotification(on: carrier.route, by: gateway, at: now)
                ?? drop(datagram, .noMatchingRequest, at: now)
        }
    }

    /// RFC 6275 §9.2; but nobody can have a stranger sent more than was sent in his name.
    mutating func answerUnknownType(_ datagram: Datagram, at now: Moment) -> [Action] {
        let dropped = drop(datagram, .unknownType, at: now)
        guard settings.addresses.contains(datagram.destination) else { return dropped }
        let error = BindingError(
            status: BindingError.unknownMobilityHeaderType,
            homeAddress: datagram.source.mappedToIPv6
        )
        let route = SignallingRoute(answering: datagram)
        let message = MobilityMessage.bindingError(error)
        let answer = Authentication.seal(
            message,
            on: route,
            careOf: heartbeats[route.pair]?.careOf ?? datagram.source,
            by: gateway(on: route.pair)?.authentication ?? .none
        )
        guard unprovenAnswers.admits(answer, to: datagram, at: now.instant) else { return dropped }
        counters.send(message)
        return dropped + [.send(answer)]
    }
}
