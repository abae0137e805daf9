// SPDX-License-Identifier: Apache-2.0
import Wire

/// Which prefixes and addresses a session gets and gives back (RFC 5213 §5.3.2, RFC 5844 §3.1.2, RFC 7148 §5.2.2).
extension LocalMobilityAnchor {
    mutating func assign(
        _ request: ProxyBindingUpdate,
        to session: inout AnchorSession,
        from gateway: GatewayPeer
    ) -> Refusal? {
        let profile = admission.profile(of: session.identifier.mobileNode)
        let refusal =
            assignHome(request, to: &session, profile) ?? assignHomeAddress(request, to: &session, profile)
        if let refusal { return refusal }
        let delegated = request.options.all(DelegatedMobileNetworkPrefix.self)
        guard !delegated.isEmpty else { return nil }
        guard gateway.isDelegationAllowed, profile.isDelegationAllowed else {
            return Refusal(.notAuthorizedForDelegatedPrefix)
        }
        switch assignment.assignDelegated(
            delegated,
            having: session.delegatedPrefixes,
            reserved: profile.delegatedPrefixes.filter(isFree),
            promised: delegations[session.identifier.mobileNode].map { Array($0.promises.keys) } ?? []
        ) {
        case .success(let prefixes): session.delegatedPrefixes = prefixes
        case .failure(let refusal): return refusal
        }
        return nil
    }

    private func isFree(_ prefix: IPPrefix) -> Bool { cache.session(holding: prefix) == nil }

    private mutating func assignHome(
        _ request: ProxyBindingUpdate,
        to session: inout AnchorSession,
        _ profile: MobileNodeProfile
    ) -> Refusal? {
        guard request.hasHomeNetworkPrefix else { return nil }
        let requested = request.homeNetworkPrefixes
        // RFC 5213 §5.4.1.1: somebody else's prefix, or that of another attachment.
        for prefix in requested where !session.homeNetworkPrefixes.contains(prefix) {
            guard let holder = cache.session(holding: prefix), holder != session.identifier else { continue }
            let isOwn = holder.mobileNode == session.identifier.mobileNode && !session.homeNetworkPrefixes.isEmpty
            return Refusal(isOwn ? .prefixSetDoesNotMatch : .notAuthorizedForHomeNetworkPrefix)
        }
        guard !session.homeNetworkPrefixes.isEmpty else {
            switch assignment.assignHome(requested, reserved: profile.homeNetworkPrefixes.filter(isFree)) {
            case .success(let prefixes): session.homeNetworkPrefixes = prefixes
            case .failure(let refusal): return refusal
            }
            return nil
        }
        guard !requested.isEmpty else { return nil }
        let matches = Set(requested) == Set(session.homeNetworkPrefixes)
        return matches && requested.count == session.homeNetworkPrefixes.count ? nil : Refusal(.prefixSetDoesNotMatch)
    }

    /// RFC 5844 §3.1.2.2, §3.1.2.3
    private mutating func assignHomeAddress(
        _ request: ProxyBindingUpdate,
        to session: inout AnchorSession,
        _ profile: MobileNodeProfile
    ) -> Refusal? {
        guard let option = request.homeAddress else { return nil }
        // RFC 5846 §8.1: what is being revoked is not extended.
        guard session.homeAddressRevocation == nil else {
            return request.hasHomeNetworkPrefix
                ? nil : Refusal(.notAuthorizedForIPv4MobilityService, homeAddress: .administrativelyProhibited)
        }
        let reserved = profile.homeAddress.flatMap { isFree(IPPrefix(host: .v4($0))) ? $0 : nil }
        switch assignment.assignHomeAddress(option, having: session.homeAddress, reserved: reserved) {
        case .success(let address): session.homeAddress = address
        case .failure(let refusal): return refusal
        }
        return nil
    }

    // MARK: Giving back

    /// RFC 5844 §3.1.2.4, RFC 7148 §5.2.2: an update that stands alone names all that shall go on. A delegated prefix
    /// also goes on if the anchor is asked to choose one of its family.
    mutating func giveBackUnnamed(by request: ProxyBindingUpdate, in session: inout AnchorSession) {
        if !request.hasHomeNetworkPrefix { giveBackHome(of: &session) }
        if request.homeAddress == nil { giveBackHomeAddress(of: &session) }
        giveBackUnnamedDelegated(by: request, in: &session)
    }

    private mutating func giveBackUnnamedDelegated(by request: ProxyBindingUpdate, in session: inout AnchorSession) {
        let named = request.options.all(DelegatedMobileNetworkPrefix.self)
        giveBackDelegated(of: &session) { prefix in
            !named.contains { $0.isRequest ? $0.address.isIPv4 == prefix.isIPv4 : $0.prefix == prefix }
        }
    }

    private mutating func giveBackDelegated(
        of session: inout AnchorSession,
        where isUnwanted: (IPPrefix) -> Bool
    ) {
        assignment.release(delegated: session.delegatedPrefixes.filter(isUnwanted))
        session.delegatedPrefixes.removeAll(where: isUnwanted)
    }

    /// The home address that nobody may have, and what a bulk refresh does not name, which speaks for all paths (RFC 8278
    /// §4.1): a home address that the gateway has let go of, while the anchor, perhaps, was not there to hear of it, and a
    /// prefix that a router behind it has no longer.
    mutating func giveBackLapsed(by request: ProxyBindingUpdate, in session: inout AnchorSession) {
        if request.isBulk { giveBackUnnamedDelegated(by: request, in: &session) }
        let isReleased = request.isBulk && request.homeAddress == nil
        if session.homeAddressRevocation != nil || isReleased { giveBackHomeAddress(of: &session) }
    }

    /// What another session shares is not free yet.
    mutating func giveBackHome(of session: inout AnchorSession) {
        assignment.release(home: session.homeNetworkPrefixes.filter { !cache.isShared($0) })
        session.homeNetworkPrefixes = []
    }

    mutating func giveBackHomeAddress(of session: inout AnchorSession) {
        assignment.release(homeAddress: session.homeAddress)
        session.homeAddress = nil
    }

    mutating func giveBackAll(of session: inout AnchorSession) {
        giveBackHome(of: &session)
        giveBackHomeAddress(of: &session)
        giveBackDelegated(of: &session) { _ in true }
    }
}
