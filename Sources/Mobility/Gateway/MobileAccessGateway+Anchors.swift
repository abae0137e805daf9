// SPDX-License-Identifier: Apache-2.0
import Wire

/// Which anchor the gateway registers with, and when it turns to another, with all its nodes.
///
/// The first of the list that answers and does not refuse is kept, whatever becomes of those before it: going back would
/// break every connection once more, and is left to the operator, who restarts the gateway, or to the anchor.
extension MobileAccessGateway {
    /// Looks names up, and turns to the next anchor when this one is silent, or a session has found another.
    mutating func watchAnchor(at now: Moment) -> [Action] {
        spreadAnswers()
        var actions: [Action] = []
        if let reason = shared.anchorLeft {
            shared.anchorLeft = nil
            actions += beginWithAnchor(because: reason)
        }
        guard isRunning else { return actions }
        if isAnchorSilent { actions += anchorLost(at: now) }
        if case .wanted(let at, let attempt) = shared.anchor.lookup, at <= now.instant {
            shared.anchor.lookup = .underway(attempt: attempt)
            actions.append(.resolve(anchor: shared.anchor.peer.name))
        }
        return actions
    }

    /// What answers one node is there for all.
    private mutating func spreadAnswers() {
        for index in shared.heardOver {
            for session in sessions.indices { sessions[session].anchorAnswered(over: index) }
        }
        shared.heardOver = []
    }

    /// A node has asked in vain over every WAN, and no other's data gets through: that would be the node's own trouble.
    private var isAnchorSilent: Bool {
        sessions.contains { $0.asksInVain(ofSuspect: shared.anchor.wasSilent) }
            && !sessions.contains(where: \.isCarried)
    }

    private mutating func anchorLost(at now: Moment) -> [Action] {
        let notice = Notice.anchorUnanswering(shared.anchor.peer.name)
        for index in sessions.indices { sessions[index].countAnew() }
        let wasAlone = shared.anchors.isAlone
        shared.anchors.leaveSilent(at: now.instant)
        let actions = [.report(notice)] + eachSession { $0.beginBreakOut() }
        // Alone: its attempts go on as ever, perhaps to another address.
        return actions + (wasAlone ? [] : beginWithAnchor(because: .anchorLost))
    }

    private mutating func beginWithAnchor(because reason: Notice.RemovalReason) -> [Action] {
        [.report(.anchorChanged(to: shared.anchor.peer.name))] + eachSession { $0.beginWithAnchor(because: reason) }
    }

    mutating func anchorResolved(_ name: String, _ addresses: [IPAddress], at now: Moment) -> [Action] {
        shared.anchors.found(addresses, of: name, at: now.instant)
        guard addresses.isEmpty else { return eachSession { $0.followAnchorAddresses() } }
        var actions: [Action] = [.report(.anchorUnknown(name))]
        if isRunning, shared.anchor.peer.name == name, shared.anchor.addresses.isEmpty {
            actions += anchorLost(at: now)
        }
        return actions
    }
}
