// SPDX-License-Identifier: Apache-2.0
package import Wire

extension MobileAccessGateway {
    /// The logical node's session first, each with every configured path in the configured order.
    package var snapshot: GatewaySnapshot {
        GatewaySnapshot(
            sessions: sessions.map { session in
                var session = session
                // Between its turns it does not have what is shared.
                session.shared = shared
                return session.snapshot(at: settings.identifier)
            },
            anchor: shared.anchor.peer.name,
            anchorAddresses: shared.anchor.addresses,
            isBrokenOut: sessions.contains(where: \.isBrokenOut),
            counters: shared.counters
        )
    }
}

extension MobilitySession {
    fileprivate func snapshot(at gateway: NodeIdentifier) -> SessionSnapshot {
        let isServed = session.installed != nil
        return SessionSnapshot(
            identifier: session.identifier,
            gateway: gateway,
            isMultipath: mode == .multipath,
            homeNetworkPrefixes: isServed ? session.homeNetworkPrefixes : [],
            delegatedPrefixes: isServed ? session.allDelegatedPrefixes : [],
            homeAddress: isServed ? session.homeAddress : nil,
            hasPathProbes: session.hasPathProbes,
            legs: links.indices.map { snapshot(of: $0) },
            flowBindings: flowBindings
        )
    }

    private func snapshot(of index: Int) -> LegSnapshot {
        let link = links[index]
        let path = PathIdentifier(session: session.identifier, binding: link.settings.binding)
        return LegSnapshot(
            identifier: link.granted?.path ?? path,
            interface: link.settings.name,
            careOfAddress: link.careOf,
            observedAddress: nil,
            anchorAddress: link.anchorAddress,
            encapsulation: link.granted?.encapsulation,
            interfaceLabel: link.settings.label,
            accessTechnology: link.settings.accessTechnology,
            state: link.careOf == nil ? "down" : link.revokedUntil != nil ? "revoked" : link.registration.name,
            status: link.registration.status,
            lifetime: link.granted?.lifetime,
            expiresAt: link.granted?.expiresAt,
            condition: link.condition,
            metrics: shared.metrics[index]
        )
    }
}

extension MobileAccessGateway {
    /// Whose path of the logical node's session carries nothing at present, by name.
    package var silentWANs: Set<String> {
        let links = sessions.first(where: \.node.isLogical)?.links ?? []
        return Set(links.filter(\.isSilent).map(\.settings.name))
    }

    /// What the relay agent goes by; nil without a logical node.
    package var delegation: PrefixDelegationRelay.Session? {
        guard let session = sessions.first(where: \.node.isLogical)?.session else { return nil }
        var delegation = PrefixDelegationRelay.Session()
        delegation.homeNetworkPrefix = session.installed == nil ? nil : session.homeNetworkPrefixes.first
        for case .v6(let address) in shared.anchor.addresses where delegation.anchor == nil {
            delegation.anchor = address
        }
        delegation.sites = session.homeNetworkPrefixes + session.delegatedPrefixes.filter { !$0.isIPv4 }
        delegation.named = session.relayed.named
        delegation.registered = session.installed == nil ? [] : session.relayed.registered
        return delegation
    }
}

/// What a gateway shows of itself.
package struct GatewaySnapshot: Equatable, Sendable {
    package var sessions: [SessionSnapshot]
    /// The one that it registers with, as the operator calls it.
    package var anchor: String
    /// Configured, or found under its name.
    package var anchorAddresses: [IPAddress]
    /// Traffic leaves without an anchor.
    package var isBrokenOut: Bool
    package var counters: EngineCounters
}
