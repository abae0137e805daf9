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

    /// Takes over the TUN device and sets it up.
    init(role: Role, tun: sending TUNDevice, logger: Logger) throws(SystemError) {
        self.logger = logger
        tunnel = tun.index
        let netlink = try NetlinkSocket()
        try netlink.setMTU(Self.tunnelMTU, of: tunnel)
        try netlink.setLink(tunnel, up: true)
        controlReactor = try Reactor(name: "control")
        worker = Worker(
            role: role,
            tun: tun,
            on: try Reactor(name: "worker-0"),
            seed: .random(in: .min ... .max),
            logger: logger
        )
    }

    /// Runs until SIGTERM or SIGINT, or until the TUN device is gone. `stop` runs whatever happened after `start` began.
    func run(
        status: some StatusSource,
        managementSocket: String,
        handle: @escaping @Sendable ([ForwardingEvent]) -> Void,
        start: @escaping @Sendable () async throws -> Void,
        stop: @escaping @Sendable () async -> Void
    ) async throws {
        let (failures, failed) = AsyncStream.makeStream(of: SystemError.self)
        let worker = worker
        let planes = PlanesService(
            failures: failures,
            start: {
                try await worker.start(report: handle, ended: { failed.yield($0) })
                try await start()
            },
            stop: {
                await stop()
                await worker.stop()
            }
        )
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
        // Both planes have stopped when the threads end; a thread that has not started is not waited for.
        defer {
            worker.reactor.stop()
            controlReactor.stop()
        }
        try worker.reactor.start()
        try controlReactor.start()
        try await group.run()
    }
}

/// Both planes as one service: they start and stop together.
private struct PlanesService: Service {
    let failures: AsyncStream<SystemError>
    let start: @Sendable () async throws -> Void
    let stop: @Sendable () async -> Void

    func run() async throws {
        do {
            try await start()
            try await untilTheEnd()
        } catch is CancellationError {
            // Another service has failed; leave as after a signal.
        } catch {
            await finish()
            throw error
        }
        await finish()
    }

    /// Returns when told to stop; throws what cannot be gone on with.
    private func untilTheEnd() async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await gracefulShutdown() }
            group.addTask { for await failure in failures { throw failure } }
            try await group.next()
            group.cancelAll()
        }
    }

    /// In a task that is not cancelled: a farewell takes its time although another service has failed.
    private func finish() async { await Task { await stop() }.value }
}

private struct ManagementService: Service {
    let server: ManagementServer
    func run() async throws { try await server.run() }
}
