// SPDX-License-Identifier: Apache-2.0
import Wire

/// What a revocation means to a session (RFC 5846 §9.1). What the anchor has revoked is not de-registered, and not
/// registered again before a time of grace, or before the anchor asks for it.
extension MobilitySession {
    /// As after a refusal.
    private static let revocationHoldDown = Duration.seconds(60)

    var whole: RevocationVerdict {
        guard links.contains(where: { $0.leave != nil }) else { return RevocationVerdict(.bindingDoesNotExist) }
        var verdict = RevocationVerdict(.success)
        verdict.links = Array(links.indices)
        verdict.isWhole = true
        return verdict
    }

    /// nil: it has none with the care-of address.
    func verdict(onCareOf careOf: IPAddress) -> RevocationVerdict? {
        var verdict = RevocationVerdict(.success)
        verdict.links = links.indices.filter { links[$0].leave?.careOf == careOf }
        return verdict.links.isEmpty ? nil : verdict
    }

    func verdict(onOne indication: BindingRevocationIndication) -> RevocationVerdict {
        let options = indication.options
        guard let name = options.first(MobileNodeIdentifier.self), name.identifier == node.identifier else {
            return RevocationVerdict(.bindingDoesNotExist)
        }
        if indication.flags.contains(.ipv4HomeAddressOnly) { return verdict(onHomeAddress: options) }
        let prefixes = options.all(HomeNetworkPrefix.self)
        let foreign = prefixes.filter { $0.prefix.map(session.homeNetworkPrefixes.contains) != true }
        guard prefixes.isEmpty || foreign.count < prefixes.count else { return RevocationVerdict(.bindingDoesNotExist) }
        var verdict = verdict(onLegs: options)
        guard verdict.status.isAccepted else { return verdict }
        // RFC 5846 §9.1: only whoever has seen the node leave lets it go.
        if indication.trigger.isHandover, isKnownToStay { return RevocationVerdict(.mobileNodeIsAttached) }
        // RFC 5846 §9.1: some are released already.
        for option in foreign { verdict.missing.append(option) }
        guard !verdict.missing.all.isEmpty else { return verdict }
        verdict.status = .partialSuccess
        verdict.missing = MobilityOptions([name] + verdict.missing.all)
        return verdict
    }

    private func verdict(onHomeAddress options: MobilityOptions) -> RevocationVerdict {
        guard let option = options.first(IPv4HomeAddressRequest.self) else {
            return RevocationVerdict(.ipv4HomeAddressOptionRequired)
        }
        guard session.installed != nil, session.homeAddress?.address == option.address else {
            return RevocationVerdict(.bindingDoesNotExist)
        }
        // Without a prefix nothing is left of the session.
        guard !session.homeNetworkPrefixes.isEmpty else { return whole }
        var verdict = RevocationVerdict(.success)
        verdict.isHomeAddress = true
        return verdict
    }

    /// RFC 5846 §5.1: those with the Binding Identifiers, else that with the care-of address, else all.
    private func verdict(onLegs options: MobilityOptions) -> RevocationVerdict {
        let identifiers = options.all(BindingIdentifierOption.self)
        let careOf = options.alternateCareOf
        guard !identifiers.isEmpty || careOf != nil else { return whole }
        let held = links.indices.filter { links[$0].leave != nil }
        let names = { (option: BindingIdentifierOption, index: Int) in
            links[index].leave?.binding.map { UInt16($0.rawValue) } == option.identifier
        }
        var verdict = RevocationVerdict(.success)
        verdict.links = held.filter { index in
            identifiers.isEmpty ? links[index].leave?.careOf == careOf : identifiers.contains { names($0, index) }
        }
        for option in identifiers where !held.contains(where: { names(option, $0) }) { verdict.missing.append(option) }
        return verdict.links.isEmpty ? RevocationVerdict(.bindingDoesNotExist) : verdict
    }

    /// RFC 5846 §9.1: a logical node is attached while its gateway runs. Of a physical one the newest word counts, and who
    /// registers it elsewhere has seen it later than we have: were it still here, it would be told of anew.
    private var isKnownToStay: Bool { node.isLogical && settings.isMobileNodeAttached }

    /// What is accepted is done.
    mutating func perform(
        _ verdict: RevocationVerdict,
        on trigger: BindingRevocationTrigger,
        at now: Moment
    ) -> [Action] {
        if verdict.isHomeAddress { return releaseHomeAddress() }
        if !node.isLogical, verdict.isWhole || verdict.links.count == links.filter({ $0.leave != nil }).count {
            return letGoForGood(isElsewhere: trigger.isHandover)
        }
        // A node that has gone to another gateway comes back when somebody says so.
        return letGo(verdict, until: trigger.isHandover ? .never : now.instant + Self.revocationHoldDown)
    }

    private mutating func letGo(_ verdict: RevocationVerdict, until: Instant) -> [Action] {
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
        if verdict.isWhole { mode = firstMode }
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
    }
}
