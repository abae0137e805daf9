// SPDX-License-Identifier: Apache-2.0
import Wire

/// What a session sees of the gateway's anchors, and what becomes of it when the gateway turns to another.
extension MobilitySession {
    /// Attempts in a row on a link after which it has done its part: where nothing is registered; where the data plane says
    /// that the path is dead, or the anchor was silent when it was left; and where heartbeats may still say otherwise.
    private static let attempts = (usual: 3, suspected: 2, registered: 5)

    /// Every link that could carry an answer has had its round. `wasSilent`: so has the anchor when it was left.
    func asksInVain(ofSuspect wasSilent: Bool) -> Bool {
        let usable = links.filter(\.isUsable)
        return phase == .running && !usable.isEmpty
            && usable.allSatisfy { link in
                if link.installed != nil, !link.isSilent {
                    // What carries the node's packets is not given up for a lost message.
                    return link.condition == .unproven && link.unanswered >= Self.attempts.registered
                }
                let isSuspected = link.isSilent || wasSilent
                return link.unanswered >= (isSuspected ? Self.attempts.suspected : Self.attempts.usual)
            }
    }

    /// Data gets through to the anchor.
    var isCarried: Bool { links.contains { $0.installed != nil && $0.condition == .alive } }

    /// Whoever of the gateway's nodes was answered.
    mutating func anchorAnswered(over index: Int) { links[index].unanswered = 0 }

    mutating func countAnew() {
        for index in links.indices { links[index].unanswered = 0 }
    }

    mutating func beginBreakOut() -> [Action] {
        guard settings.breakOut == .noAnchor, anchors.areAllSilent, !isBrokenOut, node.isLogical else { return [] }
        isBrokenOut = true
        return [.network(.beginBreakOut), .report(.breakOut(isOn: true))]
    }

    /// The session is back, or given up.
    mutating func endBreakOut() -> [Action] {
        guard isBrokenOut else { return [] }
        isBrokenOut = false
        return [.network(.endBreakOut), .report(.breakOut(isOn: false))]
    }

    /// A refusal that another anchor need not share (RFC 5213 §8.9: 153; RFC 6275 §6.1.8: 130). Whether it is left, as
    /// it is not while others of the gateway's nodes are well there.
    mutating func leaveRefusingAnchor(until holdDown: Instant, at now: Moment) -> Bool {
        guard !hasBindings, !othersHaveBindings, !anchors.isAlone,
            anchors.leaveRefusing(until: holdDown, at: now.instant)
        else { return false }
        shared.anchorLeft = .refused
        return true
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
        // It is for a gateway that begins. A session has begun here meanwhile, by another path or for another node, and
        // this one stays with it.
        guard !hasBindings, !othersHaveBindings else {
            guard links[index].granted == nil else { return [] }
            links[index].requests = []
            return register(index, at: now)
        }
        guard anchors.redirect(to: target, AnchorTimers(settings)) else { return nil }
        shared.anchorLeft = .redirected
        let prefixes = reply.options.all(HomeNetworkPrefix.self).compactMap(\.prefix)
        guard !prefixes.isEmpty, prefixes != session.homeNetworkPrefixes else { return [] }
        // What the node still has of an earlier session the other anchor does not lead to.
        let actions = endSession()
        session.homeNetworkPrefixes = prefixes
        return actions
    }

    /// What is registered with the anchor before is left to its lifetime. The session's prefixes stay where they are, and
    /// are asked for again by name.
    mutating func beginWithAnchor(because reason: Notice.RemovalReason) -> [Action] {
        guard phase == .running else { return followAnchorAddresses() }
        var actions: [Action] = []
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
        flows.forget()
        session.anchorFlows.removeAll()
        mode = firstMode
        // An earlier life of ours, or an earlier visit, may have left something there (RFC 8278 §4.1, O).
        needsOverwrite = true
        multipathRetryAt = .never
        isDelegationRefused = false
        isHomeAddressRefused = false
        refusedServices = []
        isProxyRegistrationRefused = false
        return actions + followAnchorAddresses()
    }

    /// RFC 5847 §3.2: no binding of ours exists any more; everything begins anew, with the same prefixes if the anchor
    /// agrees.
    mutating func anchorRestarted() -> [Action] {
        guard phase == .running else { return [] }
        var actions: [Action] = []
        for index in links.indices { actions += giveUp(index, because: .peerRestarted) }
        session.uplinkKey = nil
        // The site's it has lost, if all; its own it tells anew.
        flows.forget()
        mode = firstMode
        multipathRetryAt = .never
        return actions
    }

    /// RFC 5847 §3: what was registered here is not to be relied on; it is registered again once the anchor answers.
    mutating func anchorUnreachable(over index: Int, at now: Moment) -> [Action] {
        guard links[index].granted != nil else { return [] }
        let actions = uninstall(index)
        return links[index].registration.attempt == nil ? actions + refresh(index, inBulk: false, at: now) : actions
    }

    /// Signalling passes where data does not: perhaps the anchor lost the binding before we knew its restart counter.
    mutating func refreshInSilence(_ index: Int, at now: Moment) -> [Action] {
        guard links[index].isSilent, !links[index].isRefreshedInSilence, links[index].registration.attempt == nil,
            links[index].granted != nil, phase == .running
        else { return [] }
        links[index].isRefreshedInSilence = true
        return refresh(index, inBulk: false, at: now)
    }

    /// Each link's tunnel ends at the anchor's address of the link's family.
    mutating func followAnchorAddresses() -> [Action] {
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
