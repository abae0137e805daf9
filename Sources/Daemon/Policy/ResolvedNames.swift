// SPDX-License-Identifier: Apache-2.0
package import Wire

/// The addresses of the names in a policy, as the site's hosts were told them. Whoever can forge such an answer can have
/// packets to addresses of his choice treated as the rule says, and nothing else.
package struct ResolvedNames: Sendable {
    /// Of one name: beyond it, what ends first gives way.
    package static let limit = 32
    /// Hosts go on using an address that they have longer than they may.
    private static let shortest: Duration = .seconds(300)
    private static let longest: Duration = .seconds(86400)

    private var known: [DomainPattern: [IPAddress: Instant]] = [:]

    package init() {}

    /// Forgets what is about other names.
    package mutating func follow(_ patterns: Set<DomainPattern>) {
        known = known.filter { patterns.contains($0.key) }
        for pattern in patterns where known[pattern] == nil { known[pattern] = [:] }
    }

    package var addresses: [DomainPattern: Set<IPAddress>] { known.mapValues { Set($0.keys) } }

    /// When to call ``expire(at:)``; nil while there is nothing to forget.
    package var nextDeadline: Instant? { known.values.flatMap(\.values).min() }

    package mutating func learn(_ response: DNSResponse, at now: Instant) {
        for pattern in known.keys where response.names.contains(where: pattern.matches) {
            for found in response.addresses where found.address.isRoutableUnicast {
                let lifetime = min(max(.seconds(Int64(found.timeToLive)), Self.shortest), Self.longest)
                let until = max(known[pattern]?[found.address] ?? now, now + lifetime)
                known[pattern]?[found.address] = until
            }
            shorten(pattern)
        }
    }

    private mutating func shorten(_ pattern: DomainPattern) {
        guard let all = known[pattern], all.count > Self.limit else { return }
        let lasting = all.sorted { ($1.value, "\($1.key)") < ($0.value, "\($0.key)") }.prefix(Self.limit)
        known[pattern] = Dictionary(lasting.map { ($0.key, $0.value) }, uniquingKeysWith: { $1 })
    }

    package mutating func expire(at now: Instant) {
        for pattern in known.keys { known[pattern] = known[pattern]?.filter { $0.value > now } }
    }
}
