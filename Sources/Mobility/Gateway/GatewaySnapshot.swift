// SPDX-License-Identifier: Apache-2.0
package import Wire

extension MobileAccessGateway {
    /// The one session, with every configured path in the configured order.
    package var snapshot: GatewaySnapshot {
        let hasMultipath = mode == .multipath
        return GatewaySnapshot(
            session: SessionSnapshot(
                identifier: session.identifier,
                gateway: settings.identifier,
                isMultipath: hasMultipath,
                homeNetworkPrefixes: session.installed == nil ? [] : session.homeNetworkPrefixes,
                delegatedPrefixes: session.installed == nil ? [] : session.delegatedPrefixes,
                homeAddress: session.installed == nil ? nil : session.homeAddress,
                hasPathProbes: session.hasPathProbes,
                legs: links.map { snapshot(of: $0) }
            ),
            anchor: anchor.peer.name,
            anchorAddresses: anchor.addresses,
            isBrokenOut: isBrokenOut,
            counters: counters
        )
    }

    private func snapshot(of link: WANLink) -> LegSnapshot {
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
            condition: link.condition
        )
    }
}

/// What a gateway shows of itself.
package struct GatewaySnapshot: Equatable, Sendable {
    package var session: SessionSnapshot
    /// The one that it registers with, as the operator calls it.
    package var anchor: String
    /// Configured, or found under its name.
    package var anchorAddresses: [IPAddress]
    /// Traffic leaves without an anchor.
    package var isBrokenOut: Bool
    package var counters: EngineCounters
}
