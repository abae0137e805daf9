// SPDX-License-Identifier: Apache-2.0
import Mobility
import Wire

extension RegistrationModel {
    /// In what an anchor's sessions are not those that it should have.
    func differences(from sessions: [SessionSnapshot], at now: Instant) -> [String] {
        var found = overdue(at: now).map { [$0] } ?? []
        let expected = holdings.flatMap { node, held in held.map { _ in node.description } }
        let present = sessions.map(\.identifier.mobileNode.description)
        if present.sorted() != expected.sorted() { found.append("has \(present), should have \(expected)") }
        for session in sessions {
            let held = holdings[session.identifier.mobileNode, default: []]
            guard let holding = held.first(where: { $0.prefixes == Set(session.prefixes) }) else {
                found.append("\(session.identifier) has \(session.prefixes), told was \(held.map(\.prefixes))")
                continue
            }
            found += Self.differences(of: session, from: holding)
        }
        return found
    }

    private static func differences(of session: SessionSnapshot, from holding: Holding) -> [String] {
        var found: [String] = []
        if session.gateway != DomainPlan.name(holding.gateway) {
            found.append(
                "\(session.identifier) is \(session.gateway)'s, but gateway \(holding.gateway) was told that it has it"
            )
        }
        let legs = session.legs.map { "\($0.identifier.binding?.rawValue ?? 0) \($0.isLeaving)" }
        let expected = holding.legs.map { "\($0.key?.rawValue ?? 0) \($0.value.isLeaving)" }
        if legs.sorted() != expected.sorted() {
            found.append(
                "\(session.identifier): has paths \(legs.sorted()) (leaving?), should have \(expected.sorted())"
            )
        }
        // A store keeps wall-clock time, which is coarser.
        let isSame: (LegSnapshot) -> Bool = { leg in
            guard let told = holding.legs[leg.identifier.binding]?.endsAt, let end = leg.expiresAt else { return false }
            return end - told < .milliseconds(1) && told - end < .milliseconds(1)
        }
        for leg in session.legs where !isSame(leg) {
            found.append("\(leg.identifier) ends at another time than it was told")
        }
        return found
    }
}
