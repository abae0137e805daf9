// SPDX-License-Identifier: Apache-2.0
import Wire

/// What the anchor revokes: which bindings, and what becomes of them (RFC 5846 §8.1).
extension LocalMobilityAnchor {
    mutating func revoke(_ target: RevocationTarget, at now: Moment) -> [Action] {
        let reason = BindingRevocationTrigger.administrativeReason
        switch target {
        case .mobileNode(let node): return revoke(node, trigger: reason, at: now)
        case .binding(let binding, let node):
            return cache.sessions(of: node).filter { $0[binding] != nil }.flatMap { session in
                let path = PathIdentifier(session: session.identifier, binding: binding)
                return revoke(session.identifier, legs: [path], trigger: reason, at: now)
            }
        case .homeAddress(let node):
            return cache.sessions(of: node).flatMap { revokeHomeAddress(of: $0.identifier, trigger: reason, at: now) }
        case .gateway(let gateway): return revoke(gateway: gateway, at: now)
        case .realm(let realm): return admission.gateways.flatMap { revoke(realm: realm, at: $0, now) }
        case .everything: return admission.gateways.flatMap { revoke(gateway: $0.identifier, at: now) }
        }
    }

    /// One session, or some of its paths; `legs` nil: all of them.
    mutating func revoke(
        _ identifier: SessionIdentifier,
        legs: Set<PathIdentifier>? = nil,
        trigger: BindingRevocationTrigger,
        at now: Moment
    ) -> [Action] {
        guard let session = cache[identifier], let gateway = admission.gateway(session.gateway) else { return [] }
        let meant = session.bindings.filter { legs?.contains($0.path) ?? true }
        guard meant.contains(where: \.isActive) else {
            // The gateway has de-registered them already.
            return trigger.isHandover ? [] : removeRevoked(meant.map(\.path), of: identifier, at: now)
        }
        // A path that was de-registered shall not come back either; and the operator's word stands against that of
        // another gateway.
        let revoked = trigger.isHandover ? meant.filter { $0.isActive && !isUnwanted($0) } : meant
        let paths = revoked.map(\.path)
        guard !paths.isEmpty else { return [] }
        let isWhole = meant.count == session.bindings.count
        var options = MobilityOptions([MobileNodeIdentifier(identifier.mobileNode)])
        // RFC 5846 §5.1: must be there for a single binding cache entry.
        for prefix in session.homeNetworkPrefixes.compactMap(HomeNetworkPrefix.init) { options.append(prefix) }
        if !isWhole {
            for binding in paths.compactMap(\.binding) {
                options.append(BindingIdentifierOption(identifier: UInt16(binding.rawValue)))
            }
        }
        let subject: Revocation.Subject = isWhole ? .session(identifier) : .paths(paths)
        return begin(subject, at: gateway, trigger, paths: paths, options: options, at: now)
    }

    /// All sessions of a node: the identifier alone says so.
    mutating func revoke(_ node: NodeIdentifier, trigger: BindingRevocationTrigger, at now: Moment) -> [Action] {
        let sessions = cache.sessions(of: node)
        guard sessions.count > 1, Set(sessions.map(\.gateway)).count == 1,
            let gateway = sessions.first.flatMap({ admission.gateway($0.gateway) })
        else { return sessions.flatMap { revoke($0.identifier, trigger: trigger, at: now) } }
        let paths = sessions.flatMap(\.bindings).map(\.path)
        let options = MobilityOptions([MobileNodeIdentifier(node)])
        return begin(.mobileNode(node), at: gateway, trigger, paths: paths, options: options, at: now)
    }

    mutating func revokeHomeAddress(
        of identifier: SessionIdentifier,
        trigger: BindingRevocationTrigger,
        at now: Moment
    ) -> [Action] {
        guard let session = cache[identifier], let address = session.homeAddress,
            let gateway = admission.gateway(session.gateway)
        else { return [] }
        // RFC 5846 §8.1: only beside a prefix, else nothing would be left of the session.
        guard !session.homeNetworkPrefixes.isEmpty else { return revoke(identifier, trigger: trigger, at: now) }
        let length = settings.assignment(of: address).subnetLength
        let options = MobilityOptions([
            MobileNodeIdentifier(identifier.mobileNode),
            IPv4HomeAddressRequest(address: address, prefixLength: length),
        ])
        let subject = Revocation.Subject.homeAddress(identifier)
        return begin(subject, at: gateway, trigger, [.ipv4HomeAddressOnly], paths: [], options: options, at: now)
    }

    mutating func revoke(gateway identifier: NodeIdentifier, at now: Moment) -> [Action] {
        guard let gateway = admission.gateway(identifier) else { return [] }
        let paths = sessions(at: identifier).flatMap(\.bindings).map(\.path)
        guard !paths.isEmpty else { return [] }
        return begin(.gateway, at: gateway, .perPeerPolicy, .global, paths: paths, options: MobilityOptions(), at: now)
    }

    mutating func revoke(realm: String, at gateway: GatewayPeer, _ now: Moment) -> [Action] {
        let paths = sessions(at: gateway.identifier).filter { $0.identifier.mobileNode.isInRealm(Array(realm.utf8)) }
            .flatMap(\.bindings).map(\.path)
        guard !paths.isEmpty else { return [] }
        let options = MobilityOptions([MobileNodeIdentifier(NodeIdentifier(nai: "@\(realm)"))])
        let trigger = BindingRevocationTrigger.revokingMobileNodeLocalPolicy
        return begin(.realm(realm), at: gateway, trigger, .global, paths: paths, options: options, at: now)
    }

    /// Tells a gateway that what it refreshes is not there (RFC 5846 §5.1, trigger 7): over the way that its update came.
    mutating func reportOutOfSync(
        _ request: ProxyBindingUpdate,
        of node: NodeIdentifier,
        to gateway: GatewayPeer,
        at now: Moment
    ) -> [Action] {
        var options = MobilityOptions([MobileNodeIdentifier(node)])
        for prefix in request.homeNetworkPrefixes.compactMap(HomeNetworkPrefix.init) { options.append(prefix) }
        if let binding = request.binding {
            options.append(BindingIdentifierOption(identifier: UInt16(binding.rawValue)))
        }
        let path = PathIdentifier(session: SessionIdentifier(mobileNode: node), binding: request.binding)
        guard !revocations.values.contains(where: { $0.subject == .outOfSync(path) }) else { return [] }
        let carrier = Revocation.Carrier(
            route: SignallingRoute(answering: request.datagram),
            careOf: request.careOf
        )
        return begin(
            .outOfSync(path),
            at: gateway,
            .possibleOutOfSync,
            paths: [],
            options: options,
            over: carrier,
            at: now
        )
    }

    /// In an order that does not change from run to run.
    func sessions(at gateway: NodeIdentifier) -> [AnchorSession] {
        cache.sessions.values.filter { $0.gateway == gateway }.map { ($0.identifier.description, $0) }
            .sorted { $0.0 < $1.0 }.map(\.1)
    }

    // MARK: How it ends

    /// The gateway has let go, or never will: what was revoked goes.
    mutating func revocationEnded(
        _ revocation: Revocation,
        with outcome: RevocationOutcome,
        at now: Moment
    ) -> [Action] {
        revocations[revocation.sequence] = nil
        deadlines.cancel(.revocation(revocation.sequence))
        revocationLog.note(outcome, of: revocation.number)
        var actions: [Action] = [
            .report(.revocationEnded("\(revocation.subject)", at: revocation.gateway, outcome))
        ]
        if case .homeAddress(let session) = revocation.subject {
            // It may have gone with its session, and the next session has nothing to do with it.
            guard cache[session]?.homeAddressRevocation == revocation.sequence else { return actions }
            cache[session]?.homeAddressRevocation = nil
            return actions + withdrawHomeAddress(of: session)
        }
        for session in revocation.sessions {
            actions += settle(revocation, with: outcome, of: session, at: now)
        }
        return actions
    }

    private mutating func settle(
        _ revocation: Revocation,
        with outcome: RevocationOutcome,
        of identifier: SessionIdentifier,
        at now: Moment
    ) -> [Action] {
        guard var session = cache[identifier] else { return [] }
        let flagged = session.bindings.filter { $0.revocation == revocation.sequence }.map(\.path)
        guard revocation.trigger.isHandover else { return removeRevoked(flagged, of: identifier, at: now) }
        var actions: [Action] = []
        for path in flagged {
            guard let index = session.index(of: path.binding) else { continue }
            session.bindings[index].revocation = nil
            // RFC 5846 §8.1: as if it had been de-registered; else it goes on as it was.
            if outcome == .revoked { actions += suspend(path, in: &session, because: .revoked, at: now) }
        }
        cache[identifier] = session
        return actions
    }

    /// Without delay, and the session with the last of its bindings that is not waiting for its end anyway.
    mutating func removeRevoked(
        _ paths: [PathIdentifier],
        of identifier: SessionIdentifier,
        at now: Moment
    ) -> [Action] {
        guard var session = cache[identifier], !paths.isEmpty else { return [] }
        for path in paths {
            guard let index = session.index(of: path.binding) else { continue }
            // What the gateway sent before it heard of it must not bring the binding back.
            session.bindings[index].timestamp = session.bindings[index].timestamp.map { max($0, now.timestamp) }
        }
        let stays = session.bindings.contains { $0.isActive && !paths.contains($0.path) }
        cache[identifier] = session
        guard stays else { return end(session, because: .revoked) }
        let actions = paths.flatMap { remove($0, from: &session, because: .revoked) }
        cache[identifier] = session
        return actions
    }

    mutating func withdrawHomeAddress(of identifier: SessionIdentifier) -> [Action] {
        guard var session = cache[identifier], session.homeAddress != nil else { return [] }
        let old = session
        giveBackHomeAddress(of: &session)
        let actions = changes(from: old, to: session) + installSession(&session)
        cache[identifier] = session
        return actions
    }

    /// The gateway de-registers what is being revoked: that is as good as an acknowledgement (RFC 5846 §8.1).
    mutating func leaveEndsRevocations(of identifier: SessionIdentifier, at now: Moment) -> [Action] {
        let bindings = cache[identifier]?.bindings ?? []
        let left = Set(bindings.filter { !$0.isActive }.compactMap(\.revocation))
            .subtracting(bindings.filter(\.isActive).compactMap(\.revocation))
        return left.sorted().compactMap { revocations[$0] }.filter { $0.sessions.count == 1 }
            .flatMap { revocationEnded($0, with: .revoked, at: now) }
    }

    /// RFC 5846 §8.1 leaves to us what becomes of an update while its binding is being revoked. Who says that a node has
    /// moved on may be wrong, and the update shows it: accepted, it takes the flag away. What somebody wants gone goes.
    func revocationRefusal(of request: ProxyBindingUpdate, in session: AnchorSession?) -> Refusal? {
        guard let session, !request.isDeregistration else { return nil }
        let meant = session[request.binding].map { [$0] } ?? session.bindings
        return meant.allSatisfy(isUnwanted) && !meant.isEmpty ? Refusal(.administrativelyProhibited) : nil
    }

    /// Somebody wants it gone, whoever has it.
    private func isUnwanted(_ binding: Binding) -> Bool {
        binding.revocation.flatMap { revocations[$0] }.map { !$0.trigger.isHandover } ?? false
    }
}

extension NodeIdentifier {
    /// Its network access identifier has exactly this realm: not one below it (RFC 5846 §8.1).
    func isInRealm(_ realm: [UInt8]) -> Bool {
        guard subtype == Self.nai, let at = octets.lastIndex(of: UInt8(ascii: "@")) else { return false }
        return octets[(at + 1)...].elementsEqual(realm)
    }
}
