// SPDX-License-Identifier: Apache-2.0
import Wire

/// Bindings that outlive the process (RFC 5213 §9: they need not; RFC 5847 §3.2 then has nothing to tell anybody).
extension LocalMobilityAnchor {
    /// Makes room for what is to be restored in portions.
    package mutating func reserveCapacity(for stored: StoredSessions) {
        cache.reserveCapacity(for: stored.sessions)
        deadlines.reserveCapacity(stored.sessions.reduce(0) { $0 + $1.legs.count })
    }

    /// Takes up what was stored, or the next portion of it, before anything else is handled. What cannot be taken up is
    /// removed from the store.
    package mutating func restore(_ stored: StoredSessions, at now: Moment) -> [Action] {
        start = stored.start
        // A new store knows nothing that could be played again.
        if stored.start > 1, settings.ordering != .nodeTimestamps { restoredAt = now.timestamp }
        for floor in stored.floors { cache.restore(floor) }
        var actions: [Action] = []
        var (sessions, paths) = (0, 0)
        for record in stored.sessions {
            switch admitted(record, at: now) {
            case .failure(let problem):
                actions.append(.store(.remove(record.identifier)))
                actions.append(.report(.sessionNotRestored(record.identifier, problem.cause)))
            case .success(var session):
                takeUp(&session, at: now, &actions)
                sessions += 1
                paths += session.bindings.count
            }
        }
        if sessions > 0 { actions.append(.report(.sessionsRestored(sessions: sessions, paths: paths))) }
        let changes = cache.takeChanges(at: now).map { Action.store($0) }
        return changes.isEmpty ? actions : changes + actions
    }

    private struct Unrestorable: Error { var cause: Notice.RestoreProblem }

    /// The session with what today's configuration leaves of it; its prefixes and keys are its own from here on.
    private mutating func admitted(
        _ record: SessionRecord,
        at now: Moment
    ) -> Result<AnchorSession, Unrestorable> {
        let node = record.identifier.mobileNode
        guard let gateway = admission.gateway(record.gateway), admission.permits(node, to: gateway),
            !cache.contains(record.identifier)
        else { return .failure(Unrestorable(cause: .notPermitted)) }
        var session = AnchorSession(record, at: now, grace: settings.minDelayBeforeBindingCacheEntryDelete)
        session.bindings.removeAll { !settings.addresses.contains($0.anchorAddress) }
        guard !session.bindings.isEmpty else { return .failure(Unrestorable(cause: .noPath)) }
        if let key = session.uplinkKey, cache.isUplinkKeyUsed(key) { return .failure(Unrestorable(cause: .keyTaken)) }
        var own = Set(admission.profile(of: node).prefixes)
        for prefix in session.prefixes {
            let holder = cache.session(holding: prefix)
            guard holder.map({ $0.mobileNode == node }) ?? !isAnothers(prefix, than: node) else {
                return .failure(Unrestorable(cause: .prefixTaken(prefix)))
            }
            // Another session of the node's is back with it.
            if holder != nil { own.insert(prefix) }
        }
        if let prefix = assignment.reclaim(session, except: own) {
            return .failure(Unrestorable(cause: .prefixTaken(prefix)))
        }
        return .success(session)
    }

    /// Another node is to have it by today's configuration.
    private func isAnothers(_ prefix: IPPrefix, than node: NodeIdentifier) -> Bool {
        // What is in a pool the pool knows as reserved.
        guard assignment.isOutsidePools(prefix) else { return false }
        return settings.profiles.contains { profile in
            profile.identifier != node && profile.prefixes.contains { $0.overlaps(prefix) }
        }
    }

    /// Adds what is to be done to one list: there are very many sessions.
    private mutating func takeUp(_ session: inout AnchorSession, at now: Moment, _ actions: inout [Action]) {
        for prefix in session.prefixes where assignment.isOutsidePools(prefix) {
            guard !admission.profile(of: session.identifier.mobileNode).prefixes.contains(prefix) else { continue }
            actions.append(.report(.prefixOutsidePools(session.identifier, prefix)))
        }
        for change in session.network { actions.append(.network(change)) }
        actions += installSession(&session)
        for (index, binding) in session.bindings.enumerated() {
            deadlines.set(.binding(binding.path), at: binding.deadline)
            guard binding.isActive else { continue }
            actions += installPath(index, of: &session)
            startHeartbeats(of: binding, from: session.gateway, at: now)
        }
        // Whether it has them nobody knows; not all gateways at once are told.
        if session.hasSchemes, !rules(of: session.identifier.mobileNode).isEmpty {
            let pause = Duration.milliseconds(Int64.random(in: 1000...30_000, using: &random))
            deadlines.set(.flowRules(session.identifier), at: now.instant + pause)
        }
        cache.restore(session)
    }

    /// The data plane says so every half block; what the record says is then ahead again.
    mutating func sequenceAdvanced(_ identifier: SessionIdentifier, to sequence: UInt32) {
        guard var session = cache[identifier] else { return }
        session.reserve = SequenceReserve(first: sequence, start: start)
        cache[identifier] = session
    }
}
