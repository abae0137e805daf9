// SPDX-License-Identifier: Apache-2.0
import Wire

/// Registrations: new sessions, new paths, refreshes, moves, hand-offs (RFC 5213 §5.3.2–§5.3.4, RFC 8278 §4.4).
extension LocalMobilityAnchor {
    /// `match` says what the update is about: a session of its own, one that is there, or one beside it.
    mutating func register(
        _ request: ProxyBindingUpdate,
        of node: NodeIdentifier,
        from gateway: GatewayPeer,
        _ match: SessionMatch,
        at now: Moment
    ) -> [Action] {
        let existing = match.updated.flatMap { cache[$0] }
        var session = existing ?? newSession(of: node, from: gateway, match)
        let displaced = displacedBindings(by: request, in: session, from: gateway)
        // Whoever is served goes on; who is new finds another anchor, or comes again.
        guard existing != nil || isStoreWell else {
            return refuse(request, Refusal(.insufficientResources), to: gateway, at: now)
        }
        let tunnel: TunnelGrant
        switch grantTunnel(request, in: session, displacing: displaced) {
        case .success(let grant): tunnel = grant
        case .failure(let refusal): return refuse(request, refusal, to: gateway, at: now)
        }
        if let refusal = assign(request, to: &session, from: gateway) {
            assignment.undo()
            return refuse(request, refusal, to: gateway, at: now)
        }
        assignment.keep()
        fulfil(session.delegatedPrefixes, of: node, at: now)
        var actions: [Action] = []
        if standsAlone(request, in: session, from: gateway) { giveBackUnnamed(by: request, in: &session) }
        giveBackLapsed(by: request, in: &session)
        if request.isOverwrite { actions += endOthers(than: session.identifier) }
        adopt(request, tunnel, from: gateway, by: &session)
        for binding in displaced { actions += remove(binding, from: &session, because: .replaced) }
        let change = place(request, tunnel, in: &session, at: now)
        let flows = bindFlows(request, in: &session, from: gateway)
        noteRules(of: request, by: &session)
        actions += changes(from: existing, to: session)
        actions += install(request.binding, in: &session)
        if request.isBulk { actions += refreshOthers(than: request.binding, in: &session, at: now) }
        actions += answer(request, tunnel.status, flows, in: &session, from: gateway)
        cache[session.identifier] = session
        actions += tellRules(of: session.identifier, at: now)
        if let existing, existing.gateway != gateway.identifier {
            actions += revokeTaken(existing, by: request, at: now)
        }
        return actions + [.report(change)]
    }

    private func newSession(
        of node: NodeIdentifier,
        from gateway: GatewayPeer,
        _ match: SessionMatch
    ) -> AnchorSession {
        AnchorSession(
            identifier: cache.newIdentifier(for: node),
            gateway: gateway.identifier,
            isMultipath: false,
            homeNetworkPrefixes: match.shared.flatMap { cache[$0] }?.homeNetworkPrefixes ?? [],
            delegatedPrefixes: [],
            reserve: SequenceReserve(first: 0, start: start)
        )
    }

    /// RFC 8278 §4.1, O: it replaces all bindings of the node, whatever session they are in.
    private mutating func endOthers(than identifier: SessionIdentifier) -> [Action] {
        cache.sessions(of: identifier.mobileNode).filter { $0.identifier != identifier }
            .flatMap { end($0, because: .replaced) }
    }

    /// The bindings that go when this one is accepted.
    private func displacedBindings(
        by request: ProxyBindingUpdate,
        in session: AnchorSession,
        from gateway: GatewayPeer
    ) -> [PathIdentifier] {
        let joins = joins(request, session, from: gateway)
        // RFC 8278 §4.1: a care-of address has one tunnel; the binding that had it before goes.
        return session.bindings.filter { !joins || $0.end == request.end }.map(\.path)
            .filter { $0.binding != request.binding }
    }

    /// One path among several of the same gateway takes nobody's place (RFC 8278 §4.4). A binding without BID, one with
    /// O, and one of another gateway stand alone, as does the first with a BID after one without.
    func joins(_ request: ProxyBindingUpdate, _ session: AnchorSession, from gateway: GatewayPeer) -> Bool {
        request.binding != nil && session.isMultipath && session.gateway == gateway.identifier && !request.isOverwrite
    }

    /// No other path has asked for anything: what this one does not name nobody wants. Where another has, this one may
    /// know less of the session than that (RFC 8278 §4.4), and takes nothing from it.
    private func standsAlone(
        _ request: ProxyBindingUpdate,
        in session: AnchorSession,
        from gateway: GatewayPeer
    ) -> Bool {
        !joins(request, session, from: gateway)
            || session.bindings.allSatisfy { $0.path.binding == request.binding }
    }

    /// RFC 5845 §5.2, RFC 5844 §4.1.3.1: what the tunnel is to be.
    private func grantTunnel(
        _ request: ProxyBindingUpdate,
        in session: AnchorSession,
        displacing displaced: [PathIdentifier]
    ) -> Result<TunnelGrant, Refusal> {
        // RFC 6275 §9.5.1: the tunnel's ends must be of one family, and the far one not our own.
        guard request.careOf.isIPv4 == request.datagram.destination.isIPv4,
            !settings.addresses.contains(request.outerAddress)
        else { return .failure(Refusal(.invalidCareOfAddress)) }
        let decision = TunnelGrant.decide(request, by: settings)
        guard case .success(let grant) = decision, grant.encapsulation.usesGRE,
            let option = request.options.first(GREKey.self)
        else { return decision }
        // One sequence space for all paths with GRE: the key of those that stay is the key of all.
        let stays = session.bindings.contains {
            $0.isActive && $0.encapsulation.usesGRE && $0.path.binding != request.binding
                && !displaced.contains($0.path)
        }
        return stays && option.key != session.downlinkKey ? .failure(Refusal(.reasonUnspecified)) : decision
    }

    /// The session's own values after an accepted registration.
    private mutating func adopt(
        _ request: ProxyBindingUpdate,
        _ tunnel: TunnelGrant,
        from gateway: GatewayPeer,
        by session: inout AnchorSession
    ) {
        let joins = joins(request, session, from: gateway)
        // A gateway that starts anew, or another one, has another restart counter.
        let isFirst = request.isOverwrite || request.handoff == .attachmentOverNewInterface && request.binding == nil
        if session.gateway != gateway.identifier || isFirst { session.restartCounter = nil }
        // RFC 5845 §3.3.2: the uplink key stays, and the other's numbers (RFC 2890 §2.2) have nothing to do with those before.
        if session.gateway != gateway.identifier || hasBegunAnew(request, in: session) { session.sender &+= 1 }
        // What another gateway said of flows it said of its own paths, and what it was told this one was not.
        if session.gateway != gateway.identifier { forgetFlows(of: &session) }
        session.gateway = gateway.identifier
        session.isMultipath = request.binding != nil
        session.accessTechnology = request.technology
        session.linkLayerIdentifier = request.linkLayerIdentifier
        session.isConfirmed = request.namesHome || request.handoff == .notChanged
        adoptKeys(of: request, tunnel, joining: joins, by: &session)
        adoptProbeNumbers(of: request, by: &session)
        // RFC 5213 §5.3.6: the gateway's address is kept, and made up if it leaves that to us.
        guard let option = request.options.first(LinkLocalAddress.self) else { return }
        if !option.address.isUnspecified {
            session.linkLocalAddress = option.address
        } else if session.linkLocalAddress == nil {
            session.linkLocalAddress = IPv6Address(high: 0xFE80_0000_0000_0000, low: random.next())
        }
    }

    /// The session's keys are those of its paths with GRE. A path without leaves them alone, unless it stands alone.
    private mutating func adoptKeys(
        of request: ProxyBindingUpdate,
        _ tunnel: TunnelGrant,
        joining joins: Bool,
        by session: inout AnchorSession
    ) {
        guard tunnel.encapsulation.usesGRE || !joins else { return }
        let key = tunnel.encapsulation.usesGRE ? request.options.first(GREKey.self)?.key : nil
        // RFC 2890 §2.2: the number space is the key's.
        if key != session.downlinkKey { session.reserve = SequenceReserve(first: 0, start: start) }
        session.downlinkKey = key
        // RFC 5845 §5.2: the uplink key stays, whatever becomes of the downlink key.
        if session.downlinkKey == nil {
            session.uplinkKey = nil
        } else if session.uplinkKey == nil {
            session.uplinkKey = newUplinkKey()
        }
    }

    /// Ours stays while the gateway's does: another one of its means that it has started anew.
    private mutating func adoptProbeNumbers(of request: ProxyBindingUpdate, by session: inout AnchorSession) {
        let announced = announcedNumber(of: request)
        let known = announced == nil ? nil : CapabilityAnnouncement(in: request.options)
        session.knowsReports = known?.knowsReports == true
        session.knowsSizeProbes = known?.knowsSizeProbes == true
        guard session.probeNumbers?.gateway != announced else { return }
        session.probeNumbers = announced.map { ProbeNumbers(gateway: $0, anchor: random.probeNumber()) }
    }

    private func announcedNumber(of request: ProxyBindingUpdate) -> UInt64? {
        settings.announcesProbes ? CapabilityAnnouncement(in: request.options)?.probeNumber : nil
    }

    private func hasBegunAnew(_ request: ProxyBindingUpdate, in session: AnchorSession) -> Bool {
        guard let known = session.probeNumbers?.gateway, let announced = announcedNumber(of: request) else {
            return false
        }
        return known != announced
    }

    private mutating func newUplinkKey() -> UInt32 {
        var key = random.key()
        while cache.isUplinkKeyUsed(key) { key = random.key() }
        return key
    }

    /// Writes the binding itself; the notice says what happened.
    private mutating func place(
        _ request: ProxyBindingUpdate,
        _ tunnel: TunnelGrant,
        in session: inout AnchorSession,
        at now: Moment
    ) -> Notice {
        let path = PathIdentifier(session: session.identifier, binding: request.binding)
        let granted = min(request.update.lifetime.duration, settings.maximumLifetime)
        let lifetime = BindingLifetime(granted)
        let old = session[request.binding]
        let binding = Binding(
            path: path,
            state: .active(expiresAt: now.instant + lifetime.duration),
            careOf: request.careOf,
            outerAddress: request.outerAddress,
            anchorAddress: request.datagram.destination,
            route: SignallingRoute(answering: request.datagram),
            lifetime: lifetime,
            encapsulation: tunnel.encapsulation,
            interfaceLabel: request.multipathBinding?.interfaceLabel ?? 0,
            interfaceTechnology: request.multipathBinding?.accessTechnology
                ?? request.options.first(AccessTechnologyType.self)?.technology ?? .virtual,
            timestamp: orderingTimestamp(of: request),
            sequence: request.update.sequence,
            request: request.datagram,
            reply: request.datagram,
            installed: old?.installed,
            condition: old?.condition ?? .unproven,
            metrics: request.options.linkMetrics ?? LinkMetrics()
        )
        if let old, old.pair != binding.pair { stopHeartbeats(of: old) }
        if let index = session.index(of: request.binding) {
            session.bindings[index] = binding
        } else {
            session.bindings.append(binding)
        }
        deadlines.set(.binding(path), at: binding.deadline)
        startHeartbeats(of: binding, from: session.gateway, isNews: session.restartCounter == nil, at: now)
        let isRefresh = old?.isActive == true && old?.careOf == binding.careOf
        return isRefresh
            ? .bindingRefreshed(path) : .bindingRegistered(path, careOf: binding.careOf, lifetime: lifetime)
    }

    /// RFC 8278 §4.1, B: every other binding of the node lives as long as this one.
    private mutating func refreshOthers(
        than identifier: BindingIdentifier?,
        in session: inout AnchorSession,
        at now: Moment
    ) -> [Action] {
        guard let lifetime = session[identifier]?.lifetime else { return [] }
        var actions: [Action] = []
        for index in session.bindings.indices {
            let binding = session.bindings[index]
            guard binding.path.binding != identifier, binding.isActive else { continue }
            session.bindings[index].lifetime = lifetime
            session.bindings[index].state = .active(expiresAt: now.instant + lifetime.duration)
            deadlines.set(.binding(binding.path), at: now.instant + lifetime.duration)
            actions.append(.report(.bindingRefreshed(binding.path)))
        }
        return actions
    }

    private mutating func answer(
        _ request: ProxyBindingUpdate,
        _ status: BindingStatus,
        _ flows: [FlowIdentification],
        in session: inout AnchorSession,
        from gateway: GatewayPeer
    ) -> [Action] {
        guard let index = session.index(of: request.binding) else { return [] }
        let binding = session.bindings[index]
        let reply = acceptance(
            of: request,
            session,
            status: status,
            lifetime: binding.lifetime,
            flows,
            by: gateway
        )
        session.bindings[index].reply = reply
        return [.send(reply)]
    }
}
