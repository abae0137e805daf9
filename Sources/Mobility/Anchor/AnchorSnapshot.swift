// SPDX-License-Identifier: Apache-2.0

extension LocalMobilityAnchor {
    /// How many there are, without showing them.
    package var sessionCount: Int { cache.sessions.count }

    /// Sessions in the order of their nodes' names.
    package var snapshot: AnchorSnapshot {
        AnchorSnapshot(
            sessions: cache.ordered.map { $0.snapshot(under: settings, flowBindings(of: $0)) },
            revocations: revocationLog.records,
            notifications: notificationLog.records,
            counters: counters
        )
    }

    /// Those of late, the newest last.
    package var revocationRecords: [RevocationRecord] { revocationLog.records }
    /// Likewise.
    package var notificationRecords: [NotificationRecord] { notificationLog.records }
}

/// What an anchor shows of itself.
package struct AnchorSnapshot: Equatable, Sendable {
    package var sessions: [SessionSnapshot]
    /// Those of late, the newest last.
    package var revocations: [RevocationRecord]
    package var notifications: [NotificationRecord]
    package var counters: EngineCounters
}

extension AnchorSession {
    fileprivate func snapshot(
        under settings: AnchorSettings,
        _ flowBindings: [FlowBindingSnapshot]
    ) -> SessionSnapshot {
        SessionSnapshot(
            identifier: identifier,
            gateway: gateway,
            isMultipath: isMultipath,
            homeNetworkPrefixes: homeNetworkPrefixes,
            delegatedPrefixes: delegatedPrefixes,
            homeAddress: homeAddress.map(settings.assignment),
            hasPathProbes: hasPathProbes,
            legs: bindings.map(\.snapshot),
            flowBindings: flowBindings
        )
    }
}

extension Binding {
    fileprivate var snapshot: LegSnapshot {
        LegSnapshot(
            identifier: path,
            interface: nil,
            careOfAddress: careOf,
            observedAddress: isTranslated ? outerAddress : nil,
            anchorAddress: anchorAddress,
            encapsulation: encapsulation,
            interfaceLabel: interfaceLabel,
            accessTechnology: interfaceTechnology,
            state: stateName,
            status: nil,
            lifetime: lifetime,
            expiresAt: deadline,
            condition: condition,
            metrics: metrics
        )
    }
}
