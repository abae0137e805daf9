// SPDX-License-Identifier: Apache-2.0
import Wire

/// A proxy binding update's way through the checks, in the order of RFC 5213 §5.3.1.
extension LocalMobilityAnchor {
    mutating func receivedUpdate(
        _ update: BindingUpdate,
        _ message: MobilityMessage,
        in datagram: Datagram,
        at now: Moment
    ) -> [Action] {
        let request = ProxyBindingUpdate(update, in: datagram, readsMultipath: settings.isMultipathEnabled)
        // RFC 5213 §5.3.1: what is not a proxy registration is not for us, whoever signed it.
        guard update.flags.contains(.proxyRegistration) else { return drop(datagram, .notProxyRegistration, at: now) }
        let gateway: GatewayPeer
        switch admission.sender(of: message, octets: datagram.octets, careOf: request.careOf) {
        case .dropped(let reason): return drop(datagram, reason, at: now)
        case .forged(let peer):
            return drop(datagram, .authenticationWrong, at: now) + answerForgery(request, as: peer, at: now)
        case .authentic(let peer): gateway = peer
        }
        // RFC 6275 §9.5.1: an unusable care-of address is not answered.
        guard request.careOf.isRoutableUnicast else { return drop(datagram, .sourceNotUnicast, at: now) }
        guard !request.hasUnusableOption else { return drop(datagram, .malformedOption, at: now) }
        if let refusal = admission.refusal(of: request, from: gateway) {
            return refuse(request, refusal, to: gateway, at: now)
        }
        guard let node = request.mobileNode else { return drop(datagram, .malformed, at: now) }
        return admitted(request, of: node, from: gateway, at: now)
    }

    private mutating func admitted(
        _ request: ProxyBindingUpdate,
        of node: NodeIdentifier,
        from gateway: GatewayPeer,
        at now: Moment
    ) -> [Action] {
        let same = cache.sessions(of: node).compactMap { $0[request.binding] }
        if let binding = same.first(where: { isDuplicate(request, of: $0, at: now.timestamp) }) {
            cache.willBeTold(of: binding.path.session)
            return [.send(binding.reply)]
        }
        guard !isPostponed(request.datagram, of: node) else { return [] }
        let match = match(request, of: node, from: gateway)
        let refusal =
            replayRefusal(of: request, from: gateway, at: now)
            ?? orderingRefusal(of: request, of: node, match, from: gateway, at: now.timestamp)
            ?? completenessRefusal(of: request, from: gateway)
            ?? multipathRefusal(of: request, from: gateway)
            ?? match.refusal
            ?? revocationRefusal(of: request, in: match.named.flatMap { cache[$0] })
        if let refusal {
            let actions = refuse(request, refusal, to: gateway, at: now)
            guard case .stray = match, refusal == match.refusal else { return actions }
            return actions + reportOutOfSync(request, of: node, to: gateway, at: now)
        }
        if request.isDeregistration {
            return deregister(request, match.named.flatMap { cache[$0] }, from: gateway, at: now)
        }
        if let target = redirectionTarget(for: request, match, from: gateway, at: now) {
            return redirect(request, of: node, from: gateway, to: target, at: now)
        }
        if case .handover(let session) = match { return postpone(request, until: session, from: gateway, at: now) }
        return register(request, of: node, from: gateway, match, at: now)
    }

    /// The network delivered the same octets twice, or the answer was lost and a box resent the request.
    private func isDuplicate(_ request: ProxyBindingUpdate, of binding: Binding, at now: Timestamp) -> Bool {
        guard binding.request == request.datagram, let timestamp = orderingTimestamp(of: request) else { return false }
        return settings.ordering == .nodeTimestamps || timestamp.distance(to: now) <= settings.timestampValidityWindow
    }

    /// RFC 5213 §5.5, kept for each binding of each gateway: concurrent updates on paths of unlike delay overtake
    /// one another.
    private func orderingRefusal(
        of request: ProxyBindingUpdate,
        of node: NodeIdentifier,
        _ match: SessionMatch,
        from gateway: GatewayPeer,
        at now: Timestamp
    ) -> Refusal? {
        let departed = cache.departed[node]
        let session = match.named.flatMap { cache[$0] }
        guard let timestamp = orderingTimestamp(of: request) else {
            let preceding = session.map { predecessors(of: request, in: $0, from: gateway) }?.last?.sequence
            guard let last = preceding ?? departed?.sequence else { return nil }
            let distance = request.update.sequence &- last
            return (1...32767).contains(distance) ? nil : Refusal(.sequenceNumberOutOfWindow, sequence: last)
        }
        let isTimeOfDay = settings.ordering != .nodeTimestamps
        if isTimeOfDay, timestamp.distance(to: now) > settings.timestampValidityWindow {
            return Refusal(.timestampMismatch)
        }
        let preceding = predecessors(of: request, ofNode: node, session, from: gateway)
        let accepted = preceding.compactMap(\.timestamp) + [departed?.timestamp, restoredAt].compactMap(\.self)
        guard let newest = accepted.max() else { return nil }
        if timestamp < newest { return Refusal(.timestampLowerThanPreviouslyAccepted) }
        guard timestamp == newest else { return nil }
        // Not greater, though not a duplicate: RFC 5213 §5.5 knows no better word for it. Where another gateway has
        // written in the same moment no clock is wrong, and the next moment will do.
        let isOwn = session.map { $0.gateway == gateway.identifier } ?? true
        return Refusal(isOwn ? .timestampMismatch : .timestampLowerThanPreviouslyAccepted)
    }

    /// nil: its number tells.
    func orderingTimestamp(of request: ProxyBindingUpdate) -> Timestamp? {
        switch settings.ordering {
        case .timestamps, .nodeTimestamps: request.timestamp
        case .sequenceNumbers: nil
        }
    }

    /// RFC 5213 §5.5 has it for all of the node's updates; RFC 8278's paths are each their own.
    private func predecessors(
        of request: ProxyBindingUpdate,
        ofNode node: NodeIdentifier,
        _ session: AnchorSession?,
        from gateway: GatewayPeer
    ) -> [Binding] {
        if let session, joins(request, session, from: gateway) {
            return predecessors(of: request, in: session, from: gateway)
        }
        return cache.sessions(of: node).flatMap(\.bindings)
    }

    /// The bindings that the request has to be newer than; all that it would replace.
    private func predecessors(
        of request: ProxyBindingUpdate,
        in session: AnchorSession,
        from gateway: GatewayPeer
    ) -> [Binding] {
        guard joins(request, session, from: gateway) else { return session.bindings }
        return session.bindings.filter { $0.path.binding == request.binding }
    }

    /// RFC 5844 §3.1.2.1. Who has lost a right may still give back what it got by it.
    private func serviceRefusal(of request: ProxyBindingUpdate, from gateway: GatewayPeer) -> Refusal? {
        let addresses = request.options.all(IPv4HomeAddressRequest.self)
        if addresses.isEmpty, !request.hasHomeNetworkPrefix { return Refusal(.missingHomeNetworkPrefixOption) }
        if addresses.count > 1 { return Refusal(.multipleIPv4HomeAddressAssignmentNotSupported) }
        guard !request.isDeregistration else { return nil }
        let profile = request.mobileNode.map(admission.profile)
        if request.hasHomeNetworkPrefix, !gateway.isIPv6Allowed || profile?.isIPv6Allowed == false {
            return Refusal(.notAuthorizedForIPv6MobilityService)
        }
        let isIPv4Allowed =
            gateway.isIPv4Allowed && profile?.isIPv4Allowed != false && settings.ipv4HomeAddresses != nil
        guard !addresses.isEmpty, !isIPv4Allowed else { return nil }
        return Refusal(.notAuthorizedForIPv4MobilityService, homeAddress: .administrativelyProhibited)
    }

    /// RFC 5213 §5.3.1 (8)–(10)
    private func completenessRefusal(of request: ProxyBindingUpdate, from gateway: GatewayPeer) -> Refusal? {
        if let refusal = serviceRefusal(of: request, from: gateway) { return refusal }
        let named = request.options.all(HomeNetworkPrefix.self)
        if request.handoff == nil { return Refusal(.missingHandoffIndicatorOption) }
        if request.options.first(AccessTechnologyType.self) == nil {
            return Refusal(.missingAccessTechnologyTypeOption)
        }
        // RFC 5213 §8.3: a request for allocation stands alone; a prefix that is none belongs to nobody.
        let isRequest = named.contains(where: \.isRequest)
        return isRequest
            ? (named.count == 1 ? nil : Refusal(.reasonUnspecified))
            : request.homeNetworkPrefixes.count == named.count ? nil : Refusal(.notAuthorizedForHomeNetworkPrefix)
    }

    /// RFC 8278 §4.3, §4.4
    private func multipathRefusal(of request: ProxyBindingUpdate, from gateway: GatewayPeer) -> Refusal? {
        switch request.multipath {
        case .absent: nil
        case .unusable: Refusal(.cannotSupportMultipathBinding)
        case .requested:
            // A gateway that has lost the right may still take its bindings away.
            isMultipathAllowed(request, from: gateway) || request.isDeregistration
                ? nil : Refusal(.cannotSupportMultipathBinding)
        }
    }

    private func isMultipathAllowed(_ request: ProxyBindingUpdate, from gateway: GatewayPeer) -> Bool {
        gateway.isMultipathAllowed
            && request.mobileNode.map { admission.profile(of: $0).isMultipathAllowed } != false
    }

    mutating func refuse(
        _ request: ProxyBindingUpdate,
        _ refusal: Refusal,
        to gateway: GatewayPeer,
        at now: Moment
    ) -> [Action] {
        counters.refuse(refusal.status)
        let reply = refusalReply(to: request, refusal, at: now.timestamp)
        var actions: [Action] = []
        if gateway.authentication != .none || unprovenAnswers.admits(request.datagram.source, at: now.instant) {
            counters.send(.bindingAcknowledgement(reply))
            actions.append(.send(seal(reply, answering: request, by: gateway)))
        }
        let cause = RefusalCause(gateway: gateway.identifier, status: refusal.status)
        guard let untold = refusalNotices.untold(cause, at: now.instant) else { return actions }
        let isClock = refusal.status == .timestampMismatch || refusal.status == .timestampLowerThanPreviouslyAccepted
        if isClock, let timestamp = request.timestamp {
            let difference = timestamp.distance(to: now.timestamp)
            actions.append(.report(.clockDiffers(from: request.datagram.source, by: difference)))
        }
        let peer = request.datagram.destination
        let notice = Notice.registrationRefused(request.mobileNode, by: peer, refusal.status, untold: untold)
        return actions + [.report(notice)]
    }

    /// RFC 4285 §5.1: an association exists, so the sender is told. But the address may be anybody's, and nobody is
    /// sent more than was sent in their name.
    private mutating func answerForgery(
        _ request: ProxyBindingUpdate,
        as peer: GatewayPeer,
        at now: Moment
    ) -> [Action] {
        let reply = refusalReply(to: request, Refusal(.authenticationFailure), at: now.timestamp)
        let answer = seal(reply, answering: request, by: peer)
        guard unprovenAnswers.admits(answer, to: request.datagram, at: now.instant) else { return [] }
        counters.refuse(reply.status)
        counters.send(.bindingAcknowledgement(reply))
        return [.send(answer)]
    }
}
