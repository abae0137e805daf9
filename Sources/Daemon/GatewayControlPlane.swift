// SPDX-License-Identifier: Apache-2.0
import Forwarding
import LinuxIO
import Logging
import Mobility
import Wire

/// The gateway's engine joined to its WAN links, its LAN, its routes and its worker; on the control reactor.
actor GatewayControlPlane {
    nonisolated let reactor: Reactor
    nonisolated var unownedExecutor: UnownedSerialExecutor { reactor.asUnownedSerialExecutor() }

    private let configuration: GatewayConfiguration
    private let worker: Worker
    private let logger: Logger
    private let network: GatewayNetwork
    private let startedAt = EngineRunner<MobileAccessGateway>.now
    private let netlink: NetlinkSocket
    private let wans: WANTable
    private let dataPlane: DataPlane
    private let runner: EngineRunner<MobileAccessGateway>
    private let accessLink: AccessLink?
    private var monitor: WANMonitor?
    /// nil until the worker has a path: advertising a guess first would hold up the true value by the three seconds that
    /// must lie between advertisements.
    private var tunnelMTU: Int?

    init(
        _ configuration: GatewayConfiguration,
        worker: Worker,
        tunnel: InterfaceIndex,
        on reactor: Reactor,
        logger: Logger
    ) throws {
        self.configuration = configuration
        self.reactor = reactor
        self.worker = worker
        self.logger = logger
        let netlink = try NetlinkSocket()
        let lan = try configuration.lan.map { lan in
            guard let link = try netlink.link(named: lan.interface) else { throw SystemError.noLink(lan.interface) }
            return link
        }
        let network = GatewayNetwork(tunnel: tunnel, lan: lan?.index, netlink: netlink, logger: logger)
        let wans = WANTable(configuration.wans)
        let dataPlane = DataPlane(worker, role: .gateway, distribution: Distribution(configuration.distribution)) {
            wans.placement(of: $0)
        }
        self.netlink = netlink
        self.network = network
        self.wans = wans
        self.dataPlane = dataPlane
        accessLink = try configuration.lan.map { configuration in
            let settings = RouterAdvertiserSettings(
                configuration,
                linkLayerAddress: lan?.linkLayerAddress,
                seed: .random(in: .min ... .max)
            )
            return try AccessLink(
                RouterAdvertiser(settings: settings),
                device: configuration.interface,
                on: reactor,
                logger: logger
            )
        }
        let engine = MobileAccessGateway(
            GatewaySettings(configuration, restartCounter: startedAt.restartCounter),
            seed: .random(in: .min ... .max)
        )
        runner = EngineRunner(engine, on: reactor, logger: logger) { action in
            switch action {
            case .forward(let change): dataPlane.perform(change)
            case .network(let change): network.perform(change)
            case .send, .report: break
            }
        }
    }

    /// Serves the LAN and registers every WAN that is up.
    func start() throws {
        try accessLink?.start()
        let monitor = try WANMonitor(configuration.wans.map { ($0.interface, $0.family) }, on: reactor, logger: logger)
        self.monitor = monitor
        logger.info("\(configuration.summary)")
        turn(.request(.start))
        try monitor.start { [unowned self] interface, state in
            self.assumeIsolated { $0.wanChanged(interface, state) }
        }
    }

    /// De-registers; `hasStopped` tells when the anchor has confirmed it or was given up.
    func beginStop() {
        monitor?.stop()
        turn(.request(.stop))
    }

    var hasStopped: Bool { runner.engine.isStopped }

    /// Takes everything of ours out of the kernel.
    func finishStop() {
        accessLink?.stop()
        network.removeAll()
        do throws(SystemError) {
            try netlink.removeRules(of: .plait)
            try netlink.removeRoutes(of: .plait)
        } catch {
            logger.error("\(error)")
        }
    }

    /// What the worker's forwarder has noticed.
    func handle(_ events: [ForwardingEvent]) {
        for event in events {
            switch event {
            case .pathCondition(let number, let condition):
                guard let path = dataPlane.identifier(of: number) else { continue }
                turn(.pathCondition(path, Mobility.PathCondition(condition)))
            case .mtuChanged(_, let mtu):
                tunnelMTU = mtu
                advertise()
            case .remotePortChanged:
                // An anchor does not move behind a NAT.
                break
            }
        }
    }

    private func wanChanged(_ interface: String, _ state: WANState) {
        // The socket comes before the turn that wants to send through it.
        if let old = wans.update(interface, to: state, mtu: monitor?.mtu(of: interface)) { runner.close(old) }
        if case .up(let address) = state {
            do throws(SystemError) {
                try runner.open(address, on: interface)
            } catch {
                logger.error("\(error)")
            }
        }
        turn(.wanChanged(interface, state))
    }

    private func turn(_ event: MobileAccessGateway.Event) {
        runner.turn(event)
        let addresses = network.lanAddresses
        guard addresses != advertised else { return }
        advertised = addresses
        dataPlane.setICMPSources(network.icmpSources.ipv6, network.icmpSources.ipv4)
        advertise()
    }

    private var advertised: [IPPrefix: IPAddress] = [:]

    private func advertise() {
        guard let tunnelMTU else { return }
        accessLink?.advertise(network.advertisedPrefix, mtu: tunnelMTU)
    }
}

extension GatewayControlPlane: StatusSource {
    func presentation() async -> Presentation {
        let traffic = await worker.snapshot()
        return Presentation(
            gateway: runner.engine.snapshot,
            named: configuration.identifier,
            traffic: dataPlane.view(of: traffic),
            unsendable: runner.unsendable,
            startedAt: startedAt.instant,
            now: SystemClock.now()
        )
    }
}
