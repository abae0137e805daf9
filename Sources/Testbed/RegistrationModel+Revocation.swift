// SPDX-License-Identifier: Apache-2.0
import Mobility
import Wire

/// What an operator of the anchor revokes (RFC 5846 §8.1).
extension RegistrationModel {
    mutating func administratorRevoked(_ target: DomainEvent.Target, at now: Instant) {
        let until = now + patience
        switch target {
        case .node(let node): revoke(until) { of, _, _ in of == DomainPlan.node(node) }
        case .binding(let binding, let node):
            revoke(until) { of, _, key in of == DomainPlan.node(node) && key?.rawValue == binding }
        case .homeAddress(let node): revokeAddress(of: DomainPlan.node(node), until)
        case .gateway(let gateway): revoke(until) { _, holding, _ in holding.gateway == gateway }
        case .realm, .everything: revoke(until) { _, _, _ in true }
        }
    }

    private mutating func revoke(
        _ until: Instant,
        where isMeant: (NodeIdentifier, Holding, BindingIdentifier?) -> Bool
    ) {
        for (node, held) in holdings {
            for index in held.indices {
                for key in held[index].legs.keys where isMeant(node, held[index], key) {
                    holdings[node]?[index].legs[key]?.revokedUntil = until
                }
            }
        }
    }

    private mutating func revokeAddress(of node: NodeIdentifier, _ until: Instant) {
        for index in holdings[node, default: []].indices where holdings[node]?[index].held[.homeAddress] != nil {
            if holdings[node]?[index].held[.home] == nil {
                for key in holdings[node]?[index].legs.keys.map(\.self) ?? [] {
                    holdings[node]?[index].legs[key]?.revokedUntil = until
                }
            } else {
                holdings[node]?[index].addressRevokedUntil = until
            }
        }
    }

    /// Nobody has waited for answers meanwhile.
    mutating func anchorSlept(for duration: Duration) {
        for (node, held) in holdings {
            for index in held.indices {
                if let until = held[index].addressRevokedUntil {
                    holdings[node]?[index].addressRevokedUntil = until + duration
                }
                for (key, leg) in held[index].legs {
                    holdings[node]?[index].legs[key]?.revokedUntil = leg.revokedUntil.map { $0 + duration }
                }
            }
        }
    }

    /// What was to go and has gone.
    mutating func revocationsTakeEffect(in sessions: [SessionSnapshot]) {
        for (node, held) in holdings {
            let left = held.compactMap { holding in
                Self.remains(of: holding, in: sessions.filter { $0.identifier.mobileNode == node })
            }
            holdings[node] = left.isEmpty ? nil : left
        }
    }

    private static func remains(of held: Holding, in sessions: [SessionSnapshot]) -> Holding? {
        var holding = held
        if holding.addressRevokedUntil != nil, let address = holding.held[.homeAddress],
            sessions.contains(where: { Set($0.prefixes) == holding.prefixes.subtracting(address) })
        {
            (holding.held[.homeAddress], holding.addressRevokedUntil) = (nil, nil)
        }
        guard let session = sessions.first(where: { Set($0.prefixes) == holding.prefixes }) else {
            return holding.isRevoked ? nil : holding
        }
        holding.legs = holding.legs.filter { key, leg in
            leg.revokedUntil == nil || session.legs.contains { $0.identifier.binding == key }
        }
        return holding
    }

    /// What should be gone by now and is not.
    func overdue(at now: Instant) -> String? {
        for (node, held) in holdings {
            for holding in held {
                let all = holding.legs.values.map(\.revokedUntil) + [holding.addressRevokedUntil]
                if all.contains(where: { $0.map { $0 < now } ?? false }) { return "\(node): was revoked, but is there" }
            }
        }
        return nil
    }
}
