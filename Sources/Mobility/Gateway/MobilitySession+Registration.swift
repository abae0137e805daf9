// SPDX-License-Identifier: Apache-2.0
import Wire

/// Which paths are registered when (RFC 8278 §3, Figure 2), and the updates for it (RFC 5213 §6.9.1).
extension MobilitySession {
    /// Attempts on one path, unanswered, before capability discovery and a single binding look for another path.
    static let patience = 2

    /// Begins every registration whose time has come.
    mutating func advance(at now: Moment) -> [Action] {
        guard phase == .running, !isProxyRegistrationRefused, AddressService.allCases.contains(where: wants) else {
            return []
        }
        return tellOfRouters(at: now) + registerDue(at: now) + tellOfFlows(at: now) + tellOfMetrics(at: now)
    }

    private mutating func registerDue(at now: Moment) -> [Action] {
        switch mode {
        case .discovering:
            // RFC 8278 §4.4: one path until the anchor has shown that it knows multipath; only a path that seems dead
            // does not hold up the next.
            let isAsking = links.contains { $0.registration.attempt.map { $0 <= Self.patience } ?? false }
            guard !isAsking, let index = links.firstIndex(where: \.isStartable) else { return [] }
            return register(index, at: now)
        case .multipath:
            return links.indices.filter { links[$0].isStartable }.flatMap { register($0, at: now) }
        case .single(let carrier): return advanceSingle(from: carrier, at: now)
        }
    }

    private mutating func advanceSingle(from carrier: Int?, at now: Moment) -> [Action] {
        if let carrier {
            let link = links[carrier]
            let isStuck = (link.registration.attempt ?? 0) > Self.patience || link.isSilent
            let others = links.indices.filter { $0 != carrier && links[$0].isStartable }
            // The next in the configured order, round about.
            guard isStuck || !link.isUsable, let next = others.first(where: { $0 > carrier }) ?? others.first else {
                return link.isStartable ? register(carrier, at: now) : []
            }
            let actions = uninstall(carrier)
            links[carrier].forget()
            mode = .single(carrier: next)
            return actions + register(next, at: now)
        }
        guard let first = links.firstIndex(where: \.isStartable) else { return [] }
        mode = .single(carrier: first)
        return register(first, at: now)
    }

    mutating func register(_ index: Int, at now: Moment) -> [Action] {
        links[index].registration = .registering(attempt: 1, retryAt: now.instant + pause(before: 1))
        return send(index, handoff: registrationHandoff(at: now), at: now)
    }

    /// RFC 8278 §4.4 leaves it open; 2 and 3 would mean a hand-off to an anchor that keeps one binding, which is what
    /// is meant only without multipath. There a gateway that has just started does not know whether the anchor holds a
    /// binding of its earlier life, and must not be given another session beside it (RFC 5213 §5.4.1.3).
    private func registrationHandoff(at now: Moment) -> HandoffIndicator {
        if let attachment = node.attachment, !hasBindings { return arrivalHandoff(of: attachment) }
        return switch mode {
        case .discovering, .multipath: .attachmentOverNewInterface
        case .single:
            session.isKnownToAnchor && (session.validUntil ?? .zero) > now.instant
                ? .handoffBetweenInterfaces : .unknown
        }
    }

    /// A physical node that is registered is here all the same, whoever has registered it meanwhile. If nobody has, no path
    /// is disturbed; if somebody has, the other paths are gone at the anchor, and are registered again after this one.
    mutating func claim(_ index: Int, at now: Moment) -> [Action] {
        guard let attachment = node.attachment else { return [] }
        // Where its interface does not tell, the anchor might give it a session beside the other gateway's.
        if node.linkLayerIdentifier == nil { needsOverwrite = true }
        links[index].registration = .refreshing(attempt: 1, retryAt: now.instant + pause(before: 1))
        links[index].requests = []
        let actions = send(index, handoff: arrivalHandoff(of: attachment), at: now)
        links[index].newestOverwrite = links[index].requests.last?.number
        return actions
    }

    /// RFC 5213 §6.9.1.1 (4). Once the access side's word has been told, nobody knows where the node was meanwhile.
    private func arrivalHandoff(of attachment: MobileNodeAttachment) -> HandoffIndicator {
        let isKnown = [.attachmentOverNewInterface, .handoffBetweenGateways].contains(attachment.handoff)
        return isKnown && !hasArrived ? attachment.handoff : .unknown
    }

    /// RFC 8278 §4.4: an anchor that could not may have learnt it, and one that would not may have another mind. The path
    /// that there is asks for it, with O, and serves on until the answer.
    mutating func askForMultipath(at now: Moment) -> [Action] {
        multipathRetryAt = now.instant + Self.multipathHoldDown
        guard phase == .running, case .single(let carrier?) = mode, links[carrier].granted != nil,
            links[carrier].registration.attempt == nil, !links[carrier].isSilent
        else { return [] }
        mode = .discovering
        needsOverwrite = true
        links[carrier].registration = .refreshing(attempt: 1, retryAt: now.instant + pause(before: 1))
        links[carrier].requests = []
        return send(carrier, handoff: .attachmentOverNewInterface, at: now)
    }

    /// The lifetime draws to its end.
    mutating func refreshDue(_ index: Int, at now: Moment) -> [Action] {
        // Another path's bulk refresh is under way and will serve this one, unless it stays unanswered.
        let bulk = links.first { link in
            link.requests.last?.isBulk == true && link.registration.attempt.map { $0 <= Self.patience } == true
        }
        if let bulk {
            links[index].registration = .registered(refreshAt: bulk.registration.deadline + .milliseconds(1))
            return []
        }
        let isAlive = { (link: WANLink) in link.granted != nil && link.isUsable && !link.isSilent }
        if links[index].isSilent, refreshesInBulk, let other = links.firstIndex(where: isAlive),
            links[other].registration.attempt == nil
        {
            links[index].registration = .registered(refreshAt: now.instant + answerTimeout)
            return refresh(other, at: now)
        }
        return refresh(index, at: now)
    }

    private var refreshesInBulk: Bool {
        settings.refreshesInBulk && mode == .multipath && !needsOverwrite
            && links.filter { $0.granted != nil }.count > 1
    }

    mutating func refresh(_ index: Int, inBulk: Bool = true, at now: Moment) -> [Action] {
        links[index].registration = .refreshing(attempt: 1, retryAt: now.instant + pause(before: 1))
        links[index].requests = []
        return send(index, handoff: .notChanged, isBulk: inBulk && refreshesInBulk, at: now)
    }

    /// RFC 6275 §11.8: twice as long after each attempt, up to MAX_BINDACK_TIMEOUT. Where several anchors are asked by
    /// turns, each turn begins later than the one before.
    private func pause(before attempt: Int) -> Duration {
        let turns = anchors.isAlone ? 0 : min(anchors.fruitlessRounds, 3)
        return anchor.timers.pause(after: attempt - 1 + turns)
    }

    /// No answer in time: once more with a fresh time stamp and number (RFC 5213 §6.9.4), after twice the time.
    mutating func retransmit(_ index: Int, at now: Moment) -> [Action] {
        let link = links[index]
        guard let attempt = link.registration.attempt, let last = link.requests.last else {
            links[index].registration = .idle
            return []
        }
        let retryAt = now.instant + pause(before: attempt + 1)
        if link.registration.isRegistering {
            links[index].registration = .registering(attempt: attempt + 1, retryAt: retryAt)
        } else {
            links[index].registration = .refreshing(attempt: attempt + 1, retryAt: retryAt)
        }
        // An anchor that knows nothing of UDP over IPv6 never answers it, and something on the way may let nothing else
        // through: by turns, until one is answered.
        if attempt >= Self.patience, link.isAutomaticIPv6, link.isOpenToUDP(hasProbes: session.hasPathProbes) {
            links[index].signalsOverUDP.toggle()
        }
        return send(index, handoff: last.handoff, isBulk: last.isBulk && refreshesInBulk, at: now)
    }

    /// A registration or refresh of the link, over the link itself.
    private mutating func send(
        _ index: Int,
        handoff: HandoffIndicator,
        isBulk: Bool = false,
        at now: Moment
    ) -> [Action] {
        let link = links[index]
        guard let careOf = link.careOf, let route = link.route else { return [] }
        var request = PendingUpdate(
            number: nextNumber(),
            sequence: nextSequence(),
            timestamp: anchor.clock.next(at: now),
            sentAt: now.instant,
            careOf: careOf,
            route: route,
            handoff: handoff,
            binding: hasMultipathOptions ? link.settings.binding : nil,
            isOverwrite: needsOverwrite && hasMultipathOptions && !isBulk,
            isBulk: isBulk,
            // RFC 6463 §5.2: where a session begins; and once, lest anchors send us round for ever.
            isRedirectable: settings.acceptsRedirection && handoff == .attachmentOverNewInterface
                && !anchors.isRedirected && !hasBindings && !othersHaveBindings,
            relayed: relayedNames,
            tunnel: wantedTunnel(of: link),
            metrics: shared.metrics[index],
            namesHomeAddress: wants(.ipv4HomeAddress)
        )
        let datagram = datagram(of: &request, for: link.settings)
        links[index].remember(request)
        links[index].metricsToldAt = request.metrics.isEmpty ? links[index].metricsToldAt : now.instant
        if request.isOverwrite { links[index].newestOverwrite = request.number }
        return [.send(datagram)]
    }

    /// RFC 5213 §6.9.1.4: over the link itself, or over another with the care-of address in an option.
    mutating func sendDeregistration(
        of careOf: IPAddress,
        _ binding: BindingIdentifier?,
        of wan: WANSettings,
        over index: Int,
        onlyOf homeAddress: IPv4HomeAddressRequest? = nil,
        at now: Moment
    ) -> (PendingUpdate, Action)? {
        guard let route = links[index].route else { return nil }
        var request = PendingUpdate(
            number: nextNumber(),
            sequence: nextSequence(),
            timestamp: anchor.clock.next(at: now),
            sentAt: now.instant,
            careOf: careOf,
            route: route,
            handoff: .unknown,
            binding: binding,
            isOverwrite: false,
            isBulk: false,
            tunnel: nil,
            releasedHomeAddress: homeAddress
        )
        let datagram = datagram(of: &request, for: wan)
        return (request, .send(datagram))
    }

    private var hasMultipathOptions: Bool {
        switch mode {
        case .discovering, .multipath: true
        case .single: false
        }
    }

    private mutating func nextSequence() -> UInt16 {
        sequence &+= 1
        return sequence
    }

    private mutating func nextNumber() -> UInt64 {
        sentUpdates &+= 1
        return sentUpdates
    }

    private mutating func datagram(of request: inout PendingUpdate, for wan: WANSettings) -> Datagram {
        var flags: BindingUpdate.Flags = [.acknowledge, .proxyRegistration]
        if request.tunnel?.isUDP == true { flags.insert(.forceUDP) }
        if request.tunnel?.usesTLV == true { flags.insert(.tlvHeader) }
        let update = BindingUpdate(
            sequence: request.sequence,
            flags: flags,
            lifetime: request.isDeregistration ? .zero : BindingLifetime(settings.lifetime),
            options: options(of: &request, for: wan)
        )
        let message = MobilityMessage.bindingUpdate(update)
        counters.send(message)
        return Authentication.seal(
            anchor.peer.compatibility.theirForm(of: message),
            on: request.route,
            careOf: request.careOf,
            by: anchor.peer.authentication
        )
    }

    private mutating func options(of request: inout PendingUpdate, for wan: WANSettings) -> MobilityOptions {
        var options = MobilityOptions([MobileNodeIdentifier(node.identifier)])
        if let released = request.releasedHomeAddress {
            options.append(released)
        } else {
            for prefix in homeNetworkPrefixOptions { options.append(prefix) }
            if let option = homeAddressOption { options.append(option) }
        }
        options.append(request.handoff)
        options.append(AccessTechnologyType(node.accessTechnology))
        if let identifier = node.linkLayerIdentifier { options.append(identifier) }
        options.append(TimestampOption(request.timestamp))
        // Where an address translator can be, the anchor finds it by this (see docs/udp-over-ipv6.md for IPv6).
        if request.careOf != request.route.source || request.route.isUDP { options.append(careOf: request.careOf) }
        // RFC 5845 §4.2: a de-registration carries none.
        if request.tunnel?.usesGRE == true { options.append(GREKey(settings.wantsGREKey ? downlinkKey() : nil)) }
        // RFC 8278 §4.4: both in every update.
        if let binding = request.binding {
            options.append(
                MAGMultipathBinding(
                    accessTechnology: wan.accessTechnology,
                    interfaceLabel: wan.label,
                    bindingIdentifier: binding.rawValue,
                    isBulkReregistration: request.isBulk,
                    isOverwrite: request.isOverwrite
                )
            )
            options.append(MAGIdentifier(settings.identifier))
        }
        if namesAccessNetworks { options.append(accessNetwork(of: wan)) }
        if request.isRedirectable { options.append(RedirectCapability()) }
        if request.releasedHomeAddress == nil { for delegated in delegatedOptions { options.append(delegated) } }
        if let announcement { options.append(announcement) }
        if !request.metrics.isEmpty { options.append(request.metrics.option) }
        tellFlows(in: &request, &options)
        return options
    }

    private var announcement: VendorSpecific? {
        var capabilities: CapabilityAnnouncement.Capabilities = []
        if settings.announcesProbes { capabilities.formUnion([.pathProbes, .pathReports, .sizeProbes]) }
        if settings.flowBindings == .schemes { capabilities.insert(.flowSchemes) }
        if !session.anchorFlows.isEmpty { capabilities.insert(.anchorRules) }
        return CapabilityAnnouncement(capabilities, number: settings.announcesProbes ? probeNumber : 0).option
    }

    /// RFC 5844 §3.2.3.3: the same in every update, a leave included; a request if there is none yet.
    private var homeNetworkPrefixOptions: [HomeNetworkPrefix] {
        guard wants(.homeNetworkPrefixes) else { return [] }
        let prefixes = session.homeNetworkPrefixes.compactMap(HomeNetworkPrefix.init)
        return prefixes.isEmpty ? [.request] : prefixes
    }

    private var homeAddressOption: IPv4HomeAddressRequest? {
        guard wants(.ipv4HomeAddress) else { return nil }
        return session.homeAddress.map(IPv4HomeAddressRequest.init) ?? .allocation
    }

    /// RFC 7148 §5.1.2: what we have is named, what we want and lack is asked for.
    private var delegatedOptions: [DelegatedMobileNetworkPrefix] {
        guard !isDelegationRefused else { return [] }
        let known = session.delegatedPrefixes.map(DelegatedMobileNetworkPrefix.init)
        let lacksIPv6 = node.requestsDelegatedIPv6 && !known.contains { !$0.address.isIPv4 }
        let lacksIPv4 = node.requestsDelegatedIPv4 && !known.contains { $0.address.isIPv4 }
        return known + (lacksIPv6 ? [.requestIPv6] : []) + (lacksIPv4 ? [.requestIPv4] : [])
            + relayedNames.map(DelegatedMobileNetworkPrefix.init)
    }

    private var relayedNames: [IPPrefix] { isDelegationRefused ? [] : session.relayed.named }

    // MARK: What routers behind the gateway have

    /// RFC 7148 §5.1.3: they are named in updates from now on, at once on all paths.
    mutating func nameForRouters(_ prefixes: [IPPrefix]) -> [Action] {
        session.relayed.name(prefixes)
        if isDelegationRefused { session.relayed.abandonAll() }
        return session.installed == nil ? [] : installSession()
    }

    /// One update speaks for all paths if it may, else each for its own. A path that waits for an answer is not asked
    /// beside it; whatever it is answered, this is looked at again.
    private mutating func tellOfRouters(at now: Moment) -> [Action] {
        guard session.relayed.isUntold else { return [] }
        let able = links.indices.filter {
            links[$0].granted != nil && links[$0].isUsable && !links[$0].isSilent
                && links[$0].registration.attempt == nil
        }
        guard let first = able.first else { return [] }
        session.relayed.isUntold = false
        guard !refreshesInBulk else { return refresh(first, at: now) }
        return able.flatMap { refresh($0, at: now) }
    }

    /// One for all paths, chosen when first needed.
    private mutating func downlinkKey() -> UInt32 {
        if let key = session.downlinkKey { return key }
        let key = shared.random.key()
        session.downlinkKey = key
        return key
    }
}
