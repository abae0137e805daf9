// SPDX-License-Identifier: Apache-2.0
import Wire

/// Revocations that a gateway begins (RFC 5846 §8.2).
extension LocalMobilityAnchor {
    /// What a gateway's indication means, and what is answered.
    private struct Verdict {
        var status: BindingRevocationStatus
        var paths: [PathIdentifier] = []
        var homeAddresses: [SessionIdentifier] = []
        /// What it names and the anchor does not have.
        var missing = MobilityOptions()

        init(_ status: BindingRevocationStatus) { self.status = status }
    }

    mutating func receivedRevocation(
        _ indication: BindingRevocationIndication,
        _ message: MobilityMessage,
        in datagram: Datagram,
        at now: Moment
    ) -> [Action] {
        switch attribute(message, in: datagram) {
        case .nobodys(let reason): return drop(datagram, reason, at: now)
        case .of(let gateway, let carrier):
            let origin = MessageOrigin(of: message, careOf: carrier.careOf)
            guard isFresh(message, of: gateway, at: origin, now: now) else {
                return drop(datagram, .replayed, at: now)
            }
            let verdict = verdict(on: indication, from: gateway, careOf: carrier.careOf)
            let reply = BindingRevocationAcknowledgement(
                status: verdict.status,
                sequence: indication.sequence,
                flags: indication.flags.intersection([.proxyBinding, .ipv4HomeAddressOnly, .global]),
                options: verdict.missing
            )
            let notice = Notice.revocationAnswered(from: datagram.source, indication.trigger, verdict.status)
            return carryOut(verdict, at: now)
                + [send(.bindingRevocationAcknowledgement(reply), over: carrier, to: gateway), .report(notice)]
        }
    }

    private mutating func carryOut(_ verdict: Verdict, at now: Moment) -> [Action] {
        var sessions: [SessionIdentifier] = []
        for path in verdict.paths where sessions.last != path.session { sessions.append(path.session) }
        var actions: [Action] = []
        for session in sessions {
            actions += removeRevoked(verdict.paths.filter { $0.session == session }, of: session, at: now)
        }
        return actions + verdict.homeAddresses.flatMap { withdrawHomeAddress(of: $0) }
    }

    private func verdict(
        on indication: BindingRevocationIndication,
        from gateway: GatewayPeer,
        careOf: IPAddress
    ) -> Verdict {
        // RFC 5846 §6.2.1
        guard indication.trigger.isKnown else { return Verdict(.triggerNotSupported) }
        let isGlobal = indication.flags.contains(.global)
        guard indication.trigger.isGlobal == isGlobal, indication.flags.contains(.proxyBinding) else {
            return Verdict(.functionNotSupported)
        }
        guard isGlobal else { return verdict(onOne: indication.options, indication.flags, from: gateway) }
        // Realms are an anchor's to revoke (RFC 5846 §8.1).
        guard indication.trigger == .perPeerPolicy else { return Verdict(.triggerNotSupported) }
        return verdict(onAllOf: indication.options.first(MobileNodeIdentifier.self), from: gateway, careOf: careOf)
    }

    /// RFC 5846 §8.2: the gateway names itself, and means the bindings of the care-of address that it speaks from, or of
    /// the one that it names.
    private func verdict(
        onAllOf name: MobileNodeIdentifier?,
        from gateway: GatewayPeer,
        careOf: IPAddress
    ) -> Verdict {
        guard let name, let peer = admission.gateway(name.identifier), isSame(gateway, as: peer.identifier),
            peer.isGlobalRevocationAllowed
        else { return Verdict(.globalRevocationNotAuthorized) }
        let paths = sessions(at: peer.identifier).flatMap(\.bindings).filter { $0.careOf == careOf }.map(\.path)
        guard !paths.isEmpty else { return Verdict(.bindingDoesNotExist) }
        var verdict = Verdict(.success)
        verdict.paths = paths
        return verdict
    }

    private func verdict(
        onOne options: MobilityOptions,
        _ flags: BindingRevocationFlags,
        from gateway: GatewayPeer
    ) -> Verdict {
        guard let name = options.first(MobileNodeIdentifier.self) else { return Verdict(.bindingDoesNotExist) }
        let sessions = cache.sessions(of: name.identifier).filter { isSame(gateway, as: $0.gateway) }
        if flags.contains(.ipv4HomeAddressOnly) {
            guard let option = options.first(IPv4HomeAddressRequest.self) else {
                return Verdict(.ipv4HomeAddressOptionRequired)
            }
            let holders = sessions.filter { $0.homeAddress == option.address }.map(\.identifier)
            var verdict = Verdict(holders.isEmpty ? .bindingDoesNotExist : .success)
            verdict.homeAddresses = holders
            return verdict
        }
        let prefixes = options.all(HomeNetworkPrefix.self)
        let identifiers = options.all(BindingIdentifierOption.self)
        let meant = sessions.filter { session in
            prefixes.isEmpty || prefixes.contains { $0.prefix.map(session.homeNetworkPrefixes.contains) == true }
        }
        let bindings = meant.flatMap(\.bindings).filter { binding in
            identifiers.isEmpty || identifiers.contains { $0.names(binding.path) }
        }
        guard !bindings.isEmpty else { return Verdict(.bindingDoesNotExist) }
        // RFC 5846 §8.2: some are released already.
        let lackingPrefixes = prefixes.filter { option in
            !meant.contains { session in option.prefix.map(session.homeNetworkPrefixes.contains) == true }
        }
        let lackingBindings = identifiers.filter { option in !bindings.contains { option.names($0.path) } }
        let isPartial = !lackingPrefixes.isEmpty || !lackingBindings.isEmpty
        var verdict = Verdict(isPartial ? .partialSuccess : .success)
        verdict.paths = bindings.map(\.path)
        guard isPartial else { return verdict }
        verdict.missing.append(name)
        for option in lackingPrefixes { verdict.missing.append(option) }
        for option in lackingBindings { verdict.missing.append(option) }
        return verdict
    }
}

extension BindingIdentifierOption {
    /// RFC 5648 has sixteen bits for what RFC 8278 has eight.
    func names(_ path: PathIdentifier) -> Bool { path.binding.map { UInt16($0.rawValue) } == identifier }
}
