// SPDX-License-Identifier: Apache-2.0
import Wire

/// Which session a proxy binding update is about (RFC 5213 §5.4.1, RFC 5844 §3.1.2.7, RFC 7864 §3.2.1, RFC 8278 §4.4).
extension LocalMobilityAnchor {
    func match(_ request: ProxyBindingUpdate, of node: NodeIdentifier, from gateway: GatewayPeer) -> SessionMatch {
        let sessions = cache.sessions(of: node)
        guard !sessions.isEmpty else { return .new }
        let isHeld = sessions.contains { $0.gateway == gateway.identifier }
        if request.handoff == .notChanged, !request.isDeregistration, !isHeld { return .stray }
        if request.binding != nil { return multipathMatch(request, among: sessions, from: gateway) }
        return request.namesHome
            ? match(byHomeOf: request, among: sessions, from: gateway)
            : match(byNodeOf: request, among: sessions, from: gateway)
    }

    // MARK: With a Binding ID

    /// RFC 8278 §4.4: one more path of the node's session, whatever the Handoff Indicator. Another gateway's session is
    /// handed over.
    private func multipathMatch(
        _ request: ProxyBindingUpdate,
        among sessions: [AnchorSession],
        from gateway: GatewayPeer
    ) -> SessionMatch {
        let named = Set(request.homeNetworkPrefixes)
        let multipath = sessions.filter(\.isMultipath)
        let own = multipath.filter { $0.gateway == gateway.identifier }
        let holding = own.first { !named.isDisjoint(with: $0.homeNetworkPrefixes) }
        if let session = holding ?? own.first { return .update(session.identifier) }
        if let session = multipath.first { return handover(of: session, to: gateway, by: request) }
        // Without BID as yet. From the same care-of address it becomes the first path; from another one it would be
        // overwritten unasked.
        if let same = sessions.first(where: { isSameEnd(request, as: $0, from: gateway) }) {
            return .update(same.identifier)
        }
        if let free = sessions.first(where: { request.isOverwrite || !$0.isActive }) { return .update(free.identifier) }
        guard let elsewhere = sessions.first(where: { $0.gateway != gateway.identifier }) else {
            return .refused(Refusal(.cannotSupportMultipathBinding))
        }
        return handover(of: elsewhere, to: gateway, by: request)
    }

    // MARK: By prefix or address

    /// RFC 5213 §5.4.1.1; RFC 5844 §3.1.2.7 where an IPv4 home address is all that is named.
    private func match(
        byHomeOf request: ProxyBindingUpdate,
        among sessions: [AnchorSession],
        from gateway: GatewayPeer
    ) -> SessionMatch {
        let named = Set(request.homeNetworkPrefixes)
        let isForeign = named.contains { prefix in
            cache.session(holding: prefix).map { $0.mobileNode != request.mobileNode } ?? false
        }
        guard !isForeign else { return .refused(Refusal(.notAuthorizedForHomeNetworkPrefix)) }
        let holders = sessions.filter { session in
            named.isEmpty
                ? session.homeAddress == request.homeAddress?.address
                : !named.isDisjoint(with: session.homeNetworkPrefixes)
        }
        guard !holders.isEmpty else { return .new }
        let matching = holders.filter {
            named.isEmpty
                || named == Set($0.homeNetworkPrefixes)
                    && request.homeNetworkPrefixes.count == $0.homeNetworkPrefixes.count
        }
        guard let first = matching.first else { return .refused(Refusal(.prefixSetDoesNotMatch)) }
        // RFC 5648 §6.2: a binding without BID stands for all that have one.
        if let multipath = matching.first(where: \.isMultipath) {
            return handover(of: multipath, to: gateway, by: request)
        }
        if let same = matching.first(where: { isUpdate(request, of: $0, from: gateway) }) {
            return .update(same.identifier)
        }
        if request.handoff == .attachmentSharingPrefixes, !named.isEmpty { return .sharing(first.identifier) }
        // RFC 5213 §5.3.5: who de-registered may come back.
        if let ended = matching.first(where: { !$0.isActive }) { return .update(ended.identifier) }
        // RFC 5846 §8.1 waits for the only one, whether the update names what it has or not.
        let isMoving = request.handoff == .unknown && sessions.count == 1
        return isMoving ? handoverIfUnknown(of: first, to: gateway, by: request) : .new
    }

    /// RFC 5213 §5.4.1.1 (5), any of its conditions.
    private func isUpdate(
        _ request: ProxyBindingUpdate,
        of session: AnchorSession,
        from gateway: GatewayPeer
    ) -> Bool {
        if request.handoff == .handoffBetweenInterfaces { return true }
        guard request.technology == session.accessTechnology else { return false }
        if let identifier = request.linkLayerIdentifier, identifier == session.linkLayerIdentifier { return true }
        // RFC 7864 §3.2.1: what comes from the same care-of address may be another interface there.
        guard request.handoff != .attachmentSharingPrefixes else { return false }
        let isHandoff =
            request.handoff == .handoffBetweenGateways && request.linkLayerIdentifier == nil
            && session.linkLayerIdentifier == nil
        return isHandoff || isSameEnd(request, as: session, from: gateway)
    }

    // MARK: By node

    /// RFC 5213 §5.4.1.2, §5.4.1.3
    private func match(
        byNodeOf request: ProxyBindingUpdate,
        among sessions: [AnchorSession],
        from gateway: GatewayPeer
    ) -> SessionMatch {
        if let multipath = sessions.first(where: \.isMultipath) {
            return handover(of: multipath, to: gateway, by: request)
        }
        let attached = sessions.first { session in
            request.technology == session.accessTechnology && request.linkLayerIdentifier != nil
                && request.linkLayerIdentifier == session.linkLayerIdentifier
        }
        if let attached { return .update(attached.identifier) }
        if let same = sessions.first(where: { goesOn(request, with: $0, from: gateway) }) {
            return .update(same.identifier)
        }
        guard let only = sessions.first, sessions.count == 1 else { return .new }
        // RFC 5213 §5.3.5: who de-registered may come back, and a new gateway waits for nobody.
        guard only.isActive else { return .update(only.identifier) }
        switch request.handoff {
        case .handoffBetweenInterfaces: return .update(only.identifier)
        case .handoffBetweenGateways: return request.linkLayerIdentifier == nil ? .update(only.identifier) : .new
        case .unknown: return handoverIfUnknown(of: only, to: gateway, by: request)
        case .attachmentSharingPrefixes: return .sharing(only.identifier)
        default:  // open
            return .new
        }
    }

    /// The same attachment once more: its gateway says that it may not be new, or has never heard that it was accepted.
    private func goesOn(
        _ request: ProxyBindingUpdate,
        with session: AnchorSession,
        from gateway: GatewayPeer
    ) -> Bool {
        guard isSameEnd(request, as: session, from: gateway), request.technology == session.accessTechnology,
            request.linkLayerIdentifier == session.linkLayerIdentifier
        else { return false }
        switch request.handoff {
        case .unknown, .notChanged: return true
        case .attachmentOverNewInterface: return !session.isConfirmed
        default:  // open
            return false
        }
    }

    private func isSameEnd(
        _ request: ProxyBindingUpdate,
        as session: AnchorSession,
        from gateway: GatewayPeer
    ) -> Bool {
        guard let plain = session[nil], plain.isActive, session.gateway == gateway.identifier else { return false }
        // A de-registration may come another way than the binding's own.
        return plain.careOf == request.careOf
            && (request.isDeregistration || plain.outerAddress == request.outerAddress)
    }

    /// Who has the session itself and no longer knows, because it has started anew, will not let go of it: the same
    /// attachment goes on, and another one is a new one.
    private func handoverIfUnknown(
        of session: AnchorSession,
        to gateway: GatewayPeer,
        by request: ProxyBindingUpdate
    ) -> SessionMatch {
        let isSameAttachment =
            request.technology == session.accessTechnology && request.linkLayerIdentifier == session.linkLayerIdentifier
        guard session.gateway != gateway.identifier || isSameAttachment else { return .new }
        return handover(of: session, to: gateway, by: request)
    }

    /// An unknown handoff waits until the old gateway has let go; any other is told by who knows. So is one of the same
    /// interface of the node, which is at one place at a time (RFC 5213 §5.4.1.2 (2)), and of what no gateway answers for.
    private func handover(
        of session: AnchorSession,
        to gateway: GatewayPeer,
        by request: ProxyBindingUpdate
    ) -> SessionMatch {
        let isSameInterface =
            request.linkLayerIdentifier != nil && request.linkLayerIdentifier == session.linkLayerIdentifier
            && request.technology == session.accessTechnology
        let waits =
            request.handoff == .unknown && session.isActive && session.gateway != gateway.identifier
            && !isSameInterface && !isAbandoned(session, to: request)
        return waits ? .handover(session.identifier) : .update(session.identifier)
    }

    /// None of its paths carries anything any more: its gateway could neither let go of it nor serve anybody. With several
    /// paths the newest gateway has the session in the end anyway; without, RFC 5213 §5.4.1.2 wants the time waited.
    func isAbandoned(_ session: AnchorSession, to request: ProxyBindingUpdate) -> Bool {
        request.binding != nil && session.isMultipath && !session.bindings.contains(where: \.isWorking)
    }
}
