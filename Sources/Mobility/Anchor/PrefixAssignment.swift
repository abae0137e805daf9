// SPDX-License-Identifier: Apache-2.0
import Wire

/// The pools of an anchor together, and what is kept for certain nodes.
struct PrefixAssignment: Sendable {
    /// Of each kind: a gateway that names ever more of them neither empties a pool nor outgrows an acknowledgement.
    static let mostPerSession = 8

    private var home: PrefixAllocator?
    private var delegatedIPv6: PrefixAllocator?
    private var delegatedIPv4: PrefixAllocator?
    private var homeAddresses: PrefixAllocator?

    init(settings: AnchorSettings) {
        home = settings.homeNetworkPrefixes.map(PrefixAllocator.init)
        delegatedIPv6 = settings.delegatedIPv6.map(PrefixAllocator.init)
        delegatedIPv4 = settings.delegatedIPv4.map(PrefixAllocator.init)
        homeAddresses = settings.ipv4HomeAddresses.map(PrefixAllocator.init)
        let router = settings.ipv4DefaultRouter ?? settings.ipv4HomeAddresses?.firstHost
        for address in (settings.ipv4HomeAddresses?.nobodys ?? []) + [router].compactMap(\.self) {
            homeAddresses?.reserve(IPPrefix(host: .v4(address)))
        }
        for profile in settings.profiles { reserve(profile) }
    }

    /// In every pool: nobody else shall have an address of theirs in any way.
    private mutating func reserve(_ profile: MobileNodeProfile) {
        for prefix in profile.prefixes {
            home?.reserve(prefix)
            delegatedIPv6?.reserve(prefix)
            delegatedIPv4?.reserve(prefix)
            homeAddresses?.reserve(prefix)
        }
    }

    /// RFC 5213 §5.3.2: the prefixes asked for if they are ours and free, one of our choice if none is named. What is
    /// the node's own (`reserved`: as much of it as no session of it has) comes first.
    mutating func assignHome(_ requested: [IPPrefix], reserved: [IPPrefix]) -> Result<[IPPrefix], Refusal> {
        guard !requested.isEmpty else {
            guard reserved.isEmpty else { return .success(reserved) }
            guard let prefix = home?.allocate() else { return .failure(Refusal(.insufficientResources)) }
            return .success([prefix])
        }
        guard requested.count <= Self.mostPerSession else { return .failure(Refusal(.insufficientResources)) }
        for prefix in requested {
            // Who has prefixes of its own is not given others instead.
            let isGranted = reserved.isEmpty ? home?.claim(prefix) == true : reserved.contains(prefix)
            guard isGranted else { return .failure(Refusal(.notAuthorizedForHomeNetworkPrefix)) }
        }
        return Set(requested).count == requested.count
            ? .success(requested) : .failure(Refusal(.notAuthorizedForHomeNetworkPrefix))
    }

    /// RFC 7148 §5.2.2: what the session has already stays; a request without a prefix adds the node's own of a family
    /// that it lacks, or one of the pool; families without either are not delegated at all. What is named besides is not
    /// what a request is about. `promised`: what a router of the node has got by DHCPv6.
    mutating func assignDelegated(
        _ requested: [DelegatedMobileNetworkPrefix],
        having present: [IPPrefix],
        reserved: [IPPrefix],
        promised: [IPPrefix]
    ) -> Result<[IPPrefix], Refusal> {
        var granted = present
        let names = requested.compactMap(\.prefix)
        for option in requested {
            let own = reserved.filter { $0.isIPv4 == option.address.isIPv4 }
            guard !own.isEmpty || hasPool(isIPv4: option.address.isIPv4) else { continue }
            let added =
                option.isRequest
                ? addition(to: granted.filter { !names.contains($0) }, for: option, own.filter { !names.contains($0) })
                : named(by: option, in: granted, own + promised)
            switch added {
            case .success(let prefixes): granted += prefixes
            case .failure(let refusal): return .failure(refusal)
            }
        }
        guard granted.count <= Self.mostPerSession else { return .failure(Refusal(.insufficientResources)) }
        return .success(granted)
    }

    private func hasPool(isIPv4: Bool) -> Bool { (isIPv4 ? delegatedIPv4 : delegatedIPv6) != nil }

    private mutating func addition(
        to granted: [IPPrefix],
        for option: DelegatedMobileNetworkPrefix,
        _ own: [IPPrefix]
    ) -> Result<[IPPrefix], Refusal> {
        let isIPv4 = option.address.isIPv4
        guard !granted.contains(where: { $0.isIPv4 == isIPv4 }) else { return .success([]) }
        guard own.isEmpty else { return .success(own) }
        let prefix = isIPv4 ? delegatedIPv4?.allocate() : delegatedIPv6?.allocate()
        return prefix.map { .success([$0]) } ?? .failure(Refusal(.insufficientResources))
    }

    private mutating func named(
        by option: DelegatedMobileNetworkPrefix,
        in granted: [IPPrefix],
        _ own: [IPPrefix]
    ) -> Result<[IPPrefix], Refusal> {
        // RFC 7148 §5.2.2: 178 also answers for what is in no pool of ours.
        guard let prefix = option.prefix else { return .failure(Refusal(.requestedDelegatedPrefixInUse)) }
        guard !granted.contains(prefix) else { return .success([]) }
        guard !own.contains(prefix) else { return .success([prefix]) }
        let isClaimed = prefix.isIPv4 ? delegatedIPv4?.claim(prefix) : delegatedIPv6?.claim(prefix)
        return isClaimed == true ? .success([prefix]) : .failure(Refusal(.requestedDelegatedPrefixInUse))
    }

    /// One for a router: which it names, if that is free, or any.
    mutating func promise(_ hints: [IPPrefix]) -> IPPrefix? {
        for hint in hints where delegatedIPv6?.claim(hint) == true { return hint }
        return delegatedIPv6?.allocate()
    }

    /// RFC 5844 §3.1.2.2: what the session has already stays, and is all that it gets; then the node's own.
    mutating func assignHomeAddress(
        _ request: IPv4HomeAddressRequest,
        having present: IPv4Address?,
        reserved: IPv4Address?
    ) -> Result<IPv4Address, Refusal> {
        if let only = present ?? reserved {
            guard request.isAllocation || request.address == only else {
                return .failure(Refusal(.notAuthorizedForIPv4HomeAddress, homeAddress: .incorrectHomeAddress))
            }
            return .success(only)
        }
        guard !request.isAllocation else {
            guard let prefix = homeAddresses?.allocate(), case .v4(let address) = prefix.address else {
                return .failure(Refusal(.insufficientResources, homeAddress: .failure))
            }
            return .success(address)
        }
        guard homeAddresses?.claim(IPPrefix(host: .v4(request.address))) == true else {
            let status: IPv4HomeAddressStatus =
                request.address.isUnicast ? .administrativelyProhibited : .invalidAddress
            return .failure(Refusal(.notAuthorizedForIPv4HomeAddress, homeAddress: status))
        }
        return .success(request.address)
    }

    /// Takes what a stored session has; the first prefix that it cannot have, if there is one, and then nothing is taken.
    /// One that is in no pool today stays the session's. One that is in a pool, but not as the pool is cut today,
    /// does not: somebody else would get a part of it, or all and more. Nothing is to be taken of what is the node's own,
    /// or that of a session of it that is back already.
    mutating func reclaim(_ session: AnchorSession, except own: Set<IPPrefix>) -> IPPrefix? {
        let homeAddress = session.homeAddress.map { IPPrefix(host: .v4($0)) }
        for prefix in session.prefixes where !own.contains(prefix) && !isOutsidePools(prefix) {
            let isHome = session.homeNetworkPrefixes.contains(prefix)
            let isClaimed =
                if prefix == homeAddress {
                    homeAddresses?.claim(prefix)
                } else if isHome {
                    home?.claim(prefix)
                } else {
                    prefix.isIPv4 ? delegatedIPv4?.claim(prefix) : delegatedIPv6?.claim(prefix)
                }
            guard isClaimed == true else {
                undo()
                return prefix
            }
        }
        keep()
        return nil
    }

    func isOutsidePools(_ prefix: IPPrefix) -> Bool {
        // Not as a list, which would be made anew for each of very many prefixes.
        let isInside =
            home?.pool.range.overlaps(prefix) == true || delegatedIPv6?.pool.range.overlaps(prefix) == true
            || delegatedIPv4?.pool.range.overlaps(prefix) == true
            || homeAddresses?.pool.range.overlaps(prefix) == true
        return !isInside
    }

    /// What a request was given stays given.
    mutating func keep() {
        home?.keep()
        delegatedIPv6?.keep()
        delegatedIPv4?.keep()
        homeAddresses?.keep()
    }

    /// What a request was given before it was refused is free again.
    mutating func undo() {
        home?.undo()
        delegatedIPv6?.undo()
        delegatedIPv4?.undo()
        homeAddresses?.undo()
    }

    mutating func release(home prefixes: [IPPrefix]) {
        for prefix in prefixes { home?.release(prefix) }
    }

    mutating func release(homeAddress: IPv4Address?) {
        if let homeAddress { homeAddresses?.release(IPPrefix(host: .v4(homeAddress))) }
    }

    mutating func release(delegated prefixes: [IPPrefix]) {
        for prefix in prefixes {
            if prefix.isIPv4 { delegatedIPv4?.release(prefix) } else { delegatedIPv6?.release(prefix) }
        }
    }
}
