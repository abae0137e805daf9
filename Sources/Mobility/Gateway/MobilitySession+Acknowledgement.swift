// SPDX-License-Identifier: Apache-2.0
import Wire

/// Proxy binding acknowledgements at the gateway (RFC 5213 §6.9.1.2, RFC 8278 §4.4).
extension MobilitySession {
    /// Whether a request of the session waits for it. `exactly`: by its number, not only by the way that it came.
    func awaits(_ reply: BindingAcknowledgement, in datagram: Datagram, exactly: Bool) -> Bool {
        (farewells.map(\.request) + links.flatMap(\.requests)).contains {
            isAnswered($0, by: reply, in: datagram) && (!exactly || $0.sequence == reply.sequence)
        }
    }

    mutating func receivedAcknowledgement(
        _ reply: BindingAcknowledgement,
        _ message: MobilityMessage,
        in datagram: Datagram,
        at now: Moment
    ) -> [Action] {
        if let index = farewells.firstIndex(where: { isAnswered($0.request, by: reply, in: datagram) }) {
            if let reason = shared.distrust(message, in: datagram, careOf: farewells[index].request.careOf) {
                return drop(datagram, reason, at: now)
            }
            // Who has refused to take an address back is told once more.
            if reply.status.isAccepted || !farewells[index].isOfHomeAddress { farewells.remove(at: index) }
            return []
        }
        for index in links.indices {
            guard let request = links[index].requests.first(where: { isAnswered($0, by: reply, in: datagram) })
            else { continue }
            if let reason = shared.distrust(message, in: datagram, careOf: request.careOf) {
                return drop(datagram, reason, at: now)
            }
            return acknowledged(index, request, reply, in: datagram, at: now)
        }
        return drop(datagram, .noMatchingRequest, at: now)
    }

    private func isAnswered(
        _ request: PendingUpdate,
        by reply: BindingAcknowledgement,
        in datagram: Datagram
    ) -> Bool {
        guard datagram.source == request.route.destination, datagram.destination == request.route.source,
            (datagram.ports != nil) == request.route.isUDP,
            datagram.wan == nil || datagram.wan == request.route.wan
        else { return false }
        // RFC 6275 §6.1.8: here the number is not the request's but the last accepted one.
        return reply.sequence == request.sequence || reply.status == .sequenceNumberOutOfWindow
    }

    private mutating func acknowledged(
        _ index: Int,
        _ request: PendingUpdate,
        _ received: BindingAcknowledgement,
        in datagram: Datagram,
        at now: Moment
    ) -> [Action] {
        let reply = anchor.peer.compatibility.completed(received, to: request)
        guard reply.flags.contains(.proxyRegistration) else { return drop(datagram, .notProxyRegistration, at: now) }
        guard reply.options.malformed.isEmpty else { return drop(datagram, .malformedOption, at: now) }
        guard isSameNode(reply, request) else {
            // RFC 5213 §6.9.1.2: not to be repeated before somebody has looked at it.
            let ignored = drop(datagram, .answerDoesNotMatch, at: now)
            guard !request.isDeregistration else { return ignored }
            links[index].requests = []
            links[index].registration = .mismatched
            return ignored
        }
        if request.isDeregistration {
            links[index].forget()
            return []
        }
        links[index].unanswered = 0
        shared.anchorAnswered(over: index)
        // RFC 8127 §5.2
        guard anchor.timers.adopt(reply.options) else { return drop(datagram, .unusableParameters, at: now) }
        guard reply.status.isAccepted else { return refused(index, request, reply, at: now) }
        guard reply.options.first(TimestampOption.self)?.timestamp == request.timestamp, isSameBinding(reply, request)
        else { return drop(datagram, .answerDoesNotMatch, at: now) }
        return accepted(index, request, reply, at: now)
    }

    private func isSameNode(_ reply: BindingAcknowledgement, _ request: PendingUpdate) -> Bool {
        let options = reply.options
        return options.first(MobileNodeIdentifier.self)?.identifier == node.identifier
            && options.first(HandoffIndicator.self) == request.handoff
            && options.first(AccessTechnologyType.self) == AccessTechnologyType(node.accessTechnology)
            && options.first(MobileNodeLinkLayerIdentifier.self) == node.linkLayerIdentifier
    }

    private func isSameBinding(_ reply: BindingAcknowledgement, _ request: PendingUpdate) -> Bool {
        guard let echo = reply.options.first(MAGMultipathBinding.self) else { return true }
        return echo.bindingIdentifier == request.binding?.rawValue
    }

    private mutating func accepted(
        _ index: Int,
        _ request: PendingUpdate,
        _ reply: BindingAcknowledgement,
        at now: Moment
    ) -> [Action] {
        if let actions = redirected(index, by: reply, to: request, at: now) { return actions }
        let prefixes = homeNetworkPrefixes(in: reply)
        let tunnel = grantedTunnel(by: reply, to: request)
        let key = tunnel.usesGRE ? reply.options.first(GREKey.self)?.key : nil
        // RFC 5845 §3.2: with keys in both directions or in none.
        let home = homeAddress(in: reply, to: request)
        guard !prefixes.isEmpty || home != nil, !reply.lifetime.isZero,
            !tunnel.usesGRE || (key != nil) == settings.wantsGREKey
        else { return unusable(index, request, reply, at: now) }
        learn(from: reply, to: request, on: index)
        let hasMultipath = request.binding != nil && reply.options.first(MAGMultipathBinding.self) != nil
        var actions = endBreakOut()
        actions += settle(hasMultipath, index, request, because: nil, at: now)
        let isOther =
            isOtherSession(prefixes, home, uplinkKey: key, than: index) || hasBegunAnew(by: reply, than: index)
        actions += grant(index, request, reply, tunnel, hasMultipath: hasMultipath, at: now)
        let standsAlone = request.isOverwrite || !hasMultipath
        if tunnel.usesGRE || standsAlone { session.uplinkKey = key }
        actions += flowsAnswered(request, reply)
        actions += adopt(reply, to: request, prefixes: prefixes, home)
        links[index].toldMetrics = request.metrics
        actions += install(index)
        if reply.options.first(MAGMultipathBinding.self)?.isBulkReregistration == true, request.isBulk {
            actions += refreshedInBulk(by: index, at: now)
        }
        if request.isOverwrite { needsOverwrite = false }
        noteOverwrite(of: index)
        return actions + renewOverwritten(isOther ? index : nil, at: now)
            + settleHomeAddress(after: reply, to: request, on: index, at: now)
    }

    /// The first acceptance tells whether the anchor knows multipath; a later one may tell that it no longer does.
    mutating func settle(
        _ hasMultipath: Bool,
        _ index: Int,
        _ request: PendingUpdate,
        because status: BindingStatus?,
        at now: Moment
    ) -> [Action] {
        guard request.binding != nil else { return [] }
        if hasMultipath {
            if mode == .discovering { mode = .multipath }
            multipathRetryAt = .never
            return []
        }
        // RFC 8278 §4.4: this path stays, nothing is sent on the others.
        let wasKnown = multipathRetryAt != .never
        mode = .single(carrier: index)
        multipathRetryAt = now.instant + Self.multipathHoldDown
        var actions: [Action] = wasKnown ? [] : [.report(.multipathUnavailable(session.identifier, status))]
        for other in links.indices where other != index {
            actions += uninstall(other)
            links[other].forget()
        }
        if links[index].installed?.identifier.binding != nil { actions += uninstall(index) }
        return actions
    }

    private mutating func grant(
        _ index: Int,
        _ request: PendingUpdate,
        _ reply: BindingAcknowledgement,
        _ tunnel: TunnelEncapsulation,
        hasMultipath: Bool,
        at now: Moment
    ) -> [Action] {
        let path = PathIdentifier(session: session.identifier, binding: hasMultipath ? request.binding : nil)
        let isRefresh = links[index].granted?.careOf == request.careOf && links[index].granted?.path == path
        // RFC 6275 §11.7.3: counted from when the request was sent, never more than was asked for.
        let lifetime = min(reply.lifetime.units, BindingLifetime(settings.lifetime).units)
        let granted = GrantedBinding(
            path: path,
            careOf: request.careOf,
            route: request.route,
            lifetime: BindingLifetime(units: lifetime),
            expiresAt: request.sentAt + BindingLifetime(units: lifetime).duration,
            number: request.number,
            encapsulation: tunnel,
            keepalive: keepalive(after: reply, tunnel)
        )
        links[index].granted = granted
        // A later one that asks for something else may have been accepted as well, and then it counts.
        links[index].requests.removeAll { $0.number <= request.number || $0.isLike(request) }
        links[index].immediateRetries = 0
        links[index].keepaliveAt = granted.keepalive.map { now.instant + $0 } ?? .never
        links[index].registration = .registered(
            refreshAt: anchor.timers.refreshTime(of: granted.lifetime, from: request.sentAt)
        )
        session.validUntil = max(session.validUntil ?? .zero, granted.expiresAt)
        session.isKnownToAnchor = true
        hasArrived = true
        if tunnel.isUDP { anchor.grantsUDP = true }
        shared.startHeartbeats(over: index, at: now)
        guard !isRefresh else { return [.report(.bindingRefreshed(path))] }
        pathsChangedForFlows(hasNewBinding: true)
        let registered = Notice.bindingRegistered(path, careOf: granted.careOf, lifetime: granted.lifetime)
        guard let wanted = request.tunnel, wanted != tunnel else { return [.report(registered)] }
        return [.report(registered), .report(.tunnelDiffers(path, wanted: wanted, granted: tunnel))]
    }

    /// What the anchor says of the session is how the session is.
    private mutating func adopt(
        _ reply: BindingAcknowledgement,
        to request: PendingUpdate,
        prefixes: [IPPrefix],
        _ home: HomeAddressAssignment?
    ) -> [Action] {
        session.homeNetworkPrefixes = prefixes
        // RFC 5844 §3.2.3.3: not extended is gone.
        session.homeAddress = home
        if let option = reply.options.first(LinkLocalAddress.self), !option.address.isUnspecified {
            session.linkLocalAddress = option.address
        }
        let delegated = reply.options.all(DelegatedMobileNetworkPrefix.self).compactMap(\.prefix)
        session.delegatedPrefixes = delegated.filter { wantsDelegation(of: $0) && !session.relayed.isRouters($0) }
        session.relayed.adopt(delegated, requested: request.relayed)
        let announced = settings.announcesProbes ? CapabilityAnnouncement(in: reply.options) : nil
        session.probeNumbers = announced?.probeNumber.map { ProbeNumbers(gateway: probeNumber, anchor: $0) }
        session.knowsReports = announced?.knowsReports ?? false
        session.knowsSizeProbes = announced?.knowsSizeProbes ?? false
        return installSession()
    }

    /// RFC 5844 §3.2.3.3: a node that is to have none of them uses none, whatever the anchor may know of it.
    private func homeNetworkPrefixes(in reply: BindingAcknowledgement) -> [IPPrefix] {
        wants(.homeNetworkPrefixes) ? reply.options.all(HomeNetworkPrefix.self).compactMap(\.prefix) : []
    }

    /// RFC 5844 §3.2.3.2. The router is told with status 0 only, and stays the same in between.
    private func homeAddress(
        in reply: BindingAcknowledgement,
        to request: PendingUpdate
    ) -> HomeAddressAssignment? {
        guard wants(.ipv4HomeAddress) else { return nil }
        guard request.namesHomeAddress else { return session.homeAddress }
        guard let option = reply.options.first(IPv4HomeAddressReply.self),
            option.status.isSuccess, option.address.isUnicast, option.prefixLength <= 32
        else { return nil }
        let known = session.homeAddress?.address == option.address ? session.homeAddress?.defaultRouter : nil
        return HomeAddressAssignment(
            address: option.address,
            subnetLength: option.prefixLength,
            defaultRouter: reply.options.first(IPv4DefaultRouterAddress.self)?.address ?? known,
            isGatewayDHCPServer: reply.options.first(IPv4DHCPSupportMode.self)?.isServer == true
        )
    }

    /// Prefixes or key differ from what the other paths were told: the anchor has begun a new session, in which they
    /// do not exist.
    private func isOtherSession(
        _ prefixes: [IPPrefix],
        _ home: HomeAddressAssignment?,
        uplinkKey: UInt32?,
        than index: Int
    ) -> Bool {
        guard links.indices.contains(where: { $0 != index && links[$0].granted != nil }) else { return false }
        // A path without GRE says nothing of keys.
        return session.homeNetworkPrefixes != prefixes || session.homeAddress?.address != home?.address
            || uplinkKey != nil && session.uplinkKey != uplinkKey
    }

    /// The anchor announces its probes anew when the gateway of the session is another: meanwhile somebody else had the
    /// node, and all that the prefixes and the key show is that it is the same node.
    private func hasBegunAnew(by reply: BindingAcknowledgement, than index: Int) -> Bool {
        guard links.indices.contains(where: { $0 != index && links[$0].granted != nil }),
            let announced = CapabilityAnnouncement(in: reply.options)?.probeNumber, let known = session.probeNumbers
        else { return false }
        return announced != known.anchor
    }

    private mutating func refreshedInBulk(by index: Int, at now: Moment) -> [Action] {
        guard let granted = links[index].granted else { return [] }
        let refreshAt = links[index].registration.deadline
        var actions: [Action] = []
        for other in links.indices where other != index {
            guard let binding = links[other].granted else { continue }
            links[other].granted?.lifetime = granted.lifetime
            links[other].granted?.expiresAt = granted.expiresAt
            actions.append(.report(.bindingRefreshed(binding.path)))
            // A path that asks for itself, the anchor may have forgotten; one that is out of forwarding comes back by
            // an answer of its own. Both go on asking, and now that the anchor answers, at once.
            guard links[other].installed != nil, links[other].registration.attempt == nil else {
                if links[other].registration.attempt ?? 0 > 1 { actions += retransmit(other, at: now) }
                continue
            }
            links[other].requests = []
            links[other].registration = .registered(refreshAt: refreshAt)
        }
        return actions
    }

    /// Any of the link's updates with O may have reached the anchor, whichever was answered.
    mutating func noteOverwrite(of index: Int) {
        guard let newest = links[index].newestOverwrite else { return }
        overwrittenBy = max(overwrittenBy, newest)
        links[index].newestOverwrite = nil
    }

    /// What the anchor has forgotten is registered again: what was granted before an overwrite, and in a new session
    /// every path but the one that began it.
    mutating func renewOverwritten(_ beginner: Int? = nil, at now: Moment) -> [Action] {
        var actions: [Action] = []
        for index in links.indices where links[index].isUsable && links[index].registration.attempt == nil {
            guard let granted = links[index].granted else { continue }
            let isForgotten = beginner.map { $0 != index } ?? false
            if isForgotten || granted.number < overwrittenBy { actions += refresh(index, inBulk: false, at: now) }
        }
        return actions
    }

    /// Accepted, but not in a way that serves us: taken back.
    private mutating func unusable(
        _ index: Int,
        _ request: PendingUpdate,
        _ reply: BindingAcknowledgement,
        at now: Moment
    ) -> [Action] {
        counters.refuse(reply.status)
        var actions = uninstall(index)
        links[index].forget()
        let (careOf, binding) = (request.careOf, request.binding)
        let sent = sendDeregistration(of: careOf, binding, of: links[index].settings, over: index, at: now)
        if let (request, action) = sent {
            let attempt = Farewell.attemptsAllowed
            farewells.append(
                Farewell(
                    link: index,
                    careOf: careOf,
                    binding: binding,
                    request: request,
                    until: request.sentAt + answerTimeout,
                    attempt: attempt
                )
            )
            actions.append(action)
        }
        links[index].registration = .refused(reply.status, retryAt: now.instant + Self.refusalHoldDown)
        return actions + [
            .report(.registrationRefused(node.identifier, by: request.route.destination, reply.status))
        ]
    }
}
