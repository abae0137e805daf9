// SPDX-License-Identifier: Apache-2.0
import Mobility
import Wire

/// What must hold after every turn.
extension VirtualDomain {
    mutating func inspectAnchor() {
        for fault in anchorLedger.faults { faults.append("anchor: \(fault)") }
        let sessions = anchor.snapshot.sessions
        // It has been asleep, and has not looked at the clock yet.
        let isLate = anchor.nextDeadline.map { $0 < now } ?? false
        var owners: [IPPrefix: SessionIdentifier] = [:]
        for session in sessions {
            for prefix in session.prefixes {
                if let owner = owners.updateValue(session.identifier, forKey: prefix) {
                    faults.append("\(prefix) is held by \(owner.mobileNode) and \(session.identifier.mobileNode)")
                }
            }
            for leg in session.legs where leg.lifetime == nil || leg.expiresAt.map({ $0 < now && !isLate }) ?? true {
                faults.append("anchor: \(leg.identifier) has no end")
            }
        }
        compareAnchorData(with: sessions, routed: Set(owners.keys))
        // What is due may still be there; and after a crash by the coarser clock of the store.
        if anchor.nextDeadline.map({ $0 > now + .milliseconds(1) }) ?? true { compareWithModel(sessions) }
    }

    private mutating func compareAnchorData(with sessions: [SessionSnapshot], routed: Set<IPPrefix>) {
        let held = anchorLedger.sessions
        if Set(held.keys) != Set(sessions.map(\.identifier)) {
            faults.append("anchor: forwards for \(held.keys.map(\.mobileNode)), but has other sessions")
        }
        for session in sessions where Set(held[session.identifier]?.prefixes ?? []) != Set(session.prefixes) {
            faults.append("anchor: \(session.identifier.mobileNode) is forwarded with other prefixes than it has")
        }
        if anchorLedger.routed != routed { faults.append("anchor: routes other prefixes than are held") }
        let keys = held.values.compactMap(\.uplinkKey)
        if Set(keys).count != keys.count { faults.append("anchor: two sessions have the same uplink key") }
        let active = sessions.flatMap(\.legs).filter { $0.state == "active" }
        // What is being revoked carries traffic until its gateway has answered, if it did before (RFC 5846 §8.1).
        let revoking = sessions.flatMap(\.legs).filter { $0.state == "revoking" }.map(\.identifier)
        if Set(active.map(\.identifier)) != Set(anchorLedger.paths.keys.filter { !revoking.contains($0) }) {
            faults.append("anchor: forwards over \(anchorLedger.paths.keys), has \(active.map(\.identifier))")
        }
        for leg in active {
            guard let path = anchorLedger.paths[leg.identifier] else { continue }
            let isSame =
                path.localAddress == leg.anchorAddress && path.remoteAddress == leg.observedAddress ?? leg.careOfAddress
                && path.encapsulation == leg.encapsulation && path.interfaceLabel == leg.interfaceLabel
            if !isSame { faults.append("anchor: forwards over \(leg.identifier) otherwise than it is bound") }
        }
    }

    private mutating func compareWithModel(_ sessions: [SessionSnapshot]) {
        let expected = model.holdings.flatMap { node, held in held.map { _ in node.description } }
        let present = sessions.map(\.identifier.mobileNode.description)
        if present.sorted() != expected.sorted() { faults.append("anchor: has \(present), should have \(expected)") }
        for session in sessions {
            let held = model.holdings[session.identifier.mobileNode, default: []]
            guard let holding = held.first(where: { $0.prefixes == Set(session.prefixes) }) else {
                faults.append("\(session.identifier) has \(session.prefixes), told was \(held.map(\.prefixes))")
                continue
            }
            compare(session, with: holding)
        }
    }

    private mutating func compare(_ session: SessionSnapshot, with holding: RegistrationModel.Holding) {
        if session.gateway != DomainPlan.name(holding.gateway) {
            faults.append(
                "\(session.identifier) is \(session.gateway)'s, but gateway \(holding.gateway) was told that it has it"
            )
        }
        let legs = session.legs.map { "\($0.identifier.binding?.rawValue ?? 0) \($0.isLeaving)" }
        let expected = holding.legs.map { "\($0.key?.rawValue ?? 0) \($0.value.isLeaving)" }
        if legs.sorted() != expected.sorted() {
            faults.append(
                "\(session.identifier): has paths \(legs.sorted()) (leaving?), should have \(expected.sorted())"
            )
        }
        // A store keeps wall-clock time, which is coarser.
        let isSame: (LegSnapshot) -> Bool = { leg in
            guard let told = holding.legs[leg.identifier.binding]?.endsAt, let end = leg.expiresAt else { return false }
            return end - told < .milliseconds(1) && told - end < .milliseconds(1)
        }
        for leg in session.legs where !isSame(leg) {
            faults.append("\(leg.identifier) ends at another time than it was told")
        }
    }

    mutating func inspect(gateway index: Int) {
        let (gateway, name) = (gateways[index], "gateway \(index)")
        for fault in gateway.ledger.faults { faults.append("\(name): \(fault)") }
        let session = gateway.engine.snapshot.session
        if gateway.engine.isStopped, !gateway.ledger.isEmpty || gateway.engine.nextDeadline != nil {
            faults.append("\(name): is stopped, but something is left")
        }
        if gateway.ledger.routed != Set(session.prefixes) {
            faults.append("\(name): routes \(gateway.ledger.routed), has \(session.prefixes)")
        }
        let forwarded = gateway.ledger.sessions[session.identifier]
        if Set(forwarded?.prefixes ?? []) != Set(session.prefixes) || gateway.ledger.sessions.count > 1 {
            faults.append("\(name): forwards for other prefixes than it has")
        }
        for (identifier, path) in gateway.ledger.paths {
            guard let leg = session.legs.first(where: { $0.interface == path.wan }), leg.identifier == identifier,
                leg.lifetime != nil
            else {
                faults.append("\(name): forwards over \(identifier), which is not bound")
                continue
            }
            let isSame =
                path.localAddress == leg.careOfAddress && path.remoteAddress == leg.anchorAddress
                && path.encapsulation == leg.encapsulation
                && path.localAddress == path.wan.flatMap { gateway.addresses[$0] }
            if !isSame { faults.append("\(name): forwards over \(identifier) otherwise than it is bound") }
        }
        let isLate = gateway.engine.nextDeadline.map { $0 < now } ?? false
        for leg in session.legs where leg.lifetime != nil && leg.expiresAt.map({ $0 < now && !isLate }) ?? true {
            faults.append("\(name): \(leg.identifier) has no end")
        }
    }
}

extension SessionSnapshot {
    /// Of every kind, the home address included.
    var prefixes: [IPPrefix] {
        homeNetworkPrefixes + delegatedPrefixes + (homeAddress.map { [IPPrefix(host: .v4($0.address))] } ?? [])
    }
}

extension LegSnapshot {
    var isLeaving: Bool { state == "delete-pending" }
}

extension Ledger {
    /// Of every kind.
    var routed: Set<IPPrefix> { prefixes.union(homeAddresses.map { IPPrefix(host: .v4($0)) }) }
}
