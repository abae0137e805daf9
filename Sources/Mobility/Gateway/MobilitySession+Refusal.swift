// SPDX-License-Identifier: Apache-2.0
import Wire

/// What a gateway does about each refusal (RFC 5213 §6.9.1.2, RFC 5845 §4.2, RFC 7148 §5.1.2, RFC 8278 §4.4).
extension MobilitySession {
    /// Before multipath, once refused or not understood, is asked for again (RFC 8278 §4.4 names no time).
    static let multipathHoldDown = Duration.seconds(3600)
    /// Before a refused registration is tried again.
    static let refusalHoldDown = Duration.seconds(60)
    /// After a refusal for the clock's sake: somebody has to set it first.
    static let clockHoldDown = Duration.seconds(30)
    /// While waiting for that.
    private static let clockPoll = Duration.seconds(1)
    /// Refusals in a row after which trying again at once is no longer believed in.
    private static let immediateRetriesAllowed = 3

    /// What one anchor refuses and another may grant: the first lacks something, or is not the node's.
    private static let anothersChoice: Set<BindingStatus> = [.insufficientResources, .notLMAForThisMobileNode]

    private enum Reaction {
        case waitForClock, repeatAtOnce, continueFromNumber, goOnWithoutMultipath, askForOtherPrefix
        case askForOtherDelegation, giveUpDelegation, askForGRE, goOnWithoutUDP
        case askForOtherHomeAddress, goOnWithoutHomeAddress, giveUp(AddressService), standStill, holdDown
    }

    /// Whatever is not here is held down.
    private static let reactions: [BindingStatus: Reaction] = [
        .timestampMismatch: .waitForClock,
        .timestampLowerThanPreviouslyAccepted: .repeatAtOnce,
        .sequenceNumberOutOfWindow: .continueFromNumber,
        .cannotSupportMultipathBinding: .goOnWithoutMultipath,
        .notAuthorizedForHomeNetworkPrefix: .askForOtherPrefix,
        .prefixSetDoesNotMatch: .askForOtherPrefix,
        .requestedDelegatedPrefixInUse: .askForOtherDelegation,
        .notAuthorizedForDelegatedPrefix: .giveUpDelegation,
        .greKeyOptionRequired: .askForGRE,
        .administrativelyProhibited: .goOnWithoutUDP,
        .notAuthorizedForIPv4HomeAddress: .askForOtherHomeAddress,
        .notAuthorizedForIPv4MobilityService: .giveUp(.ipv4HomeAddress),
        .insufficientResources: .goOnWithoutHomeAddress,
        .notAuthorizedForIPv6MobilityService: .giveUp(.homeNetworkPrefixes),
        .proxyRegistrationNotEnabled: .standStill,
    ]

    mutating func refused(
        _ index: Int,
        _ request: PendingUpdate,
        _ reply: BindingAcknowledgement,
        at now: Moment
    ) -> [Action] {
        let status = reply.status
        counters.refuse(status)
        let notice = Notice.registrationRefused(node.identifier, by: request.route.destination, status)
        // So the anchor answers who has missed that the node has gone to another gateway.
        let isElsewhere = request.handoff == .notChanged && status == .reasonUnspecified
        guard node.isLogical || !isElsewhere else { return [.report(notice)] + letGoForGood(isElsewhere: true) }
        return [.report(notice)] + react(to: reply, to: request, on: index, at: now)
    }

    private mutating func react(
        to reply: BindingAcknowledgement,
        to request: PendingUpdate,
        on index: Int,
        at now: Moment
    ) -> [Action] {
        let status = reply.status
        switch Self.reactions[status] ?? .holdDown {
        case .waitForClock: return clockRefused(index, request, reply, at: now)
        case .repeatAtOnce:
            // RFC 5213 §5.5: with a later time stamp; how much later, the anchor's clock tells.
            if let theirs = reply.options.first(TimestampOption.self)?.timestamp { anchor.clock.overtake(theirs) }
            return retryAtOnce(index, status, at: now)
        case .continueFromNumber:
            sequence = reply.sequence
            return retryAtOnce(index, status, at: now)
        case .goOnWithoutMultipath:
            guard request.binding != nil else { return holdDown(index, status, at: now) }
            // RFC 8278 §4.4: then without, on this path.
            let actions = settle(false, index, request, because: status, at: now)
            links[index].forget()
            return actions + register(index, at: now)
        case .askForOtherPrefix: return askForOtherPrefix(index, request, status, at: now)
        case .askForOtherDelegation: return askForOtherDelegation(index, status, at: now)
        case .giveUpDelegation:
            guard !isDelegationRefused else { return holdDown(index, status, at: now) }
            isDelegationRefused = true
            session.relayed.abandonAll()
            return retryAtOnce(index, status, at: now)
        case .askForGRE:
            // RFC 5845 §4.2
            guard let wanted = request.tunnel, !wanted.usesGRE else { return holdDown(index, status, at: now) }
            anchor.lacksGRE = false
            links[index].tunnel = wanted.withGRE
            return retryAtOnce(index, status, at: now)
        case .goOnWithoutUDP:
            // RFC 5844 §4.1.3.1: perhaps it is F that the anchor does not grant. One that has granted it means something
            // else, such as a revocation that we have not heard of (RFC 5846 §8.1); if it says so again, it does not.
            guard let wanted = request.tunnel, wanted.isUDP, !anchor.grantsUDP else {
                anchor.grantsUDP = false
                return holdDown(index, status, at: now)
            }
            links[index].tunnel = wanted.withoutUDP
            return retryAtOnce(index, status, at: now)
        case .askForOtherHomeAddress:
            // Another path's refusal has made us give that address up already; it says nothing of others.
            let named = reply.options.first(IPv4HomeAddressReply.self)?.address
            if let named, named.isUnicast, named != session.homeAddress?.address {
                return retryAtOnce(index, status, at: now)
            }
            return askForOtherHomeAddress(index, status, at: now)
        case .goOnWithoutHomeAddress: return goOnWithoutHomeAddress(index, status, at: now)
        case .giveUp(let service):
            guard wants(service) else { return holdDown(index, status, at: now) }
            refusedServices.insert(service)
            guard AddressService.allCases.contains(where: wants) else { return standStill(index, status) }
            return retryAtOnce(index, status, at: now)
        case .standStill:
            isProxyRegistrationRefused = true
            return standStill(index, status)
        case .holdDown: return holdDown(index, status, at: now)
        }
    }

    /// RFC 5213 §6.9.1.2: not that prefix again, unless another path uses it.
    private mutating func askForOtherPrefix(
        _ index: Int,
        _ request: PendingUpdate,
        _ status: BindingStatus,
        at now: Moment
    ) -> [Action] {
        guard !session.homeNetworkPrefixes.isEmpty else { return holdDown(index, status, at: now) }
        // Most likely the anchor has ended the session unheard, and the prefix is somebody else's. So the other paths ask as
        // well; where the node has just arrived, what they have was an earlier visit's.
        let isClaim = links[index].granted != nil && request.handoff != .notChanged
        guard isClaim || !isHeldByOthers(than: index) else {
            return holdDown(index, status, at: now) + refreshGranted(at: now)
        }
        var actions = links.indices.filter { $0 == index || links[$0].granted != nil }
            .flatMap { giveUp($0, because: .refused) }
        actions += endSession()
        session.homeNetworkPrefixes = []
        session.delegatedPrefixes = []
        // What the prefix was to blame for is over.
        for other in links.indices where links[other].registration.status == status { links[other].forget() }
        return actions + retryAtOnce(index, status, at: now)
    }

    private mutating func refreshGranted(at now: Moment) -> [Action] {
        links.indices.filter { links[$0].granted != nil && links[$0].isUsable && links[$0].registration.attempt == nil }
            .flatMap { refresh($0, inBulk: false, at: now) }
    }

    /// RFC 5844 §3.1.2.2, likewise: one of the anchor's choice, and if it has none to give, none.
    private mutating func askForOtherHomeAddress(_ index: Int, _ status: BindingStatus, at now: Moment) -> [Action] {
        guard session.homeAddress != nil, !isHeldByOthers(than: index) else {
            return goOnWithoutHomeAddress(index, status, at: now)
        }
        session.homeAddress = nil
        let actions = giveUp(index, because: .refused) + (session.installed == nil ? [] : installSession())
        return actions + retryAtOnce(index, status, at: now)
    }

    /// IPv6 alone is better than nothing, and so is a path without an address that no path has. Who asks by DHCP has it asked
    /// for again.
    private mutating func goOnWithoutHomeAddress(_ index: Int, _ status: BindingStatus, at now: Moment) -> [Action] {
        // One more of a router's may be too many.
        if session.relayed.abandonPending() { return retryAtOnce(index, status, at: now) }
        guard wants(.ipv4HomeAddress), wants(.homeNetworkPrefixes),
            session.homeAddress == nil || !isHeldByOthers(than: index)
        else { return holdDown(index, status, at: now) }
        if node.isLogical { isHomeAddressRefused = true } else { isHomeAddressReleased = true }
        return retryAtOnce(index, status, at: now)
    }

    /// RFC 7148 §5.1.2, likewise.
    private mutating func askForOtherDelegation(_ index: Int, _ status: BindingStatus, at now: Moment) -> [Action] {
        if session.relayed.abandon() {
            return (session.installed == nil ? [] : installSession()) + retryAtOnce(index, status, at: now)
        }
        guard !session.delegatedPrefixes.isEmpty, !isHeldByOthers(than: index) else {
            return holdDown(index, status, at: now)
        }
        session.delegatedPrefixes = []
        let actions = giveUp(index, because: .refused) + (session.installed == nil ? [] : installSession())
        return actions + retryAtOnce(index, status, at: now)
    }

    /// RFC 5213 §5.5: not again before the clock is right, and not by the anchor's, unless the operator wants that and
    /// nobody else can have said so.
    private mutating func clockRefused(
        _ index: Int,
        _ request: PendingUpdate,
        _ reply: BindingAcknowledgement,
        at now: Moment
    ) -> [Action] {
        let theirs = reply.options.first(TimestampOption.self)?.timestamp ?? request.timestamp
        // The anchor's clock read a time between then and now: it is the network that took too long. The next attempt
        // comes when it would have come.
        guard theirs <= request.timestamp || theirs > anchor.clock.time(at: now) else { return [] }
        let difference = theirs.distance(to: request.timestamp)
        let notice = Action.report(.clockDiffers(from: request.route.destination, by: difference))
        if anchor.peer.clock == .followAnchor, anchor.peer.authentication != .none,
            reply.options.first(TimestampOption.self) != nil
        {
            anchor.clock.follow(theirs, sentAt: request.sentAt, at: now)
            return [notice] + retryAtOnce(index, reply.status, at: now)
        }
        hold(index, reply.status, until: now.instant + Self.clockPoll)
        links[index].clockWait = ClockWait(until: now.instant + Self.clockHoldDown, refusedAt: now)
        return [notice]
    }

    /// Held for the clock's sake: again when it was set, or once in a while, since it may have been set by little.
    mutating func clockPollDue(_ index: Int, _ status: BindingStatus?, at now: Moment) -> Bool {
        guard let wait = links[index].clockWait else { return false }
        guard wait.until > now.instant, !wait.wasSet(at: now) else {
            links[index].clockWait = nil
            return false
        }
        links[index].registration = .refused(status, retryAt: min(wait.until, now.instant + Self.clockPoll))
        return true
    }

    /// Until an operator acts.
    private mutating func standStill(_ index: Int, _ status: BindingStatus) -> [Action] {
        let actions = giveUp(index, because: .refused)
        hold(index, status, until: .never)
        return actions + withdraw()
    }

    /// RFC 5213 §6.9.1.2: of a node that has no binding left no prefix is advertised, and nothing forwarded.
    private mutating func withdraw() -> [Action] {
        links.contains { $0.granted != nil } ? [] : endBreakOut() + endSession()
    }

    /// Whether it is asked for.
    func wants(_ service: AddressService) -> Bool {
        guard !refusedServices.contains(service) else { return false }
        return switch service {
        case .ipv4HomeAddress: node.requestsIPv4HomeAddress && !isHomeAddressRefused && !isHomeAddressReleased
        case .homeNetworkPrefixes: node.requestsHomeNetworkPrefix
        }
    }

    /// Whether prefixes of its family are asked for (RFC 7148 §5.1.2).
    func wantsDelegation(of prefix: IPPrefix) -> Bool {
        prefix.isIPv4 ? node.requestsDelegatedIPv4 : node.requestsDelegatedIPv6
    }

    /// Later, and perhaps elsewhere.
    private mutating func holdDown(_ index: Int, _ status: BindingStatus, at now: Moment) -> [Action] {
        let actions = giveUp(index, because: .refused)
        links[index].tunnel = nil
        if Self.anothersChoice.contains(status),
            leaveRefusingAnchor(until: now.instant + Self.refusalHoldDown, at: now)
        {
            return actions
        }
        if !isHeldByOthers(than: index) { isHomeAddressRefused = false }
        hold(index, status, until: now.instant + Self.refusalHoldDown)
        return actions + withdraw()
    }

    private func isHeldByOthers(than index: Int) -> Bool {
        links.indices.contains { $0 != index && links[$0].granted != nil }
    }

    private mutating func hold(_ index: Int, _ status: BindingStatus, until retryAt: Instant) {
        links[index].requests = []
        links[index].immediateRetries = 0
        links[index].registration = .refused(status, retryAt: retryAt)
    }

    /// What the refusal complained of is changed; but a peer that always complains is not asked for ever.
    private mutating func retryAtOnce(_ index: Int, _ status: BindingStatus, at now: Moment) -> [Action] {
        links[index].requests = []
        guard links[index].immediateRetries < Self.immediateRetriesAllowed else {
            hold(index, status, until: now.instant + Self.refusalHoldDown)
            return []
        }
        links[index].immediateRetries += 1
        return links[index].granted == nil ? register(index, at: now) : refresh(index, at: now)
    }

    /// The path is no longer registered.
    mutating func giveUp(_ index: Int, because reason: Notice.RemovalReason) -> [Action] {
        let granted = links[index].granted
        let retries = links[index].immediateRetries
        let actions = uninstall(index)
        links[index].forget()
        pathsChangedForFlows()
        links[index].immediateRetries = retries
        return actions + (granted.map { [.report(.bindingRemoved($0.path, reason: reason))] } ?? [])
    }
}
