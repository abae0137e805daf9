// SPDX-License-Identifier: Apache-2.0
import Wire

/// Which anchor the gateway registers with, and when it turns to another.
///
/// The first of the list that answers and does not refuse is kept, whatever becomes of those before it: going back would
/// break every connection once more, and is left to the operator, who restarts the gateway, or to the anchor.
extension MobileAccessGateway {
    /// Attempts in a row on a link after which it has done its part: where nothing is registered; where the data plane says
    /// that the path is dead, or the anchor was silent when it was left; and where heartbeats may still say otherwise.
    private static let attempts = (usual: 3, suspected: 2, registered: 5)

    var anchor: KnownAnchor {
        get { anchors.current }
        set { anchors.current = newValue }
    }

    /// Looks names up, and turns to the next anchor when this one is silent.
    mutating func watchAnchor(at now: Moment) -> [Action] {
        guard phase == .running else { return [] }
        var actions: [Action] = []
        if isAnchorSilent { actions += anchorLost(at: now) }
        if case .wanted(let at, let attempt) = anchor.lookup, at <= now.instant {
            anchor.lookup = .underway(attempt: attempt)
            actions.append(.resolve(anchor: anchor.peer.name))
        }
        return actions
    }

    /// Every link that could carry an answer has had its round.
    private var isAnchorSilent: Bool {
        let usable = links.filter(\.isUsable)
        return !usable.isEmpty && usable.allSatisfy(hasAskedInVain)
    }

    private func hasAskedInVain(_ link: WANLink) -> Bool {
        if link.installed != nil, !link.isSilent {
            // What carries the site's packets is not given up for a lost message.
            return link.condition == .unproven && link.unanswered >= Self.attempts.registered
        }
        let isSuspected = link.isSilent || anchor.wasSilent
        return link.unanswered >= (isSuspected ? Self.attempts.suspected : Self.attempts.usual)
    }

    private mutating func anchorLost(at now: Moment) -> [Action] {
        let notice = Notice.anchorUnanswering(anchor.peer.name)
        for index in links.indices { links[index].unanswered = 0 }
        let wasAlone = anchors.isAlone
        anchors.leaveSilent(at: now.instant)
        let actions = [.report(notice)] + beginBreakOut()
        // Alone: its attempts go on as ever, perhaps to another address.
        return actions + (wasAlone ? [] : beginWithAnchor(because: .anchorLost))
    }

    private mutating func beginBreakOut() -> [Action] {
        guard settings.breakOut == .noAnchor, anchors.areAllSilent, !isBrokenOut else { return [] }
        isBrokenOut = true
        return [.network(.beginBreakOut), .report(.breakOut(isOn: true))]
    }

    /// The session is back, or given up.
    mutating func endBreakOut() -> [Action] {
        guard isBrokenOut else { return [] }
        isBrokenOut = false
        return [.network(.endBreakOut), .report(.breakOut(isOn: false))]
    }

    /// A refusal that another anchor need not share (RFC 5213 §8.9: 153; RFC 6275 §6.1.8: 130).
    mutating func leaveRefusingAnchor(until holdDown: Instant, at now: Moment) -> [Action]? {
        guard !links.contains(where: { $0.granted != nil }), !anchors.isAlone,
            anchors.leaveRefusing(until: holdDown, at: now.instant)
        else { return nil }
        return beginWithAnchor(because: .refused)
    }

    /// The acceptance names another anchor, which has our session, or takes it (RFC 6463 §5.2). nil: it does not count.
    mutating func redirected(
        _ index: Int,
        by reply: BindingAcknowledgement,
        to request: PendingUpdate,
        at now: Moment
    ) -> [Action]? {
        guard request.isRedirectable, let target = reply.options.first(Redirect.self)?.anchor,
            // RFC 6463 §4.2: unicast, and of the family that carried the update.
            target.isRoutableUnicast, target.isIPv4 == request.route.destination.isIPv4
        else { return nil }
        // It is for a session that begins. One has begun here meanwhile, by another path, and this one joins it.
        guard !links.contains(where: { $0.granted != nil }) else {
            guard links[index].granted == nil else { return [] }
            links[index].requests = []
            return register(index, at: now)
        }
        guard anchors.redirect(to: target, AnchorTimers(settings)) else { return nil }
        let prefixes = reply.options.all(HomeNetworkPrefix.self).compactMap(\.prefix)
        guard !prefixes.isEmpty, prefixes != session.homeNetworkPrefixes else {
            return beginWithAnchor(because: .redirected)
        }
        // What the site still has of an earlier session the other anchor does not lead to.
        let actions = endSession()
        session.homeNetworkPrefixes = prefixes
        return actions + beginWithAnchor(because: .redirected)
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
        multipathRetryAt = .never
        isDelegationRefused = false
        isHomeAddressRefused = false
        refusedServices = []
        isProxyRegistrationRefused = false
        return actions + followAnchorAddresses()
    }

    mutating func anchorResolved(_ name: String, _ addresses: [IPAddress], at now: Moment) -> [Action] {
        anchors.found(addresses, of: name, at: now.instant)
        guard addresses.isEmpty else { return followAnchorAddresses() }
        var actions: [Action] = [.report(.anchorUnknown(name))]
        if phase == .running, anchor.peer.name == name, anchor.addresses.isEmpty { actions += anchorLost(at: now) }
        return actions
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
