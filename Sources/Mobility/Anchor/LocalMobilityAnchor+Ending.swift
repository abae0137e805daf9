// SPDX-License-Identifier: Apache-2.0
import Wire

/// What the data plane and the routing learn of sessions, and how bindings end (RFC 5213 §5.3.5, §5.6).
extension LocalMobilityAnchor {
    /// RFC 5213 §5.3.5: traffic stops at once, the entry stays for a while in case the node comes back.
    mutating func deregister(
        _ request: ProxyBindingUpdate,
        _ found: AnchorSession?,
        from gateway: GatewayPeer,
        at now: Moment
    ) -> [Action] {
        guard var session = found, session.gateway == gateway.identifier else {
            return drop(request.datagram, .deregistrationOfNothing, at: now)
        }
        // Without a BID it means the whole session, as does a registration without one.
        let meant = session.bindings.filter { request.binding == nil || $0.path.binding == request.binding }
        guard let named = meant.first(where: { $0.careOf == request.careOf }) else {
            return drop(request.datagram, .deregistrationOfNothing, at: now)
        }
        // RFC 6089 §5.3.1: the bindings first.
        let flows = bindFlows(request, in: &session, without: meant, from: gateway)
        let reply = acceptance(of: request, session, status: .accepted, lifetime: .zero, flows, by: gateway)
        var actions: [Action] = []
        if isOfOneService(request, in: session) {
            actions = giveBackPart(of: &session, named: request)
        } else {
            for binding in meant {
                actions += suspend(binding.path, in: &session, because: .deregistered, at: now)
            }
            actions += installSession(&session)
        }
        if let index = session.index(of: named.path.binding) {
            session.bindings[index].timestamp = orderingTimestamp(of: request)
            session.bindings[index].sequence = request.update.sequence
            session.bindings[index].request = request.datagram
            session.bindings[index].reply = reply
        }
        cache[session.identifier] = session
        return actions + [.send(reply)] + leaveEndsRevocations(of: session.identifier, at: now)
    }

    /// RFC 5844 §3.1.2.5: one that names only the one of two services ends that one, and no binding; said twice, it ends
    /// nothing more. One that names all that the session has is about the session.
    private func isOfOneService(_ request: ProxyBindingUpdate, in session: AnchorSession) -> Bool {
        guard request.hasHomeNetworkPrefix != (request.homeAddress != nil) else { return false }
        return request.hasHomeNetworkPrefix ? session.homeAddress != nil : !session.homeNetworkPrefixes.isEmpty
    }

    private mutating func giveBackPart(
        of session: inout AnchorSession,
        named request: ProxyBindingUpdate
    ) -> [Action] {
        let old = session
        if request.hasHomeNetworkPrefix {
            giveBackHome(of: &session)
        } else if request.homeAddress?.address == session.homeAddress {
            giveBackHomeAddress(of: &session)
        }
        // The paths stay what they are, and one that waits for its end or is unreachable stays out of forwarding.
        return changes(from: old, to: session) + installSession(&session)
    }

    /// Out of forwarding, waiting to be deleted.
    mutating func suspend(
        _ path: PathIdentifier,
        in session: inout AnchorSession,
        because reason: Notice.RemovalReason,
        at now: Moment
    ) -> [Action] {
        guard let index = session.index(of: path.binding), session.bindings[index].isActive else { return [] }
        stopHeartbeats(of: session.bindings[index])
        let deleteAt = now.instant + settings.minDelayBeforeBindingCacheEntryDelete
        session.bindings[index].state = .deletePending(deleteAt: deleteAt)
        deadlines.set(.binding(path), at: deleteAt)
        return uninstall(path.binding, in: &session) + [.report(.bindingRemoved(path, reason: reason))]
    }

    /// A lifetime or a time of grace is over.
    mutating func bindingEnded(_ path: PathIdentifier, at now: Moment) -> [Action] {
        guard var session = cache[path.session], let binding = session[path.binding] else { return [] }
        guard session.bindings.count > 1 else { return end(session, because: .expired) }
        let actions: [Action]
        switch binding.state {
        case .active: actions = remove(path, from: &session, because: .expired) + installSession(&session)
        case .deletePending:
            actions = uninstall(path.binding, in: &session)
            session.bindings.removeAll { $0.path == path }
        }
        cache[path.session] = session
        return actions
    }

    /// Takes a binding away without delay.
    mutating func remove(
        _ path: PathIdentifier,
        from session: inout AnchorSession,
        because reason: Notice.RemovalReason
    ) -> [Action] {
        guard let binding = session[path.binding] else { return [] }
        let actions = uninstall(path.binding, in: &session)
        stopHeartbeats(of: binding)
        deadlines.cancel(.binding(path))
        session.bindings.removeAll { $0.path == path }
        return binding.isActive ? actions + [.report(.bindingRemoved(path, reason: reason))] : actions
    }

    /// The last binding is gone: prefixes are free again.
    mutating func end(_ ended: AnchorSession, because reason: Notice.RemovalReason) -> [Action] {
        var session = ended
        var actions: [Action] = []
        deadlines.cancel(.flowRules(ended.identifier))
        for binding in session.bindings { actions += remove(binding.path, from: &session, because: reason) }
        let shared = session.homeNetworkPrefixes.filter(cache.isShared)
        let routes = session.network.filter { change in !shared.contains { change == .addPrefix($0) } }
        giveBackAll(of: &session)
        cache[session.identifier] = nil
        actions.append(.forward(.remove(session.identifier)))
        actions += routes.map { .network($0.undone) }
        return actions + [.report(.sessionEnded(session.identifier))]
    }

    /// Routes for what is new to the machine, and those that are wanted no longer. What another session shares has one
    /// route, and keeps it.
    func changes(from old: AnchorSession?, to new: AnchorSession) -> [Action] {
        let changes = NetworkChange.changes(from: old?.network ?? [], to: new.network).filter { change in
            switch change {
            case .addPrefix(let prefix):
                cache.session(holding: prefix).map { $0 == new.identifier } ?? true
            case .removePrefix(let prefix): !cache.isShared(prefix)
            case .addHomeAddress, .removeHomeAddress, .beginBreakOut, .endBreakOut: true
            }
        }
        guard !changes.isEmpty else { return [] }
        return changes.map { .network($0) } + [.report(.prefixesAssigned(new.identifier, new.prefixes))]
    }

    /// Brings the data plane up to what session and binding now are; nothing if it knows.
    mutating func install(_ binding: BindingIdentifier?, in session: inout AnchorSession) -> [Action] {
        let actions = installSession(&session)
        return session.index(of: binding).map { actions + installPath($0, of: &session) } ?? actions
    }

    /// The session is installed. `index` is that of a binding of its own.
    func installPath(_ index: Int, of session: inout AnchorSession) -> [Action] {
        let path = session.bindings[index].description
        // Without probes nothing will ever prove it, and an anchor with very many is told nothing that it knows.
        if session.bindings[index].installed == nil {
            session.bindings[index].condition = session.hasPathProbes ? .unproven : .alive
        }
        guard session.bindings[index].installed != path else { return [] }
        session.bindings[index].installed = path
        return [.forward(.installPath(path))]
    }

    mutating func installSession(_ session: inout AnchorSession) -> [Action] {
        let description = description(of: session)
        guard session.installed != description else { return [] }
        session.installed = description
        return [.forward(.install(description))]
    }

    mutating func uninstall(_ binding: BindingIdentifier?, in session: inout AnchorSession) -> [Action] {
        guard let index = session.index(of: binding), let path = session.bindings[index].installed else { return [] }
        session.bindings[index].installed = nil
        let isIdle = !session.bindings.contains { $0.installed != nil }
        return [.forward(.removePath(path.identifier))] + (isIdle ? installSharers(of: &session) : [])
    }

    /// RFC 7864 §3.2.1: shared prefixes lead to the session that the data plane learnt of last. One without a path makes
    /// way for another, and is told of again when it has one.
    private func installSharers(of session: inout AnchorSession) -> [Action] {
        let shared = session.homeNetworkPrefixes.filter(cache.isShared)
        guard !shared.isEmpty else { return [] }
        session.installed = nil
        let own = session.identifier
        let others = cache.sessions(of: own.mobileNode).filter { other in
            other.identifier != own && other.bindings.contains { $0.installed != nil }
                && other.homeNetworkPrefixes.contains(where: shared.contains)
        }
        return others.last?.installed.map { [.forward(.install($0))] } ?? []
    }

    private func description(of session: AnchorSession) -> SessionDescription {
        var probeKey: SipKey?
        if let numbers = session.probeNumbers, let gateway = admission.gateway(session.gateway) {
            probeKey = Authentication.probeKey(
                authentication: gateway.authentication,
                downlinkKey: session.downlinkKey,
                uplinkKey: session.uplinkKey,
                numbers: numbers,
                mobileNode: session.identifier.mobileNode
            )
        }
        return SessionDescription(
            identifier: session.identifier,
            prefixes: session.prefixes,
            downlinkKey: session.downlinkKey,
            uplinkKey: session.uplinkKey,
            probeKey: probeKey,
            hasReports: session.knowsReports,
            hasSizeProbes: session.knowsSizeProbes,
            firstSequence: session.reserve.first(at: start),
            sender: session.sender,
            rules: rules(in: session)
        )
    }
}
