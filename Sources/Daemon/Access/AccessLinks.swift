// SPDX-License-Identifier: Apache-2.0
import Glibc
import LinuxIO
import Logging
import Mobility
import Wire

/// All access links of the gateway, and the routing of the nodes on them. Belongs to the control plane's thread.
final class AccessLinks {
    private let configurations: [AccessLinkConfiguration]
    private let profiles: [AccessNodeConfiguration]
    private let routes: NodeRoutes
    private let journal: Journal
    private let reactor: Reactor
    private let netlink: NetlinkSocket
    private let monitor: NetworkMonitor
    private let logger: Logger
    /// By the link's name; those that are up.
    private var links: [String: AccessNodes] = [:]
    /// As the engine said last, wherever the nodes are.
    private var services: [NodeIdentifier: MobileNodeService] = [:]
    private var tunnelMTU = 0
    /// nil: no link has a relay.
    private var relay: DHCPRelayLink?
    /// Of links that are gone.
    private var pastCounters = AccessLinkNodes.Counters()
    /// Links without carrier.
    private var down: Set<String> = []
    private var isStopped = false
    private var waiting: [AccessNodes.News] = []
    private var isTelling = false
    /// Called for each, in order.
    var heard: (AccessNodes.News) -> Void = { _ in }

    init(
        _ configuration: GatewayConfiguration,
        tunnel: InterfaceIndex,
        _ journal: Journal,
        on reactor: Reactor,
        logger: Logger
    ) throws(SystemError) {
        configurations = configuration.accessLinks
        profiles = configuration.mobileNodes
        self.journal = journal
        self.reactor = reactor
        self.logger = logger
        netlink = try NetlinkSocket()
        monitor = try NetworkMonitor()
        routes = NodeRoutes(
            tunnel: tunnel,
            tunnelDevice: configuration.tunnelDevice,
            netlink: netlink,
            logger: logger
        )
    }

    /// Throws a ``FilterFailure`` or, if a link cannot be used, a `SystemError`.
    func start() throws {
        try routes.start(on: configurations.map(\.interface))
        guard !configurations.isEmpty else { return }
        if configurations.contains(where: { $0.relay != nil }) { try startRelay() }
        for configuration in configurations { try follow(configuration) }
        try reactor.watch(monitor.fd) { [unowned self] in
            if self.monitor.receive().contains(where: \.isAboutLinks) { self.look() }
        }
    }

    private func startRelay() throws(SystemError) {
        let relay = try DHCPRelayLink(on: reactor, logger: logger)
        relay.heard = { [unowned self] octets, server in
            for access in self.links.values { access.turn([.answered(octets, by: server)]) }
        }
        try relay.start()
        self.relay = relay
    }

    /// The engine has been told that it ends: nothing more is heard.
    func stop() {
        isStopped = true
        if !configurations.isEmpty { reactor.unwatch(monitor.fd) }
        for name in links.keys.sorted() { links.removeValue(forKey: name)?.stop() }
        relay?.stop()
        routes.removeAll()
    }

    // MARK: What the engine says

    func serve(_ service: MobileNodeService) {
        services[service.identifier] = service
        for access in links.values {
            guard let address = access.linkLayerAddress(of: service.identifier) else { continue }
            routes.serve(service, at: address, on: access.link)
            access.serve(service)
        }
    }

    func stopServing(_ identifier: NodeIdentifier, isElsewhere: Bool) {
        services[identifier] = nil
        routes.stopServing(identifier)
        for access in links.values { access.stopServing(identifier, isElsewhere: isElsewhere) }
    }

    /// After each turn.
    func settle() { routes.settleFilter() }

    /// With the tunnel device's last IPv4 address its routes have gone.
    func restoreRoutes() { routes.addDefaults() }

    /// How large packets may be.
    func tell(tunnelMTU: Int) {
        self.tunnelMTU = tunnelMTU
        for access in links.values { access.turn([.mtuChanged(tunnelMTU)]) }
    }

    /// nil: nobody is served by one.
    var counters: AccessLinkNodes.Counters? {
        configurations.isEmpty ? nil : links.values.reduce(into: pastCounters) { $0 += $1.counters }
    }

    var icmpSources: (ipv6: IPv6Address?, ipv4: IPv4Address?) { routes.icmpSources }

    // MARK: What an operator says

    /// The links on which the node is, or may be, by their names.
    func attach(_ identifier: NodeIdentifier, on link: String?) -> [String] {
        let isKnown = profiles.contains { NodeIdentifier(nai: $0.identifier) == identifier }
        let places = links.filter { $0.value.identifiers.contains(identifier) }.keys.sorted()
        // Where it is, or else, if nobody can say, the first link.
        let chosen = link ?? places.first ?? (isKnown ? links.keys.sorted().first : nil)
        guard let chosen, let access = links[chosen], isKnown || places.contains(chosen) else { return [] }
        access.turn([.attach(identifier)])
        for (name, other) in links where name != chosen { other.turn([.moved(identifier)]) }
        return [chosen]
    }

    func detach(_ identifier: NodeIdentifier, on link: String?) -> [String] {
        let chosen = links.filter { link == nil || $0.key == link }.filter { _, access in
            access.identifiers.contains(identifier)
                || profiles.contains { NodeIdentifier(nai: $0.identifier) == identifier }
        }
        for (_, access) in chosen.sorted(by: { $0.key < $1.key }) { access.turn([.detach(identifier)]) }
        return chosen.keys.sorted()
    }

    // MARK: Links

    /// Links come, go, and lose their carrier: with it, everybody on them (RFC 5213 §6.9.1.4).
    private func look() {
        for configuration in configurations {
            do throws(SystemError) {
                try follow(configuration)
            } catch {
                logger.error("\(error)")
            }
        }
    }

    private func follow(_ configuration: AccessLinkConfiguration) throws(SystemError) {
        let present = try netlink.link(named: configuration.interface)
        let access = links[configuration.interface]
        if let access, present?.index != access.link.index {
            lose(access)
            links[configuration.interface] = nil
            pastCounters += access.counters
            access.stop()
        }
        guard let present else { return }
        // Nodes can be attached before the first of them gives the link its carrier.
        guard present.isRunning || present.isUp && links[configuration.interface] == nil else {
            let isNews = down.insert(configuration.interface).inserted
            if isNews, let access = links[configuration.interface] { lose(access) }
            return
        }
        let wasDown = down.remove(configuration.interface) != nil
        if let access = links[configuration.interface] {
            if wasDown {
                try access.restore()
                access.turn([.linkFound])
            }
            return
        }
        if !present.isRunning { down.insert(configuration.interface) }
        let new = try AccessNodes(configuration, profiles, on: present, journal, relay, reactor, logger: logger)
        links[configuration.interface] = new
        new.heard = { [unowned self, unowned new] news in self.take(news, from: new) }
        try new.start()
        new.turn([.mtuChanged(tunnelMTU), .linkFound])
        logger.info("mobile nodes may come to \(configuration.interface)")
    }

    private func lose(_ access: AccessNodes) {
        guard !access.identifiers.isEmpty else { return }
        logger.info("\(access.link.name) is down, and its mobile nodes with it")
        access.turn([.linkLost])
    }

    // MARK: News

    /// One at a time: the engine's answer to one may bring forth another.
    private func take(_ news: [AccessNodes.News], from access: AccessNodes) {
        guard !isStopped else { return }
        waiting += news
        for case .attached(let attachment) in news {
            for other in links.values where other !== access {
                guard other.linkLayerAddress(of: attachment.identifier) != nil else { continue }
                other.turn([.moved(attachment.identifier)])
            }
        }
        guard !isTelling else { return }
        isTelling = true
        while !waiting.isEmpty {
            let news = waiting.removeFirst()
            heard(news)
            // A node that has changed links has its session still.
            if case .attached(let attachment) = news, let service = services[attachment.identifier] { serve(service) }
        }
        isTelling = false
        settle()
    }
}
