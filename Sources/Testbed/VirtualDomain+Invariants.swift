// SPDX-License-Identifier: Apache-2.0
import Mobility
import Wire

/// What must hold after every turn.
extension VirtualDomain {
    mutating func inspect(anchor index: Int) {
        let (anchor, name) = (anchors[index], "anchor \(index)")
        for fault in anchor.ledger.faults { faults.append("\(name): \(fault)") }
        let sessions = anchor.engine.snapshot.sessions
        // It has been asleep, and has not looked at the clock yet.
        let isLate = anchor.engine.nextDeadline.map { $0 < now } ?? false
        var owners: [IPPrefix: SessionIdentifier] = [:]
        for session in sessions {
            for prefix in session.prefixes {
                if let owner = owners.updateValue(session.identifier, forKey: prefix) {
                    faults.append("\(prefix) is held by \(owner.mobileNode) and \(session.identifier.mobileNode)")
                }
            }
            for leg in session.legs where leg.lifetime == nil || leg.expiresAt.map({ $0 < now && !isLate }) ?? true {
                faults.append("\(name): \(leg.identifier) has no end")
            }
        }
        var found = anchor.differences(of: sessions, routed: Set(owners.keys))
        anchors[index].model.revocationsTakeEffect(in: sessions)
        // What is due may still be there; and after a crash by the coarser clock of the store.
        if anchor.engine.nextDeadline.map({ $0 > now + .milliseconds(1) }) ?? true {
            found += anchors[index].model.differences(from: sessions, at: now)
        }
        faults += found.map { "\(name): \($0)" }
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
