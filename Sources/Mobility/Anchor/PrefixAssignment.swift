// SPDX-License-Identifier: Apache-2.0
import Wire

/// The pools of an anchor together.
struct PrefixAssignment: Sendable {
    /// Of each kind: a gateway that names ever more of them neither empties a pool nor outgrows an acknowledgement.
    private static let mostPerSession = 8

    private var home: PrefixAllocator?
    private var delegatedIPv6: PrefixAllocator?
    private var delegatedIPv4: PrefixAllocator?

    init(settings: AnchorSettings) {
        home = settings.homeNetworkPrefixes.map(PrefixAllocator.init)
        delegatedIPv6 = settings.delegatedIPv6.map(PrefixAllocator.init)
        delegatedIPv4 = settings.delegatedIPv4.map(PrefixAllocator.init)
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

    /// What a request was given stays given.
    mutating func keep() {
        home?.keep()
        delegatedIPv6?.keep()
        delegatedIPv4?.keep()
    }

    /// What a request was given before it was refused is free again.
    mutating func undo() {
        home?.undo()
        delegatedIPv6?.undo()
        delegatedIPv4?.undo()
    }

    mutating func release(_ session: AnchorSession) {
        for prefix in session.homeNetworkPrefixes { home?.release(prefix) }
        for prefix in session.delegatedPrefixes {
            if prefix.isIPv4 { delegatedIPv4?.release(prefix) } else { delegatedIPv6?.release(prefix) }
        }
    }
}
