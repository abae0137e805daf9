// SPDX-License-Identifier: Apache-2.0
import Forwarding
import LinuxIO
package import Logging
import Wire

/// `plait lma run`: a Local Mobility Anchor until it is told to stop.
package struct AnchorDaemon {
    private let configuration: AnchorConfiguration
    private let logger: Logger

    package init(_ configuration: AnchorConfiguration, logger: Logger) {
        self.configuration = configuration
        self.logger = logger
    }

    /// Returns after SIGTERM or SIGINT with everything of ours removed; throws what keeps it from starting.
    package func run() async throws {
        let planes = try DaemonPlanes(role: .anchor, tunnel: configuration.tunnelDevice, logger: logger)
        let control = try AnchorControlPlane(
            configuration,
            worker: planes.worker,
            tunnel: planes.tunnel,
            on: planes.controlReactor,
            logger: logger
        )
        try await planes.run(
            status: control,
            managementSocket: configuration.managementSocket,
            start: {
                try await planes.worker.start { events in
                    control.reactor.post { control.assumeIsolated { $0.handle(events) } }
                }
                try await control.start()
            },
            stop: { await control.stop() }
        )
    }
}
