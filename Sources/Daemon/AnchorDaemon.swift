// SPDX-License-Identifier: Apache-2.0
import Forwarding
import LinuxIO
package import Logging
import Mobility
import Wire

/// `plait lma run`: a Local Mobility Anchor until it is told to stop.
package struct AnchorDaemon {
    private let configuration: AnchorConfiguration
    private let file: String
    private let logger: Logger

    /// `file` is where the configuration stands, for errors.
    package init(_ configuration: AnchorConfiguration, file: String, logger: Logger) {
        self.configuration = configuration
        self.file = file
        self.logger = logger
    }

    /// Returns after SIGTERM or SIGINT with everything of ours removed; throws what keeps it from starting.
    package func run() async throws {
        try Capabilities.requireNetAdmin()
        let journal = try Journal.open(
            beside: configuration.managementSocket,
            file: file,
            keyPath: "lma.management.socket"
        )
        let settings = KernelSettings(journal, logger: logger)
        defer {
            settings.restoreAll()
            journal.close(logger: logger)
        }
        let store = try configuration.store.start(
            newCounter: EngineRunner<LocalMobilityAnchor>.now.restartCounter,
            file: file,
            keyPath: "lma.store",
            logger: logger
        )
        let tun = try ConfigurationError.blaming("lma.tunnel-device", in: file) { () throws(SystemError) in
            try TUNDevice(name: configuration.tunnelDevice)
        }
        let planes = try DaemonPlanes(role: .anchor, tun: tun, logger: logger)
        let proxy = try ConfigurationError.blaming("lma.upstream.interface", in: file) { () throws(SystemError) in
            try neighborProxy(on: planes.controlReactor)
        }
        let control = try AnchorControlPlane(
            configuration,
            store: store,
            worker: planes.worker,
            tunnel: planes.tunnel,
            proxy: proxy,
            on: planes.controlReactor,
            settings: settings,
            logger: logger
        )
        try await planes.run(
            status: control,
            managementSocket: configuration.managementSocket,
            handle: { events in
                control.reactor.post { control.assumeIsolated { $0.handle(events) } }
            },
            start: { [file] in
                do {
                    try await control.start()
                } catch let error as SystemError {
                    throw ConfigurationError(error, file: file, keyPath: "lma.addresses")
                } catch let error as FilterFailure {
                    throw ConfigurationError(error, file: file, keyPath: "lma.upstream")
                }
            },
            stop: { await control.stop() }
        )
    }

    /// nil if no pool is on-link.
    private func neighborProxy(on reactor: Reactor) throws(SystemError) -> sending NeighborProxy? {
        guard let upstream = configuration.upstream, !configuration.pools.blocks(.onLink).isEmpty else { return nil }
        return try NeighborProxy(device: upstream.interface, on: reactor, logger: logger)
    }
}
