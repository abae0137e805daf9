// SPDX-License-Identifier: Apache-2.0
import Wire

/// Revocations at the gateway (RFC 5846 §9.1). What the anchor has revoked is not de-registered, and not registered again
/// before a time of grace, or before the anchor asks for it.
extension MobileAccessGateway {
    /// As after a refusal.
    private static let revocationHoldDown = Duration.seconds(60)

    /// What an indication means, and what is answered.
    private struct Verdict {
        var status: BindingRevocationStatus
        /// Of the links whose bindings go.
        var links: [Int] = []
        /// Every path, registered or not.
        var isWhole = false
        var isHomeAddress = false
        /// What it names and the gateway does not have.
        var missing = MobilityOptions()

        init(_ status: BindingRevocationStatus) { self.status = status }
    }

    mutating func receivedRevocation(
        _ indication: BindingRevocationIndication,
        _ message: MobilityMessage,
        in datagram: Datagram,
        at now: Moment
    ) -> [Action] {
        if let reason = distrustOfSignal(message, in: datagram, at: now) { return drop(datagram, reason, at: now) }
        let route = SignallingRoute(answering: datagram)
        if let answered = answeredRevocation, answered.answers(indication, at: now.instant) {
            return [send(.bindingRevocationAcknowledgement(answered.reply), on: route, careOf: datagram.destination)]
        }
        let verdict = verdict(on: indication)
        let reply = BindingRevocationAcknowledgement(
            status: verdict.status,
            sequence: indication.sequence,
            flags: indication.flags.intersection([.proxyBinding, .ipv4HomeAddressOnly, .global]),
            options: verdict.missing
        )
        answeredRevocation = AnsweredRevocation(indication: indication, reply: reply, at: now.instant)
        var actions: [Action] = [
            .report(.revocationAnswered(from: datagram.source, indication.trigger, verdict.status))
        ]
        if verdict.status.isAccepted {
            // A node that has gone to another gateway comes back when somebody says so.
            let until = indication.trigger.isHandover ? Instant.never : now.instant + Self.revocationHoldDown
            actions += verdict.isHomeAddress ? releaseHomeAddress() : letGo(verdict, until: until)
        }
        return actions + [send(.bindingRevocationAcknowledgement(reply), on: route, careOf: datagram.destination)]
    }

    /// What anchors say unasked has to be theirs, and said for the first time.
    mutating func distrustOfSignal(
        _ message: MobilityMessage,
        in datagram: Datagram,
        at now: Moment
    ) -> DropReason? {
        guard let index = links.firstIndex(where: { $0.carries(datagram) }) else { return .unknownPeer }
        if let reason = distrust(message, in: datagram, careOf: datagram.destination) { return reason }
        guard message.options.malformed.isEmpty else { return .malformedOption }
        return isFresh(message, on: index, now: now) ? nil : .replayed
    }

    private func verdict(on indication: BindingRevocationIndication) -> Verdict {
        // RFC 5846 §6.2.1
        guard indication.trigger.isKnown else { return Verdict(.triggerNotSupported) }
        let isGlobal = indication.flags.contains(.global)
        guard indication.trigger.isGlobal == isGlobal, indication.flags.contains(.proxyBinding) else {
            return Verdict(.functionNotSupported)
        }
        guard isGlobal else { return verdict(onOne: indication) }
        guard !indication.flags.contains(.ipv4HomeAddressOnly) else { return Verdict(.functionNotSupported) }
        if indication.trigger == .perPeerPolicy {
            // RFC 5846 §9.1: no options go with it.
            return indication.options.unprotected.isEmpty ? whole : Verdict(.functionNotSupported)
        }
        return verdict(onRealm: indication.options)
    }

    private var whole: Verdict {
        guard links.contains(where: { $0.leave != nil }) else { return Verdict(.bindingDoesNotExist) }
        var verdict = Verdict(.success)
        verdict.links = Array(links.indices)
        verdict.isWhole = true
        return verdict
    }

    /// RFC 5846 §9.1: `@realm`, and with a care-of address only the bindings that have it.
    private func verdict(onRealm options: MobilityOptions) -> Verdict {
        guard let name = options.first(MobileNodeIdentifier.self)?.identifier, name.subtype == NodeIdentifier.nai,
            name.octets.first == UInt8(ascii: "@"), settings.mobileNode.isInRealm(Array(name.octets.dropFirst()))
        else { return Verdict(.revokedMobileNodesIdentityRequired) }
        guard let careOf = options.alternateCareOf else { return whole }
        var verdict = Verdict(.success)
        verdict.links = links.indices.filter { links[$0].leave?.careOf == careOf }
        return verdict.links.isEmpty ? Verdict(.revokedMobileNodesIdentityRequired) : verdict
    }

    private func verdict(onOne indication: BindingRevocationIndication) -> Verdict {
        let options = indication.options
        guard let name = options.first(MobileNodeIdentifier.self), name.identifier == settings.mobileNode else {
            return Verdict(.bindingDoesNotExist)
        }
        if indication.flags.contains(.ipv4HomeAddressOnly) { return verdict(onHomeAddress: options) }
        let prefixes = options.all(HomeNetworkPrefix.self)
        let foreign = prefixes.filter { $0.prefix.map(session.homeNetworkPrefixes.contains) != true }
        guard prefixes.isEmpty || foreign.count < prefixes.count else { return Verdict(.bindingDoesNotExist) }
        var verdict = verdict(onLegs: options)
        guard verdict.status.isAccepted else { return verdict }
        // RFC 5846 §9.1: only whoever has seen the node leave lets it go.
        if indication.trigger.isHandover, settings.isMobileNodeAttached { return Verdict(.mobileNodeIsAttached) }
        // RFC 5846 §9.1: some are released already.
        for option in foreign { verdict.missing.append(option) }
        guard !verdict.missing.all.isEmpty else { return verdict }
        verdict.status = .partialSuccess
        verdict.missing = MobilityOptions([name] + verdict.missing.all)
        return verdict
    }

    private func verdict(onHomeAddress options: MobilityOptions) -> Verdict {
        guard let option = options.first(IPv4HomeAddressRequest.self) else {
            return Verdict(.ipv4HomeAddressOptionRequired)
        }
        guard session.installed != nil, session.homeAddress?.address == option.address else {
            return Verdict(.bindingDoesNotExist)
        }
        // Without a prefix nothing is left of the session.
        guard !session.homeNetworkPrefixes.isEmpty else { return whole }
        var verdict = Verdict(.success)
        verdict.isHomeAddress = true
        return verdict
    }

    /// RFC 5846 §5.1: those with the Binding Identifiers, else that with the care-of address, else all.
    private func verdict(onLegs options: MobilityOptions) -> Verdict {
        let identifiers = options.all(BindingIdentifierOption.self)
        let careOf = options.alternateCareOf
        guard !identifiers.isEmpty || careOf != nil else { return whole }
        let held = links.indices.filter { links[$0].leave != nil }
        let names = { (option: BindingIdentifierOption, index: Int) in
            links[index].leave?.binding.map { UInt16($0.rawValue) } == option.identifier
        }
        var verdict = Verdict(.success)
        verdict.links = held.filter { index in
            identifiers.isEmpty ? links[index].leave?.careOf == careOf : identifiers.contains { names($0, index) }
        }
        for option in identifiers where !held.contains(where: { names(option, $0) }) { verdict.missing.append(option) }
        return verdict.links.isEmpty ? Verdict(.bindingDoesNotExist) : verdict
    }

    private mutating func letGo(_ verdict: Verdict, until: Instant) -> [Action] {
        var actions: [Action] = []
        for index in verdict.links {
            noteOverwrite(of: index)
            actions += giveUp(index, because: .revoked)
            links[index].immediateRetries = 0
            links[index].revokedUntil = until
            // The anchor has no use for their leave.
            farewells.removeAll { $0.link == index }
        }
        guard !links.contains(where: { $0.granted != nil }) else { return actions }
        if verdict.isWhole { mode = settings.isMultipathWanted ? .discovering : .single(carrier: nil) }
        return actions + endSession()
    }

    /// RFC 5846 §9.1: the prefixes stay. It is not asked for again in this session.
    private mutating func releaseHomeAddress() -> [Action] {
        session.homeAddress = nil
        isHomeAddressRefused = true
        isHomeAddressRevoked = true
        return installSession()
    }

    /// The time of grace is over.
    mutating func revocationsLapse(at now: Moment) {
        for index in links.indices where links[index].revokedUntil.map({ $0 <= now.instant }) == true {
            links[index].revokedUntil = nil
        }
    }

    /// What was revoked may be registered again.
    mutating func forgetRevocations() {
        for index in links.indices { links[index].revokedUntil = nil }
        if isHomeAddressRevoked { isHomeAddressRefused = false }
        isHomeAddressRevoked = false
        answeredRevocation = nil
    }
}
