// SPDX-License-Identifier: Apache-2.0
import Wire

/// Sessions that go from one gateway to another: registrations that wait until the old one has let go, and what the old
/// one hears of it (RFC 5213 §5.4.1.2, RFC 5846 §8.1).
extension LocalMobilityAnchor {
    struct PostponedUpdate: Sendable {
        var request: ProxyBindingUpdate
        var gateway: GatewayPeer
        /// The number of the indication by which the old gateway is asked; nil: it is waited for.
        var revocation: UInt16?
    }

    /// Of one session and the newest update only: its gateway repeats it while it gets no answer.
    mutating func postpone(
        _ request: ProxyBindingUpdate,
        until identifier: SessionIdentifier,
        from gateway: GatewayPeer,
        at now: Moment
    ) -> [Action] {
        if let waiting = postponed[identifier] {
            postponed[identifier] = PostponedUpdate(
                request: request,
                gateway: gateway,
                revocation: waiting.revocation
            )
            return []
        }
        var actions: [Action] = [.report(.handoffWaits(identifier, for: gateway.identifier))]
        if settings.handoff == .revoke {
            actions += revoke(identifier, trigger: .interMAGHandoverUnknown, at: now)
        }
        let revocation = cache[identifier]?.bindings.compactMap(\.revocation)
            .first { revocations[$0]?.trigger.isHandover == true }
        postponed[identifier] = PostponedUpdate(request: request, gateway: gateway, revocation: revocation)
        // An indication has a time of its own.
        if revocation == nil {
            deadlines.set(
                .postponedUpdate(identifier),
                at: now.instant + settings.maxDelayBeforeNewBindingCacheEntryAssign
            )
        }
        return actions
    }

    /// RFC 5846 §8.1: the session is the new gateway's already, so that nothing of it depends on the answer.
    mutating func revokeTaken(
        _ old: AnchorSession,
        by request: ProxyBindingUpdate,
        at now: Moment
    ) -> [Action] {
        let working = old.bindings.first { $0.isActive && !$0.isUnreachable } ?? old.bindings.first { $0.isActive }
        guard let working, let gateway = admission.gateway(old.gateway) else { return [] }
        var options = MobilityOptions([MobileNodeIdentifier(old.identifier.mobileNode)])
        for prefix in old.homeNetworkPrefixes.compactMap(HomeNetworkPrefix.init) { options.append(prefix) }
        let trigger: BindingRevocationTrigger =
            switch request.handoff {
            case .handoffBetweenGateways: .interMAGHandoverSameAccessType
            case .handoffBetweenInterfaces: .interMAGHandoverDifferentAccessType
            default:  // open
                .interMAGHandoverUnknown
            }
        let carrier = Revocation.Carrier(route: working.route, careOf: working.careOf)
        return begin(
            .session(old.identifier),
            at: gateway,
            trigger,
            paths: [],
            options: options,
            over: carrier,
            at: now
        )
    }

    /// A duplicate of it is answered when it is.
    func isPostponed(_ datagram: Datagram, of node: NodeIdentifier) -> Bool {
        !postponed.isEmpty
            && cache.sessions(of: node).contains { postponed[$0.identifier]?.request.datagram == datagram }
    }

    /// Whatever made the session's gateway let go of it: the update that waited for that has its turn. So it has when the
    /// gateway has said that it does not, or has not said anything, or when nothing can be heard of it any more.
    mutating func resumePostponed(at now: Moment) -> [Action] {
        let settled = postponed.filter { identifier, waiting in
            !isHeld(identifier, against: waiting) || waiting.revocation.map { revocations[$0] == nil } == true
        }
        return settled.keys.sorted { $0.description < $1.description }.flatMap { identifier -> [Action] in
            guard let held = postponed[identifier], !isHeld(identifier, against: held) else {
                return postponementEnded(identifier, at: now)
            }
            guard let waiting = takePostponed(identifier), let node = waiting.request.mobileNode else { return [] }
            let match = match(waiting.request, of: node, from: waiting.gateway)
            return resume(waiting, of: node, match, at: now)
        }
    }

    private func isHeld(_ identifier: SessionIdentifier, against waiting: PostponedUpdate) -> Bool {
        cache[identifier].map { $0.isActive && !isAbandoned($0, to: waiting.request) } ?? false
    }

    /// RFC 5213 §5.4.1.2: it was not let go in time, so that the node has two attachments; unless the new one is to
    /// replace all others (RFC 8278 §4.1, O), and so has what was theirs.
    mutating func postponementEnded(_ identifier: SessionIdentifier, at now: Moment) -> [Action] {
        guard let waiting = takePostponed(identifier), let node = waiting.request.mobileNode else { return [] }
        let isTaken = waiting.request.isOverwrite && cache[identifier] != nil
        return resume(waiting, of: node, isTaken ? .update(identifier) : .new, at: now)
    }

    private mutating func takePostponed(_ identifier: SessionIdentifier) -> PostponedUpdate? {
        deadlines.cancel(.postponedUpdate(identifier))
        return postponed.removeValue(forKey: identifier)
    }

    private mutating func resume(
        _ waiting: PostponedUpdate,
        of node: NodeIdentifier,
        _ match: SessionMatch,
        at now: Moment
    ) -> [Action] {
        // RFC 5846 §8.1: what an operator has revoked meanwhile is no more registered than if it were asked for now.
        if let refusal = revocationRefusal(of: waiting.request, in: match.named.flatMap { cache[$0] }) {
            return refuse(waiting.request, refusal, to: waiting.gateway, at: now)
        }
        return switch match {
        case .handover(let other): postpone(waiting.request, until: other, from: waiting.gateway, at: now)
        case .refused, .stray:
            match.refusal.map { refuse(waiting.request, $0, to: waiting.gateway, at: now) } ?? []
        case .new, .update, .sharing: register(waiting.request, of: node, from: waiting.gateway, match, at: now)
        }
    }
}
