// SPDX-License-Identifier: Apache-2.0
import Wire

/// Messages on their way through the gateway (RFC 8415 §19).
extension PrefixDelegationRelay {
    /// RFC 8415 §19.1.1; nil: it goes no further.
    mutating func forward(_ octets: [UInt8], from source: IPv6Address, on link: Int) -> Action? {
        guard let anchor = session.anchor, links.contains(link), source.isLinkLocal,
            let message = try? DHCPv6Message(decoding: octets),
            let home = session.homeNetworkPrefix, case .v6(let address) = home.address
        else { return nil }
        switch message.type {
        case .solicit, .request, .confirm, .renew, .rebind, .decline, .informationRequest: break
        // RFC 8415 §18.2.7: the client has stopped to use them.
        case .release: forget(message, from: source, on: link)
        case .advertise, .reply, .reconfigure: return nil
        }
        let forward = DHCPv6RelayMessage(
            .forward,
            link: address,
            peer: source,
            [
                .interfaceIdentifier(Self.name(of: link)),
                // RFC 7148 §3.2.2: the anchor knows the node by it.
                .remoteIdentifier(enterprise: VendorSpecific.plait, node.octets),
                .relayMessage(octets),
            ]
        )
        return .relay(forward.octets, to: anchor)
    }

    private mutating func forget(_ message: DHCPv6Message, from source: IPv6Address, on link: Int) {
        guard let client = message.client else { return }
        let holders = message.prefixAssociations.map {
            PrefixLease.Holder(link: link, client: client, association: $0.identifier)
        }
        entries = entries.filter { !holders.contains($0.value.lease.holder) || $0.value.lease.router != source }
        held[Client(link: link, identifier: client)] = nil
    }

    private static func name(of link: Int) -> [UInt8] {
        (0..<4).map { UInt8(truncatingIfNeeded: UInt32(clamping: link) >> (24 - 8 * $0)) }
    }

    // MARK: Back

    /// RFC 8415 §19.2, and RFC 7148 §5.1.3 for what is in it.
    mutating func answered(_ octets: [UInt8], from source: IPv6Address, at now: Instant) -> [Action] {
        guard source == session.anchor, let reply = try? DHCPv6RelayMessage(decoding: octets),
            reply.direction == .reply, reply.peer.isLinkLocal,
            let link = links.first(where: { Self.name(of: $0) == reply.interface }),
            let relayed = reply.relayed, let message = try? DHCPv6Message(decoding: relayed),
            let identifier = message.client
        else {
            counters.ignored += 1
            return []
        }
        switch message.type {
        case .advertise: return [send(message, to: reply.peer, on: link)]
        case .reply: break
        case .solicit, .request, .confirm, .renew, .rebind, .release, .decline, .reconfigure, .informationRequest:
            counters.ignored += 1
            return []
        }
        let client = Client(link: link, identifier: identifier)
        let grants = grants(in: message, to: client, via: reply.peer)
        let further = grants.filter { entries[$0.lease.prefix] == nil }
        let isRoom = further.isEmpty || entries.count + held.count + further.count <= Self.mostPrefixes
        guard isRoom, grants.allSatisfy({ isUsable($0.lease) }) else {
            held[client] = nil
            return [refuse(message, to: reply.peer, on: link)]
        }
        held[client] = Held(message: message, router: reply.peer, grants: grants, until: now + Self.holdTime)
        let isReady = grants.allSatisfy { session.registered.contains($0.lease.prefix) }
        guard isReady else {
            counters.held += 1
            return []
        }
        return release(client, at: now)
    }

    private func grants(
        in message: DHCPv6Message,
        to client: Client,
        via router: IPv6Address
    ) -> [(lease: PrefixLease, lifetime: Duration)] {
        message.prefixAssociations.flatMap { association in
            association.prefixes.filter { $0.validLifetime > 0 }.map { prefix in
                let holder = PrefixLease.Holder(
                    link: client.link,
                    client: client.identifier,
                    association: association.identifier
                )
                return (PrefixLease(prefix.prefix, of: holder, via: router), .seconds(Int64(prefix.validLifetime)))
            }
        }
    }

    /// A router's prefix overlaps nothing that somebody else has; the anchor may give one's prefix to another whole.
    private func isUsable(_ lease: PrefixLease) -> Bool {
        guard case .v6(let address) = lease.prefix.address, address.isRoutableUnicast,
            (16...64).contains(lease.prefix.length)
        else { return false }
        let others =
            session.sites
            + (entries.keys + held.values.flatMap(\.grants).map(\.lease.prefix))
            .filter { $0 != lease.prefix }
        return !others.contains { $0.overlaps(lease.prefix) }
    }

    /// Whatever of the answers that wait can go on, or is refused.
    mutating func release(at now: Instant) -> [Action] {
        var actions: [Action] = []
        for (client, waiting) in held.sorted(by: { $0.value.until < $1.value.until }) {
            let prefixes = waiting.grants.map(\.lease.prefix)
            if !prefixes.allSatisfy(session.named.contains) {
                held[client] = nil
                actions.append(refuse(waiting.message, to: waiting.router, on: client.link))
            } else if prefixes.allSatisfy(session.registered.contains) {
                actions += release(client, at: now)
            }
        }
        return actions
    }

    private mutating func release(_ client: Client, at now: Instant) -> [Action] {
        guard let waiting = held.removeValue(forKey: client) else { return [] }
        for (lease, lifetime) in waiting.grants {
            entries[lease.prefix] = Entry(lease: lease, until: now + lifetime)
        }
        // What is taken away from the client.
        for association in waiting.message.prefixAssociations {
            for prefix in association.prefixes where prefix.validLifetime == 0 {
                let holder = entries[prefix.prefix]?.lease.holder
                if holder?.client == client.identifier, holder?.association == association.identifier {
                    entries[prefix.prefix] = nil
                }
            }
        }
        return [send(waiting.message, to: waiting.router, on: client.link)]
    }

    /// RFC 7148 §5.1.3: the answer goes on without prefixes.
    private mutating func refuse(_ message: DHCPv6Message, to router: IPv6Address, on link: Int) -> Action {
        counters.refused += 1
        var message = message
        message.options = message.options.map { option in
            guard case .prefixAssociation(let association) = option else { return option }
            return .prefixAssociation(DHCPv6Association(association.identifier, [.noPrefixAvailable]))
        }
        return send(message, to: router, on: link)
    }

    private mutating func send(_ message: DHCPv6Message, to router: IPv6Address, on link: Int) -> Action {
        counters.answered += 1
        return .send(message.octets, to: router, link: link)
    }
}
