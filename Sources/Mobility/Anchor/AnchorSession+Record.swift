// SPDX-License-Identifier: Apache-2.0
import Wire

/// What of a session outlives the process, and how it comes back.
extension AnchorSession {
    func record(at now: Moment) -> SessionRecord {
        SessionRecord(
            identifier: identifier,
            gateway: gateway,
            isMultipath: isMultipath,
            homeNetworkPrefixes: homeNetworkPrefixes,
            delegatedPrefixes: delegatedPrefixes,
            homeAddress: homeAddress,
            downlinkKey: downlinkKey,
            uplinkKey: uplinkKey,
            probeNumbers: probeNumbers,
            accessTechnology: accessTechnology,
            linkLayerIdentifier: linkLayerIdentifier,
            isConfirmed: isConfirmed,
            linkLocalAddress: linkLocalAddress,
            restartCounter: restartCounter,
            reserve: reserve,
            legs: bindings.map { $0.record(at: now) },
            flows: flows.all,
            hasSchemes: hasSchemes
        )
    }

    /// `grace` bounds what is left of one: the clock on the wall may have been set.
    init(_ record: SessionRecord, at now: Moment, grace: Duration) {
        self.init(
            identifier: record.identifier,
            gateway: record.gateway,
            isMultipath: record.isMultipath,
            homeNetworkPrefixes: record.homeNetworkPrefixes,
            delegatedPrefixes: record.delegatedPrefixes,
            homeAddress: record.homeAddress,
            downlinkKey: record.downlinkKey,
            uplinkKey: record.uplinkKey,
            probeNumbers: record.probeNumbers,
            accessTechnology: record.accessTechnology,
            linkLayerIdentifier: record.linkLayerIdentifier,
            isConfirmed: record.isConfirmed,
            linkLocalAddress: record.linkLocalAddress,
            restartCounter: record.restartCounter,
            reserve: record.reserve,
            flows: FlowBindingList(record.flows),
            hasSchemes: record.hasSchemes,
            // Whom we have told what nobody knows.
            hasUnknownRules: true,
            bindings: record.legs.map { Binding($0, of: record.identifier, at: now, grace: grace) }
        )
    }
}

extension Binding {
    fileprivate func record(at now: Moment) -> LegRecord {
        LegRecord(
            binding: path.binding,
            isActive: isActive,
            endsAt: now.timestamp + (deadline - now.instant),
            careOf: careOf,
            outerAddress: outerAddress,
            anchorAddress: anchorAddress,
            route: route,
            lifetime: lifetime,
            encapsulation: encapsulation,
            interfaceLabel: interfaceLabel,
            interfaceTechnology: interfaceTechnology,
            timestamp: timestamp,
            sequence: sequence,
            metrics: metrics
        )
    }

    fileprivate init(_ leg: LegRecord, of session: SessionIdentifier, at now: Moment, grace: Duration) {
        // A refresh may have been lost, and the gateway believes in it: the whole lifetime begins anew. A time of grace
        // is nobody's but ours.
        let left = leg.endsAt > now.timestamp ? min(leg.endsAt.distance(to: now.timestamp), grace) : .zero
        let nothing = Datagram(source: leg.careOf, destination: leg.anchorAddress, ports: nil, octets: [])
        self.init(
            path: PathIdentifier(session: session, binding: leg.binding),
            state: leg.isActive
                ? .active(expiresAt: now.instant + leg.lifetime.duration)
                : .deletePending(deleteAt: now.instant + left),
            careOf: leg.careOf,
            outerAddress: leg.outerAddress,
            anchorAddress: leg.anchorAddress,
            route: leg.route,
            lifetime: leg.lifetime,
            encapsulation: leg.encapsulation,
            interfaceLabel: leg.interfaceLabel,
            interfaceTechnology: leg.interfaceTechnology,
            timestamp: leg.timestamp,
            sequence: leg.sequence,
            request: nothing,
            reply: nothing,
            condition: .unproven,
            metrics: leg.metrics
        )
    }
}
