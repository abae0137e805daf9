// SPDX-License-Identifier: Apache-2.0
package import Wire

/// The mobile nodes on one access link as a function of frames and time: who has come and who has gone (RFC 5213 §6.3),
/// and what each is told of its home network, by router advertisements to it alone (RFC 5213 §6.7), DHCP and ARP
/// (RFC 5844 §3.4).
///
/// Towards each node the gateway is the same router everywhere: its link-local address and, as the link is set up, its
/// link-layer address are fixed (RFC 6543).
package struct AccessLinkNodes: Sendable {
    package enum Event: Equatable, Sendable {
        /// An Ethernet frame that came by the link.
        case received([UInt8])
        /// What a DHCP server says, perhaps to a node on another link: a UDP datagram's content, and its sender.
        case answered([UInt8], by: IPv4Address)
        /// The link is up: who is on it already may have said all that he has to say.
        case linkFound
        /// Nobody is on the link any more.
        case linkLost
        /// An operator says that the node is there, or shall be left alone until it is attached again.
        case attach(NodeIdentifier)
        case detach(NodeIdentifier)
        /// It has come to another link of this gateway.
        case moved(NodeIdentifier)
        /// What a node has from now on, and that it has nothing, because another gateway may have it.
        case serve(MobileNodeService)
        case stopServing(NodeIdentifier, isElsewhere: Bool = false)
        /// What the tunnel carries, in octets.
        case mtuChanged(Int)
        case deadline
        /// The gateway ends; nothing is sent after it.
        case stop
    }

    package enum Action: Equatable, Sendable {
        case attached(MobileNodeAttachment)
        case detached(NodeIdentifier)
        /// The node has given its IPv4 home address back, and has its prefixes still.
        case homeAddressReleased(NodeIdentifier)
        /// It asks for one, and has none.
        case homeAddressWanted(NodeIdentifier)
        /// An Ethernet frame.
        case send([UInt8])
        /// To UDP port 67 of the server. Without a relay address [giaddr] that is the address it is sent from.
        case relay(DHCPMessage, to: IPv4Address)
        case mismatched(AddressMismatch)
    }

    package struct Counters: Equatable, Sendable {
        /// Frames that show no node, or are not what they claim to be.
        package var ignored = 0
        /// Frames of nodes that are not served here.
        package var strangers = 0
        /// Nodes for whom there was no room.
        package var refused = 0
        package var attached = 0
        package var detached = 0
        /// DHCP messages passed on, in either direction.
        package var relayed = 0
        /// DHCP messages that were not, because they are about another address than the node's.
        package var mismatched = 0

        package init() {}

        package static func += (sum: inout Self, part: Self) {
            sum.ignored += part.ignored
            sum.strangers += part.strangers
            sum.refused += part.refused
            sum.attached += part.attached
            sum.detached += part.detached
            sum.relayed += part.relayed
            sum.mismatched += part.mismatched
        }
    }

    /// RFC 6543 §3; it follows from the fixed link-layer address.
    package static let fixedLinkLocalAddress = IPv6Address(linkLocalOf: .proxyMobileIPv6)
    /// A flood of link-layer addresses costs no more memory than so many nodes, of which fewer may wait for the anchor.
    package static let mostNodes = 1024
    package static let mostUnserved = 128
    /// RFC 4861 §10 [MAX_UNICAST_SOLICIT], [RETRANS_TIMER]
    private static let mostProbes = 3
    private static let probeInterval: Duration = .seconds(1)
    /// Who comes anew is told of no more often: while it is registered, another gateway may have had it meanwhile.
    private static let shortestAbsence: Duration = .seconds(1)
    private static let shortestStay: Duration = .seconds(10)
    /// By then whoever was asked and did not answer is known to have gone.
    private static let farewellDelay: Duration = .seconds(4)

    package let settings: AccessLinkSettings
    package internal(set) var counters = Counters()
    var nodes: [LinkLayerAddress: AccessNode] = [:]
    var links: [NodeIdentifier: LinkLayerAddress] = [:]
    private var unserved = 0
    /// Whom an operator has detached.
    private var barred: Set<NodeIdentifier> = []
    private var deadlines = DeadlineQueue<LinkLayerAddress>()
    /// 0: not known yet; nodes would send what is too large.
    private(set) var mtu = 0
    var mismatches = NoticeLimit<AddressMismatch.Speaker>()
    private var isStopped = false
    private var generator: RandomSource

    package init(_ settings: AccessLinkSettings) {
        self.settings = settings
        generator = RandomSource(seed: settings.seed)
    }

    /// When to hand in `.deadline`; nil while there is nothing to wait for.
    package var nextDeadline: Instant? { deadlines.next }

    /// Those that are there, served or not.
    package var identifiers: [NodeIdentifier] { links.keys.sorted() }

    /// nil if the node is not here.
    package func linkLayerAddress(of identifier: NodeIdentifier) -> LinkLayerAddress? { links[identifier] }

    package mutating func handle(_ event: Event, at now: Instant) -> [Action] {
        guard !isStopped else { return [] }
        switch event {
        case .received(let octets): return received(octets, at: now)
        case .answered(let octets, let server): return answered(octets, by: server, at: now)
        case .linkFound: return [callOut()]
        case .linkLost: return linkLost()
        case .attach(let identifier): return attach(identifier, at: now)
        case .detach(let identifier): return detach(identifier, at: now)
        case .moved(let identifier):
            barred.remove(identifier)
            if let link = links[identifier] { _ = remove(link) }
            return []
        case .serve(let service): return serve(service, at: now)
        case .stopServing(let identifier, let isElsewhere):
            return stopServing(identifier, isElsewhere: isElsewhere, at: now)
        case .mtuChanged(let mtu):
            self.mtu = mtu
            return sorted(nodes.keys).flatMap { updateAdvertiser(of: $0, at: now) }
        case .deadline: return performDue(at: now)
        case .stop:
            isStopped = true
            return sorted(nodes.keys).flatMap { endAdvertising(to: $0, at: now) }
        }
    }

    // MARK: Coming

    private mutating func received(_ octets: [UInt8], at now: Instant) -> [Action] {
        guard let frame = try? AccessFrame(decoding: octets), frame.source.isUnicast,
            frame.source != settings.linkLayerAddress
        else {
            counters.ignored += 1
            return []
        }
        var actions: [Action] = []
        if nodes[frame.source] == nil {
            guard let profile = settings.profile(of: frame.source), !barred.contains(profile.identifier) else {
                counters.strangers += 1
                return []
            }
            actions = appear(frame.source, profile, at: now)
        }
        guard var node = nodes[frame.source] else { return actions }
        node.probeAt = now + settings.quietTime
        node.unansweredProbes = 0
        if let address = frame.linkLocalAddress { node.linkLocal = address }
        let distance = node.isDismissed ? Self.shortestAbsence : Self.shortestStay
        if node.isDismissed || node.service != nil, frame.isArrival, now >= node.attachedAt + distance {
            node.isDismissed = false
            node.attachedAt = now
            actions.append(.attached(attachment(of: node)))
        }
        nodes[frame.source] = node
        actions += answer(frame, at: now)
        setDeadline(of: frame.source)
        return actions
    }

    private mutating func appear(_ link: LinkLayerAddress, _ profile: AccessNodeProfile, at now: Instant) -> [Action] {
        guard links[profile.identifier] == nil, nodes.count < Self.mostNodes, unserved < Self.mostUnserved else {
            counters.refused += 1
            return []
        }
        let node = AccessNode(link: link, profile: profile, attachedAt: now, probeAt: now + settings.quietTime)
        nodes[link] = node
        links[profile.identifier] = link
        unserved += 1
        counters.attached += 1
        setDeadline(of: link)
        return [.attached(attachment(of: node))]
    }

    /// Whether it comes from another gateway it does not say (RFC 5213 §6.9.1.1).
    func attachment(of node: AccessNode) -> MobileNodeAttachment {
        node.attachment(.unknown, over: settings.accessTechnology)
    }

    private mutating func attach(_ identifier: NodeIdentifier, at now: Instant) -> [Action] {
        barred.remove(identifier)
        if let link = links[identifier], let node = nodes[link] { return [.attached(attachment(of: node))] }
        guard let (link, profile) = settings.nodes.first(where: { $0.value.identifier == identifier }) else {
            return []
        }
        return appear(link, profile, at: now)
    }

    // MARK: Going

    private mutating func detach(_ identifier: NodeIdentifier, at now: Instant) -> [Action] {
        guard let link = links[identifier] else {
            if settings.nodes.values.contains(where: { $0.identifier == identifier }) { barred.insert(identifier) }
            return []
        }
        // Others' identifiers would be without bound.
        if barred.count < Self.mostNodes { barred.insert(identifier) }
        return leave(link, at: now)
    }

    /// It may still be reachable, and is told that its prefixes are gone (RFC 5213 §6.9.1.4).
    mutating func leave(_ link: LinkLayerAddress, at now: Instant) -> [Action] {
        let farewell = endAdvertising(to: link, at: now)
        return remove(link) + farewell
    }

    private mutating func linkLost() -> [Action] { sorted(nodes.keys).flatMap { remove($0) } }

    private mutating func remove(_ link: LinkLayerAddress) -> [Action] {
        guard let node = nodes.removeValue(forKey: link) else { return [] }
        if node.service == nil { unserved -= 1 }
        links[node.identifier] = nil
        deadlines.cancel(link)
        counters.detached += 1
        return [.detached(node.identifier)]
    }

    // MARK: Service

    private mutating func serve(_ service: MobileNodeService, at now: Instant) -> [Action] {
        guard let link = links[service.identifier], var node = nodes[link] else { return [] }
        if node.service == nil { unserved -= 1 }
        let waiting = service.homeAddress == nil ? nil : node.waiting
        node.service = service
        node.isDismissed = false
        node.farewell = nil
        if waiting != nil { node.waiting = nil }
        nodes[link] = node
        var actions = updateAdvertiser(of: link, at: now)
        if let waiting { actions += assign(waiting, to: link, at: now) }
        return actions
    }

    private mutating func stopServing(
        _ identifier: NodeIdentifier,
        isElsewhere: Bool,
        at now: Instant
    ) -> [Action] {
        guard let link = links[identifier], nodes[link]?.service != nil else { return [] }
        var actions = endAdvertising(to: link, at: now)
        if isElsewhere, !actions.isEmpty {
            // It may be just about to go, and takes the other gateway for the same router: it would believe that its prefixes
            // are gone there as well (RFC 6543 §3). Who stays all the same is told.
            nodes[link]?.farewell = AccessNode.Farewell(at: now + Self.farewellDelay, actions: actions)
            actions = []
        }
        unserved += 1
        nodes[link]?.service = nil
        nodes[link]?.isDismissed = true
        // Most often it has gone to another gateway.
        nodes[link]?.probeAt = now
        nodes[link]?.unansweredProbes = 0
        setDeadline(of: link)
        return actions
    }

    /// Nothing is advertised before the registration (RFC 5213 §6.9.2), nor to who wants no prefix.
    private mutating func updateAdvertiser(of link: LinkLayerAddress, at now: Instant) -> [Action] {
        guard let node = nodes[link], let prefixes = node.service?.homeNetworkPrefixes, mtu > 0,
            node.advertiser != nil || !prefixes.isEmpty
        else { return [] }
        if node.advertiser == nil {
            var settings = settings.advertisements
            settings.linkLayerAddress = self.settings.linkLayerAddress
            // It is the only one that hears them (RFC 6275 §7.5).
            settings.shortestDistance = .zero
            settings.seed = generator.next()
            nodes[link]?.advertiser = RouterAdvertiser(settings: settings)
        }
        return advertise(to: link, .prefixesChanged(prefixes, mtu: mtu), at: now)
    }

    private mutating func endAdvertising(to link: LinkLayerAddress, at now: Instant) -> [Action] {
        let actions = advertise(to: link, .stop, at: now)
        nodes[link]?.advertiser = nil
        return actions
    }

    mutating func advertise(
        to link: LinkLayerAddress,
        _ event: RouterAdvertiser.Event,
        at now: Instant
    ) -> [Action] {
        guard let sent = nodes[link]?.advertiser?.handle(event, at: now), let node = nodes[link] else { return [] }
        setDeadline(of: link)
        return sent.map { action in
            switch action {
            case .send(let octets, let destination): advertisement(octets, to: node, destination)
            }
        }
    }

    // MARK: Time

    private mutating func performDue(at now: Instant) -> [Action] {
        var actions: [Action] = []
        while let link = deadlines.popDue(at: now) {
            actions += advertise(to: link, .deadline, at: now)
            if let farewell = nodes[link]?.farewell, farewell.at <= now {
                nodes[link]?.farewell = nil
                actions += farewell.actions
            }
            if let node = nodes[link], node.probeAt <= now { actions += probe(node, at: now) }
            setDeadline(of: link)
        }
        return actions
    }

    /// Three questions without an answer mean that it has gone (RFC 4861 §7.3.3).
    private mutating func probe(_ node: AccessNode, at now: Instant) -> [Action] {
        guard node.unansweredProbes < Self.mostProbes else { return leave(node.link, at: now) }
        nodes[node.link]?.unansweredProbes += 1
        nodes[node.link]?.probeAt = now + Self.probeInterval
        return questions(to: node)
    }

    private mutating func setDeadline(of link: LinkLayerAddress) {
        guard let node = nodes[link] else { return }
        deadlines.set(link, at: node.deadline)
    }

    private func sorted(_ links: Dictionary<LinkLayerAddress, AccessNode>.Keys) -> [LinkLayerAddress] {
        links.sorted { $0.value < $1.value }
    }
}

extension AccessFrame {
    /// The sender's own, as it uses or is about to use it.
    fileprivate var linkLocalAddress: IPv6Address? {
        let address: IPv6Address? =
            switch content {
            case .routerSolicitation(let source, _), .neighborAdvertisement(let source, _),
                .groupReport(let source):
                source
            case .neighborSolicitation(let source, let target): source.isUnspecified ? target : source
            case .arp, .dhcp: nil
            }
        return address.flatMap { $0.isLinkLocal ? $0 : nil }
    }

    /// A host that was set up on this link sends such.
    fileprivate var isArrival: Bool {
        switch content {
        case .routerSolicitation, .groupReport: true
        case .neighborSolicitation(let source, _): source.isUnspecified
        case .neighborAdvertisement: false
        // RFC 5227 §2.1.1, §2.3
        case .arp(let packet): packet.sender.isUnspecified || packet.sender == packet.target
        case .dhcp(let message): message.clientAddress.isUnspecified
        }
    }
}
