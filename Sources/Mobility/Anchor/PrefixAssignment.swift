// SPDX-License-Identifier: Apache-2.0
import Wire

/// The pools of an anchor together.
struct PrefixAssignment: Sendable {
    /// Of each kind: a gateway that names ever more of them neither empties a pool nor outgrows an acknowledgement.
    private static let mostPerSession = 8

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
            _ = homeAddresses?.claim(IPPrefix(host: .v4(address)))
        }
        keep()
    }

    /// RFC 5213 §5.3.2: the prefixes asked for if they are ours and free, one of our choice if none is named.
    mutating func assignHome(_ requested: [IPPrefix]) -> Result<[IPPrefix], Refusal> {
        guard !requested.isEmpty else {
            guard let prefix = home?.allocate() else { return .failure(Refusal(.insufficientResources)) }
            return .success([prefix])
        }
        guard requested.count <= Self.mostPerSession else { return .failure(Refusal(.insufficientResources)) }
        for prefix in requested where home?.claim(prefix) != true {
            return .failure(Refusal(.notAuthorizedForHomeNetworkPrefix))
        }
        return .success(requested)
    }

    /// RFC 7148 §5.2.2: what the session has already stays; a request without a prefix adds one of a family that it
    /// lacks; families without a pool are not delegated at all.
    mutating func assignDelegated(
        _ requested: [DelegatedMobileNetworkPrefix],
        having present: [IPPrefix]
    ) -> Result<[IPPrefix], Refusal> {
        var granted = present
        for option in requested {
            let isIPv4 = option.address.isIPv4
            guard (isIPv4 ? delegatedIPv4 : delegatedIPv6) != nil else { continue }
            if option.isRequest {
                guard !granted.contains(where: { $0.isIPv4 == isIPv4 }) else { continue }
                let prefix = isIPv4 ? delegatedIPv4?.allocate() : delegatedIPv6?.allocate()
                guard let prefix else { return .failure(Refusal(.insufficientResources)) }
                granted.append(prefix)
                continue
            }
            // RFC 7148 §5.2.2: 178 also answers for what is in no pool of ours.
            guard let prefix = option.prefix else { return .failure(Refusal(.requestedDelegatedPrefixInUse)) }
            guard !granted.contains(prefix) else { continue }
            let isClaimed = isIPv4 ? delegatedIPv4?.claim(prefix) : delegatedIPv6?.claim(prefix)
            guard isClaimed == true else { return .failure(Refusal(.requestedDelegatedPrefixInUse)) }
            granted.append(prefix)
        }
        guard granted.count <= Self.mostPerSession else { return .failure(Refusal(.insufficientResources)) }
        return .success(granted)
    }

    /// RFC 5844 §3.1.2.2: what the session has already stays, and is all that it gets.
    mutating func assignHomeAddress(
        _ request: IPv4HomeAddressRequest,
        having present: IPv4Address?
    ) -> Result<IPv4Address, Refusal> {
        if let present {
            guard request.isAllocation || request.address == present else {
                return .failure(Refusal(.notAuthorizedForIPv4HomeAddress, homeAddress: .incorrectHomeAddress))
            }
            return .success(present)
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
    /// does not: somebody else would get a part of it, or all and more. A prefix may be `shared` with a session that is back
    /// already.
    mutating func reclaim(_ session: AnchorSession, sharing isShared: (IPPrefix) -> Bool) -> IPPrefix? {
        let homeAddress = session.homeAddress.map { IPPrefix(host: .v4($0)) }
        for prefix in session.prefixes where !isShared(prefix) && !isOutsidePools(prefix) {
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
        ![home, delegatedIPv6, delegatedIPv4, homeAddresses].contains { $0?.pool.range.overlaps(prefix) == true }
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

    mutating func releaseHome(of session: inout AnchorSession) {
        for prefix in session.homeNetworkPrefixes { home?.release(prefix) }
        session.homeNetworkPrefixes = []
    }

    mutating func releaseHomeAddress(of session: inout AnchorSession) {
        if let address = session.homeAddress { homeAddresses?.release(IPPrefix(host: .v4(address))) }
        session.homeAddress = nil
    }

    mutating func release(_ ended: AnchorSession) {
        var session = ended
        releaseHome(of: &session)
        releaseHomeAddress(of: &session)
        for prefix in session.delegatedPrefixes {
            if prefix.isIPv4 { delegatedIPv4?.release(prefix) } else { delegatedIPv6?.release(prefix) }
        }
    }
}
