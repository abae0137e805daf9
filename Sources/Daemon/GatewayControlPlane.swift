// SPDX-License-Identifier: Apache-2.0
import API
import Forwarding
import LinuxIO
import Logging
import Mobility
import Wire

/// The gateway's engine joined to its WAN links, its LANs, its access links, its routes and its worker; on the control reactor.
actor GatewayControlPlane {
    nonisolated let reactor: Reactor
    nonisolated var unownedExecutor: UnownedSerialExecutor { reactor.asUnownedSerialExecutor() }

    let configuration: GatewayConfiguration
    let worker: Worker
    let logger: Logger
    private let settings: KernelSettings
    private let network: GatewayNetwork
    private let startedAt = EngineRunner<MobileAccessGateway>.now
    private let wans: WANTable
    let dataPlane: DataPlane
    let runner: EngineRunner<MobileAccessGateway>
    private let lookups: Lookups
    private let bypass: BypassControl
    private let lines: LineControl
    private let siteLinks: SiteLinks
    let accessLinks: AccessLinks
    /// The site's.
    var policy: CurrentPolicy
    /// Whether its names have more addresses than there is room for.
    private var isShortOfRules = false
    private let learning: PolicyLearning
    private let terminals: TerminalWatch
    private var icmpSources: (ipv6: IPv6Address?, ipv4: IPv4Address?) = (nil, nil)
    private let tunnel: InterfaceIndex
    private var monitor: WANMonitor?
    private var preparation: WANPreparation?
    /// Waits for the anchor's answer to the de-registration.
    private var leaving: CheckedContinuation<Void, Never>?

    /// Who looks names up is there only after the engine that wants it.
    private final class Lookups {
        var ask: (String) -> Void = { _ in }
    }

    /// How long the anchor is given for it.
    private static let farewell: Duration = .seconds(2)

    init(
        _ configuration: GatewayConfiguration,
        store: sending (store: any BindingStore, contents: StoreContents)?,
        worker: Worker,
        tunnel: InterfaceIndex,
        lans: [LinkState],
        delegated: [PrefixLease],
        on reactor: Reactor,
        settings: KernelSettings,
        journal: Journal,
        logger: Logger
    ) throws {
        self.configuration = configuration
        policy = CurrentPolicy(configuration.policy, of: configuration.policyOwner)
        self.tunnel = tunnel
        self.reactor = reactor
        self.worker = worker
        self.logger = logger
        self.settings = settings
        let network = GatewayNetwork(
            tunnel: tunnel,
            lans: zip(configuration.lans, lans).map { (SiteLAN.Plan($0), $1.index) },
            filter: GatewayFilter(configuration),
            journal: journal,
            netlink: try NetlinkSocket(),
            logger: logger
        )
        let wans = WANTable(configuration.wans)
        let dataPlane = DataPlane(worker, role: .gateway, distribution: Distribution(configuration.distribution)) {
            wans.placement(of: $0)
        }
        let bypass = BypassControl(configuration, network)
        self.bypass = bypass
        lines = try LineControl(configuration.wans, store: configuration.store, on: reactor, logger: logger)
        self.network = network
        self.wans = wans
        self.dataPlane = dataPlane
        let terminals = TerminalWatch(configuration.lans.map(\.interface), on: reactor, logger: logger)
        self.terminals = terminals
        learning = PolicyLearning(terminals, worker, on: reactor)
        siteLinks = try SiteLinks(
            configuration.lans,
            on: lans,
            of: network,
            configuration.mobileNode?.identifier,
            tunnel: (configuration.tunnelDevice, tunnel),
            DelegatedRoutes(journal, netlink: try NetlinkSocket(), logger: logger),
            delegated,
            reactor,
            logger: logger
        )
        let accessLinks = try AccessLinks(configuration, tunnel: tunnel, journal, on: reactor, logger: logger)
        self.accessLinks = accessLinks
        var engine = MobileAccessGateway(
            GatewaySettings(configuration, restartCounter: startedAt.restartCounter),
            seed: .random(in: .min ... .max)
        )
        if let stored = store?.contents.sessions { engine.restore(stored) }
        let lookups = Lookups()
        self.lookups = lookups
        runner = EngineRunner(engine, on: reactor, store: store?.store, logger: logger) { action in
            switch action {
            case .forward(let change):
                dataPlane.perform(change)
                bypass.follow(change)
            case .network(let change):
                network.perform(change)
                if case .removeHomeAddress = change { accessLinks.restoreRoutes() }
            case .resolve(let name): lookups.ask(name)
            case .serve(let service): accessLinks.serve(service)
            case .stopServing(let node, let isElsewhere): accessLinks.stopServing(node, isElsewhere: isElsewhere)
            case .send, .report, .store: break
            }
        }
    }

    /// Serves the LANs and registers every WAN that is up.
    func start() throws {
        network.removeLeftovers()
        try network.start()
        siteLinks.changed = { [unowned self] in self.assumeIsolated { $0.settle() } }
        siteLinks.named = { [unowned self] prefixes in self.assumeIsolated { $0.name(prefixes) } }
        try siteLinks.start()
        accessLinks.heard = { [unowned self] news in self.assumeIsolated { $0.take(news) } }
        let preparation = try WANPreparation(tunnel: tunnel, settings: settings, logger: logger)
        self.preparation = preparation
        preparation.exitsFound = { [unowned self] exits in self.assumeIsolated { $0.bypass.exitsChanged(exits) } }
        bypass.begins = { [unowned self] in self.assumeIsolated { $0.beginBypass() } }
        let monitor = try WANMonitor(
            configuration.accessNetworks,
            excluding: configuration.otherLinks,
            preparation: preparation,
            on: reactor,
            logger: logger
        )
        self.monitor = monitor
        lookups.ask = { [unowned self] name in self.assumeIsolated { $0.lookUp(name) } }
        runner.turned = { [unowned self] in self.assumeIsolated { $0.settle() } }
        try dataPlane.followSizes(on: reactor)
        logger.info("\(configuration.summary)")
        lines.changed = { [unowned self] name, metrics in
            self.assumeIsolated { $0.runner.turn(.metricsChanged(name, metrics)) }
        }
        lines.asks = { [unowned self] in self.assumeIsolated { $0.askForRoundTrips() } }
        lines.start()
        terminals.hosts = { [unowned self] in self.assumeIsolated { $0.siteLinks.hosts } }
        learning.learnt = { [unowned self] learnt in self.assumeIsolated { $0.learn(learnt) } }
        applyPolicy()
        runner.turn(.request(.start))
        try accessLinks.start()
        try monitor.start { [unowned self] name, state, link throws(SystemError) in
            try self.wanChanged(name, state, link)
        }
    }

    /// De-registers, and takes everything of ours out of the kernel once the anchor has confirmed it or was given up.
    func stop() async {
        monitor?.stop()
        siteLinks.stopFollowing()
        learning.stop()
        runner.turn(.request(.stop))
        if !runner.engine.isStopped {
            let patience = reactor.makeAlarm { [unowned self] in self.assumeIsolated { $0.leave() } }
            patience.set(at: SystemClock.now() + Self.farewell)
            await withCheckedContinuation { leaving = $0 }
            patience.cancel()
        }
        dataPlane.stopFollowingSizes()
        lines.stop()
        siteLinks.stop()
        accessLinks.stop()
        network.removeAll()
        preparation?.stop()
        runner.closeStore()
        runner.stop()
    }

    /// All rules in one turn, and so in one go of the data plane; then with what is known of the names in them.
    func applyPolicy() {
        runner.turn(.policyChanged(policy.bindings.map(\.rule)))
        learning.follow(policy) { [weak self] octets in
            guard let self else { return }
            reactor.post { self.assumeIsolated { $0.learning.hear(octets) } }
        }
    }

    private func learn(_ learnt: LearntAddresses) {
        guard policy.learn(learnt) else { return }
        if policy.leftOut > 0, !isShortOfRules {
            logger.warning("the policy's names have \(policy.leftOut) addresses too many")
        }
        isShortOfRules = policy.leftOut > 0
        runner.turn(.policyChanged(policy.bindings.map(\.rule)))
    }

    private func leave() {
        leaving?.resume()
        leaving = nil
    }

    /// What the worker's forwarder has noticed.
    func handle(_ events: [ForwardingEvent]) {
        dataPlane.pass(events, to: runner, logger: logger) { mtu in
            siteLinks.tell(tunnelMTU: mtu)
            accessLinks.tell(tunnelMTU: mtu)
        }
    }

    /// Not in the middle of a turn: what is found may bring about another.
    private func beginBypass() {
        preparation?.hasExits = true
        reactor.post { [weak self] in self?.assumeIsolated { $0.monitor?.lookAgain() } }
    }

    private func askForRoundTrips() {
        worker.tellRoundTripTimes(on: reactor) { [weak self] times in self?.assumeIsolated { $0.learn(times) } }
    }

    private func learn(_ times: [PathNumber: Duration]) { lines.learn(roundTrips: dataPlane.byWAN(times)) }

    private func take(_ news: AccessNodes.News) {
        switch news {
        case .attached(let attachment): runner.turn(.mobileNodeAttached(attachment))
        case .detached(let identifier): runner.turn(.mobileNodeDetached(identifier))
        case .homeAddressReleased(let identifier): runner.turn(.homeAddressReleased(identifier))
        case .homeAddressWanted(let identifier): runner.turn(.homeAddressWanted(identifier))
        }
    }

    /// No LAN is numbered from what is a router's, or from what was a moment ago.
    private func name(_ prefixes: [IPPrefix]) {
        network.routersPrefixes.formUnion(prefixes)
        runner.turn(.routersHave(prefixes))
        network.routersPrefixes = Set(prefixes)
    }

    private func lookUp(_ name: String) {
        AnchorResolver.resolve(name, on: reactor) { [weak self] addresses in
            self?.assumeIsolated { $0.found(addresses, of: name) }
        }
    }

    private func found(_ addresses: [IPAddress], of name: String) {
        monitor?.learn(addresses)
        runner.turn(.anchorResolved(name, addresses))
    }

    private func wanChanged(_ name: String, _ state: WANState, _ link: LinkState?) throws(SystemError) {
        var address: IPAddress?
        if case .up(let careOf) = state { address = careOf }
        let old = wans.address(of: name)
        var failure: SystemError?
        if address != old {
            if let old { runner.close(old, wan: name) }
            // The socket comes before the turn that wants to send through it.
            do throws(SystemError) {
                if let address { try runner.open(address, on: link?.name, wan: name) }
            } catch {
                failure = error
                address = nil
            }
        }
        wans.update(name, address: address, link: link)
        lines.linkChanged(of: name, to: link?.index)
        runner.turn(.wanChanged(name, address.map { .up(careOfAddress: $0) } ?? .down))
        if let failure { throw failure }
        if address != nil, address == old { dataPlane.replacePaths() }
    }

    /// After each turn: brings up to date what follows from the engine's state.
    private func settle() {
        accessLinks.settle()
        let (site, nodes) = (network.icmpSources, accessLinks.icmpSources)
        let sources = (ipv6: site.ipv6 ?? nodes.ipv6, ipv4: site.ipv4 ?? nodes.ipv4)
        if siteLinks.settle(runner.engine.delegation) || sources != icmpSources {
            icmpSources = sources
            dataPlane.setICMPSources(sources.ipv6, sources.ipv4)
        }
        bypass.settle(poor: runner.engine.silentWANs.union(lines.exhausted))
        if runner.engine.isStopped { leave() }
    }
}

extension GatewayControlPlane: StatusSource {
    func presentation() async -> Presentation {
        let traffic = await worker.snapshot()
        return Presentation(
            gateway: runner.engine.snapshot,
            named: configuration.identifier,
            policy: policy,
            traffic: dataPlane.view(of: traffic),
            unsendable: runner.unsendable,
            withheld: runner.withheld,
            relay: siteLinks.relayCounters,
            access: accessLinks.counters,
            settings: settings.changes.map { API.Setting($0) },
            startedAt: startedAt.instant,
            now: SystemClock.now()
        )
    }
}
