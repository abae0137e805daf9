// SPDX-License-Identifier: Apache-2.0
import API
import Forwarding
import LinuxIO
import Logging
import Mobility
import Wire

/// The anchor's engine joined to its sockets, its routes and its worker; on the control reactor.
actor AnchorControlPlane {
    nonisolated let reactor: Reactor
    nonisolated var unownedExecutor: UnownedSerialExecutor { reactor.asUnownedSerialExecutor() }

    let configuration: AnchorConfiguration
    let worker: Worker
    let logger: Logger
    private let settings: KernelSettings
    private let startedAt = EngineRunner<LocalMobilityAnchor>.now
    private let network: AnchorNetwork
    let dataPlane: DataPlane
    let runner: EngineRunner<LocalMobilityAnchor>
    /// What the operator wants of all sites.
    var policy: CurrentPolicy

    private let restored: StoredSessions
    private var delegatingRouter: DelegatingRouter?

    private static let restoredAtOnce = 4096

    init(
        _ configuration: AnchorConfiguration,
        store: sending (store: any BindingStore, contents: StoreContents)?,
        worker: Worker,
        tunnel: InterfaceIndex,
        proxy: sending NeighborProxy?,
        on reactor: Reactor,
        settings: KernelSettings,
        logger: Logger
    ) throws {
        self.configuration = configuration
        policy = CurrentPolicy(configuration.policy, of: .anchor)
        self.reactor = reactor
        self.worker = worker
        self.logger = logger
        self.settings = settings
        let network = AnchorNetwork(
            tunnel: tunnel,
            routed: configuration.pools.blocks(.routed) + configuration.pools.blocks(.nat),
            onLink: configuration.pools.blocks(.onLink),
            proxy: proxy,
            filter: AnchorFilter(configuration),
            netlink: try NetlinkSocket(),
            logger: logger
        )
        self.network = network
        let dataPlane = DataPlane(
            worker,
            role: .anchor,
            distribution: Distribution(configuration.distribution)
        ) { path in
            let rate = configuration.distribution.rates[path.interfaceLabel]
            return DataPlane.Placement(device: nil, mtu: configuration.pathMTU, rate: rate?.bitsPerSecond)
        }
        self.dataPlane = dataPlane
        let newCounter = startedAt.restartCounter
        let engine = LocalMobilityAnchor(
            AnchorSettings(configuration, restartCounter: store?.contents.restartCounter ?? newCounter),
            seed: .random(in: .min ... .max)
        )
        restored = store?.contents.sessions ?? StoredSessions()
        runner = EngineRunner(engine, on: reactor, store: store?.store, logger: logger) { action in
            switch action {
            case .forward(let change): dataPlane.perform(change)
            case .network(let change): network.perform(change)
            case .send, .report, .resolve, .store, .serve, .stopServing: break
            }
        }
    }

    /// Opens the anchor's addresses to gateways. Throws what the system says of an address, or nft of our rules.
    func start() throws {
        try network.start()
        try dataPlane.followSizes(on: reactor)
        runner.turn(.policyChanged(policy.bindings))
        // What was lent before is lent again before anybody can ask for it.
        restore()
        for address in configuration.addresses.all { try runner.open(address) }
        if let delegation = configuration.delegation {
            delegatingRouter = try DelegatingRouter(
                at: delegation.address,
                tunnelDevice: configuration.tunnelDevice,
                on: reactor,
                logger: logger
            ) { [unowned self] octets, source in
                self.assumeIsolated { $0.answer(relayed: octets, from: source) }
            }
        }
        dataPlane.setICMPSources(configuration.addresses.ipv6, configuration.addresses.ipv4)
        logger.info("\(configuration.summary)")
    }

    private func answer(relayed octets: [UInt8], from source: IPv6Address) -> [UInt8]? {
        var answer: [UInt8]?
        runner.turn { engine, now in
            answer = engine.answer(relayed: octets, from: source, at: now)
            return []
        }
        return answer
    }

    /// In portions: what is to be done for all of a hundred thousand would be tens of megabytes.
    private func restore() {
        runner.turn { engine, _ in
            engine.reserveCapacity(for: restored)
            return []
        }
        dataPlane.reserveCapacity(for: restored)
        var rest = restored.sessions[...]
        var portion = StoredSessions(floors: restored.floors, start: restored.start)
        repeat {
            portion.sessions = Array(rest.prefix(Self.restoredAtOnce))
            runner.turn { engine, now in engine.restore(portion, at: now) }
            rest = rest.dropFirst(Self.restoredAtOnce)
            portion.floors = []
        } while !rest.isEmpty
    }

    /// Takes every route away. In the store the sessions stay, for the next start; without one gateways notice by
    /// heartbeat and probes.
    func stop() {
        runner.closeStore()
        delegatingRouter?.stop()
        runner.turn(.request(.stop))
        dataPlane.stopFollowingSizes()
        runner.stop()
        network.stop()
    }

    /// What the worker's forwarder has noticed.
    func handle(_ events: [ForwardingEvent]) { dataPlane.pass(events, to: runner, logger: logger) }
}

extension AnchorControlPlane: StatusSource {
    func presentation() async -> Presentation {
        let traffic = await worker.snapshot()
        return Presentation(
            anchor: runner.engine.snapshot,
            named: configuration.name,
            policy: policy,
            traffic: dataPlane.view(of: traffic),
            unsendable: runner.unsendable,
            withheld: runner.withheld,
            settings: settings.changes.map { API.Setting($0) },
            startedAt: startedAt.instant,
            now: SystemClock.now()
        )
    }
}
