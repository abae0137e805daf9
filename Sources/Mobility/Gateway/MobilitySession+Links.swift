// SPDX-License-Identifier: Apache-2.0
import Wire

/// Links that come and go, time that passes, and what the data plane and the routing learn of it.
extension MobilitySession {
    mutating func linkChanged(_ index: Int, to careOf: IPAddress?, at now: Moment) -> [Action] {
        guard careOf != links[index].careOf else { return [] }
        let actions = lose(index, at: now)
        links[index].move(to: careOf)
        return actions
    }

    /// The care-of address is gone: out of forwarding at once, and told to the anchor over another path if there is one
    /// (RFC 5213 §5.3.5 lets it name the care-of address).
    private mutating func lose(_ index: Int, at now: Moment) -> [Action] {
        guard phase != .stopped else { return [] }
        let leave = links[index].leave
        session.relayed.tellAgain()
        noteOverwrite(of: index)
        var actions = giveUp(index, because: .linkLost)
        links[index].immediateRetries = 0
        if case .single(index) = mode { mode = .single(carrier: nil) }
        actions += renewOverwritten(at: now)
        guard phase == .running, let leave, leave.binding != nil else { return actions }
        return actions + bidFarewell(of: index, leave.careOf, leave.binding, attempt: 1, at: now)
    }

    private mutating func bidFarewell(
        of index: Int,
        _ careOf: IPAddress,
        _ binding: BindingIdentifier?,
        attempt: Int,
        at now: Moment
    ) -> [Action] {
        let carriers = links.indices.filter { $0 != index && links[$0].granted != nil && links[$0].isUsable }
        guard let carrier = carriers.first(where: { !links[$0].isSilent }) ?? carriers.first,
            let (request, action) = sendDeregistration(
                of: careOf,
                binding,
                of: links[index].settings,
                over: carrier,
                at: now
            )
        else { return [] }
        let farewell = Farewell(
            link: index,
            careOf: careOf,
            binding: binding,
            request: request,
            until: request.sentAt + answerTimeout,
            attempt: attempt
        )
        farewells.append(farewell)
        return [action]
    }

    private mutating func farewellsDue(at now: Moment) -> [Action] {
        let due = farewells.filter { $0.until <= now.instant }
        farewells.removeAll { $0.until <= now.instant }
        let addresses = due.filter(\.isOfHomeAddress).flatMap { giveBackAgain($0, at: now) }
        // A path that has come back has replaced the binding at the anchor; one that is coming back from the same
        // address must not be taken away again by a later word.
        return addresses
            + due.filter {
                !$0.isOfHomeAddress && $0.attempt < Farewell.attemptsAllowed && links[$0.link].granted == nil
                    && links[$0.link].careOf != $0.careOf
            }.flatMap { bidFarewell(of: $0.link, $0.careOf, $0.binding, attempt: $0.attempt + 1, at: now) }
    }

    mutating func pathChanged(_ path: PathIdentifier, _ condition: PathCondition, at now: Moment) -> [Action] {
        guard let index = links.firstIndex(where: { $0.installed?.identifier == path }),
            links[index].condition != condition
        else { return [] }
        links[index].condition = condition
        pathsChangedForFlows()
        let actions: [Action] = [.report(.pathChanged(path, condition))]
        switch condition {
        case .unproven: return actions
        case .silent:
            // Perhaps the anchor has restarted: its answer to a heartbeat tells.
            shared.heartbeats[index]?.suspect(true, at: now.instant)
            session.relayed.tellAgain()
            return actions + replaceSilentTunnel(index, at: now) + askSilentAnchor(at: now)
        case .alive:
            shared.heartbeats[index]?.suspect(false, at: now.instant)
            links[index].isRefreshedInSilence = false
            links[index].hasBeenAlive = true
            // What was not answered while the path was dead need not wait for its next attempt.
            return links[index].registration.attempt == nil ? actions : actions + retransmit(index, at: now)
        }
    }

    /// No path hears anything: whether it is the anchor, an update will tell sooner than heartbeats. Of use where there is
    /// something to be done about it.
    private mutating func askSilentAnchor(at now: Moment) -> [Action] {
        let granted = links.indices.filter { links[$0].granted != nil }
        let isOfUse = !anchors.isAlone || anchor.peer.isLookedUp || settings.breakOut == .noAnchor
        guard phase == .running, isOfUse, granted.allSatisfy({ links[$0].isSilent }) else { return [] }
        return granted.filter { links[$0].registration.attempt == nil && links[$0].isUsable }
            .flatMap { refresh($0, inBulk: false, at: now) }
    }

    mutating func deadlinesPassed(at now: Moment) -> [Action] {
        guard phase != .stopped else { return [] }
        var actions: [Action] = []
        revocationsLapse(at: now)
        metricsDueAt = .never
        for index in links.indices {
            if let granted = links[index].granted, granted.expiresAt <= now.instant {
                let isStuck = links[index].registration == .mismatched
                actions += giveUp(index, because: .expired)
                if isStuck { links[index].registration = .mismatched }
            }
            if links[index].registration.deadline <= now.instant { actions += registrationDue(index, at: now) }
            if links[index].keepaliveAt <= now.instant { actions += keepaliveDue(index, at: now) }
        }
        if multipathRetryAt <= now.instant { actions += askForMultipath(at: now) }
        actions += farewellsDue(at: now)
        if let validUntil = session.validUntil, validUntil <= now.instant {
            session.validUntil = nil
            // The site keeps its addresses while it needs no anchor for them.
            if !isBrokenOut { actions += endSession() }
        }
        return actions
    }

    private mutating func registrationDue(_ index: Int, at now: Moment) -> [Action] {
        switch links[index].registration {
        case .idle: return []
        case .registering(let attempt, _), .refreshing(let attempt, _):
            let binding = links[index].requests.last?.binding
            let path = PathIdentifier(session: session.identifier, binding: binding)
            links[index].unanswered += 1
            return [.report(.registrationUnanswered(path, attempt: attempt))] + retransmit(index, at: now)
        case .registered: return refreshDue(index, at: now)
        case .deregistering: links[index].forget()
        case .refused(let status, _):
            guard !clockPollDue(index, status, at: now) else { return [] }
            guard links[index].granted == nil else { return refresh(index, at: now) }
            links[index].registration = .idle
        }
        return []
    }

    mutating func stop(at now: Moment) -> [Action] {
        guard phase == .running else { return [] }
        phase = .stopping
        farewells = []
        // The site keeps its addresses until the anchor has heard of it; nobody is left who would use a node's.
        var actions = node.isLogical ? [] : stopServing()
        let alive = links.firstIndex { $0.granted != nil && $0.isUsable && !$0.isSilent }
        for index in links.indices {
            actions += uninstall(index)
            let (leave, granted) = (links[index].leave, links[index].granted)
            // A dead path's leave is taken over one that lives.
            let carrier = links[index].isSilent ? alive ?? index : index
            links[index].forget()
            guard let leave,
                let (request, action) = sendDeregistration(
                    of: leave.careOf,
                    leave.binding,
                    of: links[index].settings,
                    over: carrier,
                    at: now
                )
            else { continue }
            links[index].requests = [request]
            links[index].registration = .deregistering(until: now.instant + answerTimeout)
            actions.append(action)
            if let granted { actions.append(.report(.bindingRemoved(granted.path, reason: .deregistered))) }
        }
        return actions
    }

    mutating func finishStopping() -> [Action] {
        guard phase == .stopping, !links.contains(where: \.registration.isDeregistering) else { return [] }
        phase = .stopped
        farewells = []
        needsOverwrite = true
        isDelegationRefused = false
        overwrittenBy = 0
        multipathRetryAt = .never
        for index in links.indices { links[index].forget() }
        forgetRevocations()
        namesAccessNetworks = false
        return endBreakOut() + endSession()
    }

    // MARK: What others learn

    mutating func install(_ index: Int) -> [Action] {
        guard let granted = links[index].granted else { return [] }
        let wan = links[index].settings
        let path = PathDescription(
            identifier: granted.path,
            localAddress: granted.careOf,
            remoteAddress: granted.anchorAddress,
            encapsulation: granted.encapsulation,
            interfaceLabel: wan.label,
            accessTechnology: wan.accessTechnology,
            wan: wan.name,
            keepalive: granted.keepalive,
            metrics: shared.metrics[index]
        )
        guard links[index].installed != path else { return [] }
        // With multipath, or without it, it is another path.
        let isOther = links[index].installed.map { $0.identifier != path.identifier } ?? false
        let actions = isOther ? uninstall(index) : []
        links[index].installed = path
        return actions + [.forward(.installPath(path))]
    }

    mutating func uninstall(_ index: Int) -> [Action] {
        guard let path = links[index].installed else { return [] }
        links[index].installed = nil
        links[index].condition = .unproven
        return [.forward(.removePath(path.identifier))]
    }

    mutating func installSession() -> [Action] {
        number(with: session.uplinkKey)
        let description = description
        guard session.installed != description else { return [] }
        session.installed = description
        guard node.isLogical else { return [.forward(.install(description))] + serve(description) }
        let changes = NetworkChange.changes(from: session.installedNetwork, to: session.network)
        session.installedNetwork = session.network
        var actions: [Action] = changes.map { .network($0) }
        actions.append(.forward(.install(description)))
        if !changes.isEmpty {
            actions.append(.report(.prefixesAssigned(session.identifier, description.prefixes)))
        }
        return actions
    }

    private var description: SessionDescription {
        var probeKey: SipKey?
        let downlinkKey = session.uplinkKey == nil ? nil : session.downlinkKey
        if let numbers = session.probeNumbers {
            probeKey = Authentication.probeKey(
                authentication: anchor.peer.authentication,
                downlinkKey: downlinkKey,
                uplinkKey: session.uplinkKey,
                numbers: numbers,
                mobileNode: node.identifier
            )
        }
        return SessionDescription(
            identifier: session.identifier,
            prefixes: session.prefixes,
            downlinkKey: downlinkKey,
            uplinkKey: session.uplinkKey,
            probeKey: probeKey,
            hasReports: session.knowsReports,
            hasSizeProbes: session.knowsSizeProbes,
            firstSequence: reserve.first(at: shared.start),
            rules: rules
        )
    }

    /// What the access side does for a physical node.
    private mutating func serve(_ description: SessionDescription) -> [Action] {
        let service = MobileNodeService(
            identifier: node.identifier,
            homeNetworkPrefixes: session.homeNetworkPrefixes,
            homeAddress: session.homeAddress,
            linkLocalAddress: session.linkLocalAddress
        )
        guard session.service != service else { return [] }
        let isOther = session.service.map {
            $0.homeNetworkPrefixes != service.homeNetworkPrefixes || $0.homeAddress != service.homeAddress
        }
        session.service = service
        let served = Action.serve(service)
        return isOther == false
            ? [served] : [served, .report(.prefixesAssigned(session.identifier, description.prefixes))]
    }

    /// Nothing of a physical node's is forwarded any more; what is asked for again stays known by name.
    mutating func stopServing(isElsewhere: Bool = false) -> [Action] {
        guard session.installed != nil else { return [] }
        for index in links.indices { links[index].installed = nil }
        session.installed = nil
        session.service = nil
        return [
            .stopServing(node.identifier, isElsewhere: isElsewhere), .forward(.remove(session.identifier)),
            .report(.sessionEnded(session.identifier)),
        ]
    }

    /// Nothing is registered any more. The prefixes' names stay, to be asked for again.
    mutating func endSession() -> [Action] {
        session.validUntil = nil
        session.relayed.end()
        flows.forget()
        session.anchorFlows.removeAll()
        session.isKnownToAnchor = false
        session.uplinkKey = nil
        session.downlinkKey = nil
        // RFC 5845 §4.2: what the anchor said of GRE it said for this session.
        for index in links.indices { links[index].tunnel = nil }
        isHomeAddressRefused = false
        isHomeAddressRevoked = false
        guard node.isLogical else { return stopServing() }
        guard session.installed != nil else { return [] }
        let network = session.installedNetwork
        session.installed = nil
        session.installedNetwork = []
        for index in links.indices { links[index].installed = nil }
        return [.forward(.remove(session.identifier))]
            + network.map { .network($0.undone) } + [.report(.sessionEnded(session.identifier))]
    }
}
