// SPDX-License-Identifier: Apache-2.0
import Wire

/// Which anchor the gateway registers with, and when it turns to another.
///
/// The first of the list that answers and does not refuse is kept, whatever becomes of those before it: going back would
/// break every connection once more, and is left to the operator, who restarts the gateway, or to the anchor.
extension MobileAccessGateway {
    /// Attempts on each usable link, one second, two and four after one another, that a lost anchor is given.
    private static let attemptsOfARound = 3

    var anchor: KnownAnchor {
        get { anchors.current }
        set { anchors.current = newValue }
    }

    /// Looks names up, and turns to the next anchor when this one is silent.
    mutating func watchAnchor(at now: Moment) -> [Action] {
        guard phase == .running else { return [] }
        var actions: [Action] = []
        if isAnchorSilent || isAnchorNowhere { actions += anchorLost(at: now) }
        if case .wanted(let at, let attempt) = anchor.lookup, at <= now.instant {
            anchor.lookup = .underway(attempt: attempt)
            actions.append(.resolve(anchor: anchor.peer.name))
        }
        return actions
    }

    /// Every link that could carry an answer has had its round.
    private var isAnchorSilent: Bool {
        let usable = links.filter(\.isUsable)
        return !usable.isEmpty && usable.allSatisfy { $0.unanswered >= Self.attemptsOfARound }
    }

    /// Its name has stood for nothing, and there is another.
    private var isAnchorNowhere: Bool {
        guard !anchors.isAlone, anchor.addresses.isEmpty, case .wanted(_, let attempt) = anchor.lookup else {
            return false
        }
        return attempt > 1
    }

    private mutating func anchorLost(at now: Moment) -> [Action] {
        let notice = Notice.anchorUnanswering(anchor.peer.name)
        for index in links.indices { links[index].unanswered = 0 }
        anchors.leaveSilent(at: now.instant)
        // Alone: its attempts go on as ever, perhaps to another address.
        return [.report(notice)] + (anchors.isAlone ? [] : beginWithAnchor(because: .anchorLost))
    }

    /// A refusal that another anchor need not share (RFC 5213 §8.9: 153; RFC 6275 §6.1.8: 130).
    mutating func leaveRefusingAnchor(until holdDown: Instant, at now: Moment) -> [Action]? {
        guard !links.contains(where: { $0.granted != nil }), !anchors.isAlone,
            anchors.leaveRefusing(until: holdDown, at: now.instant)
        else { return nil }
        return beginWithAnchor(because: .refused)
    }

    /// What is registered with the anchor before is left to its lifetime. The session's prefixes stay in the site, and
    /// are asked for again by name.
    private mutating func beginWithAnchor(because reason: Notice.RemovalReason) -> [Action] {
        var actions: [Action] = [.report(.anchorChanged(to: anchor.peer.name))]
        for index in links.indices {
            actions += giveUp(index, because: reason)
            links[index].immediateRetries = 0
            links[index].unanswered = 0
            links[index].tunnel = nil
        }
        farewells = []
        session.uplinkKey = nil
        session.downlinkKey = nil
        session.isKnownToAnchor = false
        mode = settings.isMultipathWanted ? .discovering : .single(carrier: nil)
        // An earlier life of ours, or an earlier visit, may have left something there (RFC 8278 §4.1, O).
        needsOverwrite = true
        isDelegationRefused = false
        isHomeAddressRefused = false
        isHomeNetworkPrefixRefused = false
        return actions + followAnchorAddresses()
    }

    mutating func anchorResolved(_ name: String, _ addresses: [IPAddress], at now: Moment) -> [Action] {
        anchors.found(addresses, of: name, at: now.instant)
        let failure: [Action] = addresses.isEmpty ? [.report(.anchorUnknown(name))] : []
        return failure + followAnchorAddresses()
    }

    /// Each link's tunnel ends at the anchor's address of the link's family.
    private mutating func followAnchorAddresses() -> [Action] {
        var actions: [Action] = []
        for index in links.indices {
            let address = anchor.address(of: links[index].settings.family)
            guard address != links[index].anchorAddress else { continue }
            actions += giveUp(index, because: .anchorLost)
            links[index].anchorAddress = address
            links[index].unanswered = 0
        }
        return actions
    }
}
