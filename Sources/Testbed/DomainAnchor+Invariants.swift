// SPDX-License-Identifier: Apache-2.0
import Mobility
import Wire

extension DomainAnchor {
    /// In what its data plane and its routing do not have what its engine has.
    func differences(of sessions: [SessionSnapshot], routed: Set<IPPrefix>) -> [String] {
        var found: [String] = []
        let held = ledger.sessions
        if Set(held.keys) != Set(sessions.map(\.identifier)) {
            found.append("forwards for \(held.keys.map(\.mobileNode)), but has other sessions")
        }
        for session in sessions where Set(held[session.identifier]?.prefixes ?? []) != Set(session.prefixes) {
            found.append("\(session.identifier.mobileNode) is forwarded with other prefixes than it has")
        }
        if ledger.routed != routed { found.append("routes other prefixes than are held") }
        let keys = held.values.compactMap(\.uplinkKey)
        if Set(keys).count != keys.count { found.append("two sessions have the same uplink key") }
        return found + differences(of: sessions.flatMap(\.legs))
    }

    private func differences(of legs: [LegSnapshot]) -> [String] {
        var found: [String] = []
        let active = legs.filter { $0.state == "active" }
        // What is being revoked carries traffic until its gateway has answered, if it did before (RFC 5846 §8.1).
        let revoking = legs.filter { $0.state == "revoking" }.map(\.identifier)
        if Set(active.map(\.identifier)) != Set(ledger.paths.keys.filter { !revoking.contains($0) }) {
            found.append("forwards over \(ledger.paths.keys), has \(active.map(\.identifier))")
        }
        for leg in active {
            guard let path = ledger.paths[leg.identifier] else { continue }
            let isSame =
                path.localAddress == leg.anchorAddress && path.remoteAddress == leg.observedAddress ?? leg.careOfAddress
                && path.encapsulation == leg.encapsulation && path.interfaceLabel == leg.interfaceLabel
            if !isSame { found.append("forwards over \(leg.identifier) otherwise than it is bound") }
        }
        return found
    }
}
