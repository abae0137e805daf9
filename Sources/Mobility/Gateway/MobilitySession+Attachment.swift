// SPDX-License-Identifier: Apache-2.0
import Wire

/// A physical node that the access side tells of once more, or that another gateway has taken over.
extension MobilitySession {
    /// While its leave is under way it comes back with what it had. While it is registered, somebody else may have
    /// registered it meanwhile: the anchor is told that it is here.
    mutating func attachedAgain(_ attachment: MobileNodeAttachment, at now: Moment) -> [Action] {
        hasArrived = false
        guard phase == .running, node.isLike(attachment) else {
            let actions = phase == .running ? stop(at: now) : []
            comeBack(as: attachment)
            return actions
        }
        node.attachment = attachment
        if !hasBindings { tryAgain() }
        guard let index = links.firstIndex(where: { $0.granted != nil && $0.isUsable && !$0.isSilent }) else {
            return []
        }
        return claim(index, at: now)
    }

    /// Somebody has looked at what was refused.
    private mutating func tryAgain() {
        isProxyRegistrationRefused = false
        refusedServices = []
        for index in links.indices where links[index].registration.isRefused { links[index].forget() }
    }

    /// What the de-registration would have taken is asked for by name; its answer finds nobody who waits for it.
    private mutating func comeBack(as attachment: MobileNodeAttachment) {
        for index in links.indices { links[index].forget() }
        node = ServedNode(attachment)
        if !node.requestsHomeNetworkPrefix { session.homeNetworkPrefixes = [] }
        if !node.requestsIPv4HomeAddress { session.homeAddress = nil }
        farewells = []
        forgetRevocations()
        isHomeAddressReleased = false
        needsOverwrite = true
        session.isKnownToAnchor = false
        phase = .stopped
        start()
    }

    /// Most often it is another gateway's: not served any longer, and not asked for before it attaches anew.
    mutating func letGoForGood(isElsewhere: Bool) -> [Action] {
        for index in links.indices { links[index].forget() }
        farewells = []
        phase = .stopped
        return stopServing(isElsewhere: isElsewhere)
    }
}
