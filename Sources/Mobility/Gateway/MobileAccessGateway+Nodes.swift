// SPDX-License-Identifier: Apache-2.0
import Wire

/// Physical mobile nodes that come (RFC 5213 §6.9.1.1).
extension MobileAccessGateway {
    mutating func attached(_ attachment: MobileNodeAttachment, at now: Moment) -> [Action] {
        guard isRunning else { return [] }
        guard let index = index(of: SessionIdentifier(mobileNode: attachment.identifier)) else {
            return takeUp(attachment)
        }
        guard !sessions[index].node.isLogical else { return [] }
        return withSession(index) { $0.attachedAgain(attachment, at: now) }
    }

    private mutating func takeUp(_ attachment: MobileNodeAttachment) -> [Action] {
        let attached = sessions.filter { !$0.node.isLogical }.count
        guard attached < settings.maximumMobileNodes else {
            defer { isKnownToBeFull = true }
            return isKnownToBeFull ? [] : [.report(.mobileNodeTurnedAway(attachment.identifier, attached: attached))]
        }
        isKnownToBeFull = false
        var session = MobilitySession(of: ServedNode(attachment), &shared)
        for index in session.links.indices { session.links[index].careOf = careOfAddresses[index] }
        session.start()
        sessions.append(session)
        return []
    }
}
