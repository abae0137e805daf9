// SPDX-License-Identifier: Apache-2.0
package import Wire

/// The delegating router at the anchor (RFC 7148 §3.2.2, §5.2; RFC 8415 §18.3): routers behind gateways ask through these,
/// which are relay agents, and which register what their routers got.
///
/// What is in a Reply is promised: it is the node's alone until an update of its gateway names it, or until time is up.
/// An Advertise promises nothing.
extension LocalMobilityAnchor {
    /// Longer than gateways hold an answer back, so that what they name at last is still there.
    static let promiseTime: Duration = .seconds(60)

    /// Answers what a gateway's relay agent sent out of a tunnel. `source`: the data plane has seen that it is of the
    /// session's own. nil: nothing is to be said.
    package mutating func answer(relayed octets: [UInt8], from source: IPv6Address, at now: Moment) -> [UInt8]? {
        guard let terms = settings.delegation, let server = identifierAsServer else { return nil }
        guard let session = session(owning: source) else { return ignore(.unknownPeer) }
        let node = session.identifier.mobileNode
        guard delegations[node, default: NodeDelegation()].rate.admits(at: now.instant) else {
            return ignore(.rateExceeded)
        }
        defer { settle(delegationOf: node, at: now.instant) }
        // A relay agent behind the gateway's would be another network's.
        guard let forward = try? DHCPv6RelayMessage(decoding: octets), forward.direction == .forward,
            forward.hopCount == 0, let inner = forward.relayed,
            let question = PrefixDelegationQuestion(inner, isUnicast: false, to: server)
        else { return ignore(.malformed) }
        // RFC 7148 §3.2.2: the two protocols speak of the same node.
        guard forward.remote == nil || forward.remote == node.octets else { return ignore(.unknownPeer) }
        counters.received["Relay-forw", default: 0] += 1
        let prefixes = prefixes(askedIn: question, through: forward, session, terms, at: now.instant)
        counters.sent["Relay-repl", default: 0] += 1
        // RFC 8415 §19.3: the same but for the message.
        let name = forward.interface.map { [DHCPv6Option.interfaceIdentifier($0)] } ?? []
        let message = DHCPv6Option.relayMessage(question.answer(from: server, prefixes, terms).octets)
        return DHCPv6RelayMessage(.reply, link: forward.link, peer: forward.peer, name + [message]).octets
    }

    private mutating func prefixes(
        askedIn question: PrefixDelegationQuestion,
        through forward: DHCPv6RelayMessage,
        _ session: AnchorSession,
        _ terms: PrefixDelegationSettings,
        at now: Instant
    ) -> [UInt32: IPPrefix] {
        guard let client = question.client else { return [:] }
        var prefixes: [UInt32: IPPrefix] = [:]
        for association in question.associations {
            let holder = NodeDelegation.Holder(
                interface: forward.interface ?? [],
                client: client,
                association: association.identifier
            )
            prefixes[association.identifier] = decide(question.kind, association, holder, session, terms, at: now)
        }
        return prefixes
    }

    private mutating func ignore(_ reason: DropReason) -> [UInt8]? {
        counters.drop(reason)
        return nil
    }

    /// The same in every life of the anchor.
    private var identifierAsServer: DHCPUniqueIdentifier? {
        for case .v6(let address) in settings.addresses { return DHCPUniqueIdentifier(address) }
        return nil
    }

    private func session(owning address: IPv6Address) -> AnchorSession? {
        for length in (1...128).reversed() {
            guard let prefix = IPPrefix(.v6(address), length: length), let holder = cache.session(holding: prefix)
            else {
                continue
            }
            return cache[holder].flatMap { $0.isActive ? $0 : nil }
        }
        return nil
    }

    // MARK: Prefixes

    private mutating func decide(
        _ kind: PrefixDelegationQuestion.Kind,
        _ association: DHCPv6Association,
        _ holder: NodeDelegation.Holder,
        _ session: AnchorSession,
        _ terms: PrefixDelegationSettings,
        at now: Instant
    ) -> IPPrefix? {
        let node = session.identifier.mobileNode
        switch kind {
        case .offer:
            defer { assignment.undo() }
            return choose(for: holder, association.prefixes.map(\.prefix), session)
        case .assignment:
            guard let prefix = choose(for: holder, association.prefixes.map(\.prefix), session) else { return nil }
            assignment.keep()
            delegations[node]?.forget(except: session.delegatedPrefixes + admission.profile(of: node).delegatedPrefixes)
            delegations[node]?.leases[holder] = NodeDelegation.Lease(prefix: prefix, until: now + terms.leaseTime)
            // What a node has to itself needs no promise.
            let isOwn = admission.profile(of: node).delegatedPrefixes.contains(prefix)
            if !isOwn, !session.delegatedPrefixes.contains(prefix) {
                delegations[node]?.promises[prefix] = now + Self.promiseTime
            }
            return prefix
        // The gateway's next updates do not name it any more, and then it is free.
        case .release: return delegations[node]?.leases.removeValue(forKey: holder)?.prefix
        case .decline: return delegations[node]?.leases[holder]?.prefix
        case .information, .misdirected: return nil
        }
    }

    /// What it has; else what it names, if that is the node's or free; else one of the node's own, or of the pool.
    private mutating func choose(
        for holder: NodeDelegation.Holder,
        _ hints: [IPPrefix],
        _ session: AnchorSession
    ) -> IPPrefix? {
        let profile = admission.profile(of: session.identifier.mobileNode)
        guard profile.isDelegationAllowed, admission.gateway(session.gateway)?.isDelegationAllowed == true,
            let state = delegations[session.identifier.mobileNode]
        else { return nil }
        let own = profile.delegatedPrefixes.filter { !$0.isIPv4 && cache.session(holding: $0) == nil }
        let present = session.delegatedPrefixes.filter { !$0.isIPv4 }
        let theirs = present + state.promises.keys + own
        if let had = state.leases[holder]?.prefix, theirs.contains(had) { return had }
        func isFree(_ prefix: IPPrefix) -> Bool { !state.isLeased(prefix, toOthersThan: holder) }
        if let named = hints.first(where: { theirs.contains($0) && isFree($0) }) { return named }
        if session.delegatedPrefixes.count + state.promises.count < PrefixAssignment.mostPerSession {
            if let first = own.first(where: isFree) { return first }
            if let prefix = assignment.promise(hints) { return prefix }
        }
        // A client that has forgotten what it has; or the site itself has it, as its gateway knows.
        return present.first { profile.delegatedPrefixes.contains($0) && isFree($0) }
    }

    /// An update has named them: now they are the session's.
    mutating func fulfil(_ prefixes: [IPPrefix], of node: NodeIdentifier, at now: Moment) {
        guard let promises = delegations[node]?.promises, !promises.isEmpty else { return }
        for prefix in prefixes { delegations[node]?.promises[prefix] = nil }
        settle(delegationOf: node, at: now.instant)
    }

    mutating func delegationDue(_ node: NodeIdentifier, at now: Moment) {
        let broken = delegations[node]?.lapse(at: now.instant) ?? []
        assignment.release(delegated: broken)
        settle(delegationOf: node, at: now.instant)
    }

    /// Nobody asks any more, and nothing is given: at the end.
    mutating func stopDelegating() {
        for (node, delegation) in delegations {
            assignment.release(delegated: Array(delegation.promises.keys))
            deadlines.cancel(.delegation(node))
        }
        delegations = [:]
    }

    private mutating func settle(delegationOf node: NodeIdentifier, at now: Instant) {
        if let deadline = delegations[node]?.deadline(at: now) {
            deadlines.set(.delegation(node), at: deadline)
        } else {
            delegations[node] = nil
            deadlines.cancel(.delegation(node))
        }
    }
}
