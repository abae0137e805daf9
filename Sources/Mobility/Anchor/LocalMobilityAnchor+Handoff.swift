// SPDX-License-Identifier: Apache-2.0
import Wire

/// Registrations that wait until another gateway has let go of the session (RFC 5213 §5.4.1.2, RFC 5846 §8.1).
extension LocalMobilityAnchor {
    struct PostponedUpdate: Sendable {
        var request: ProxyBindingUpdate
        var gateway: GatewayPeer
    }

    /// Of one session and the newest update only: its gateway repeats it while it gets no answer.
    mutating func postpone(
        _ request: ProxyBindingUpdate,
        until identifier: SessionIdentifier,
        from gateway: GatewayPeer,
        at now: Moment
    ) -> [Action] {
        let isFirst = postponed[identifier] == nil
        postponed[identifier] = PostponedUpdate(request: request, gateway: gateway)
        guard isFirst else { return [] }
        deadlines.set(
            .postponedUpdate(identifier),
            at: now.instant + settings.maxDelayBeforeNewBindingCacheEntryAssign
        )
        return [.report(.handoffWaits(identifier, for: gateway.identifier))]
    }

    /// A duplicate of it is answered when it is.
    func isPostponed(_ datagram: Datagram, of node: NodeIdentifier) -> Bool {
        !postponed.isEmpty
            && cache.sessions(of: node).contains { postponed[$0.identifier]?.request.datagram == datagram }
    }

    /// Whatever made the session's gateway let go of it: the update that waited for that has its turn.
    mutating func resumePostponed(at now: Moment) -> [Action] {
        let free = postponed.keys.filter { cache[$0]?.isActive != true }
        return free.sorted { $0.description < $1.description }.flatMap { identifier -> [Action] in
            guard let waiting = takePostponed(identifier), let node = waiting.request.mobileNode else { return [] }
            let match = match(waiting.request, of: node, from: waiting.gateway)
            return resume(waiting, of: node, match, at: now)
        }
    }

    /// RFC 5213 §5.4.1.2: it was not let go in time, so that the node has two attachments.
    mutating func postponementEnded(_ identifier: SessionIdentifier, at now: Moment) -> [Action] {
        guard let waiting = takePostponed(identifier), let node = waiting.request.mobileNode else { return [] }
        return resume(waiting, of: node, .new, at: now)
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
        switch match {
        case .handover(let other): postpone(waiting.request, until: other, from: waiting.gateway, at: now)
        case .refused, .stray:
            match.refusal.map { refuse(waiting.request, $0, to: waiting.gateway, at: now) } ?? []
        case .new, .update, .sharing: register(waiting.request, of: node, from: waiting.gateway, match, at: now)
        }
    }
}
