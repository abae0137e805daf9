// SPDX-License-Identifier: Apache-2.0
import Forwarding
import LinuxIO
import Logging
import Management
import ServiceLifecycle
import UnixSignals
import Wire

/// What both daemons stand on: the TUN device, two reactors, the worker, and the management interface.
struct DaemonPlanes {
    let controlReactor: Reactor
    let worker: Worker
    let tunnel: InterfaceIndex
    private let logger: Logger

    /// Larger than any access network's: the forwarder tells hosts what fits (Packet Too Big), which differs by session.
    private static let tunnelMTU = 1500

    init(role: Role, tunnel name: String, logger: Logger) throws {
        try Capabilities.requireNetAdmin()
        self.logger = logger
        let tun = try TUNDevice(name: name)
        tunnel = tun.index
        let netlink = try NetlinkSocket()
        try netlink.setMTU(Self.tunnelMTU, of: tunnel)
        try netlink.setLink(tunnel, up: true)
        // ICMP errors that the forwarder makes for hosts come out of the device from an address of this machine, which the
        // kernel would take for a forgery. The setting is the device's own and goes with it.
        if let setting = KernelSetting.ipv4("accept_local", on: name) { try Sysctl.write("1", to: setting) }
        controlReactor = try Reactor(name: "control")
        worker = Worker(
            role: role,
            tun: tun,
            on: try Reactor(name: "worker-0"),
            seed: .random(in: .min ... .max),
            logger: logger
        )
    }

    /// Runs until SIGTERM or SIGINT. `stop` runs whatever happened after `start` began.
    func run(
        status: some StatusSource,
        managementSocket: String,
        start: @escaping @Sendable () async throws -> Void,
        stop: @escaping @Sendable () async -> Void
    ) async throws {
        try worker.reactor.start()
        try controlReactor.start()
        let planes = PlanesService(start: start, stop: stop)
        let management = ManagementService(
            server: ManagementServer(
                socketPath: managementSocket,
                backend: StatusBackend(source: status),
                logger: logger
            )
        )
        let group = ServiceGroup(
            configuration: ServiceGroupConfiguration(
                services: [
                    .init(service: planes, successTerminationBehavior: .gracefullyShutdownGroup),
                    .init(service: management, successTerminationBehavior: .gracefullyShutdownGroup),
                ],
                gracefulShutdownSignals: [.sigterm, .sigint],
                logger: logger
            )
        )
        do {
            try await group.run()
        } catch {
            await end()
            throw error
        }
        await end()
    }

    private func end() async {
        await worker.stop()
        worker.reactor.stop()
        controlReactor.stop()
    }
}

/// Both planes as one service: they start and stop together.
private struct PlanesService: Service {
    let start: @Sendable () async throws -> Void
    let stop: @Sendable () async -> Void

    func run() async throws {
        do {
            try await start()
            try await gracefulShutdown()
        } catch is CancellationError {
            // Another service has failed; leave as after a signal.
        } catch {
            await stop()
            throw error
        }
        await stop()
    }
}

private struct ManagementService: Service {
    let server: ManagementServer
    func run() async throws { try await server.run() }
}
