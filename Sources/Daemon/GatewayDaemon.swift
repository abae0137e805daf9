// SPDX-License-Identifier: Apache-2.0
import Forwarding
import LinuxIO
package import Logging
import Wire

/// `plait mag run`: a Mobile Access Gateway until it is told to stop.
package struct GatewayDaemon {
    /// How long the anchor is given to confirm the de-registration.
    private static let farewell: Duration = .seconds(2)

    private let configuration: GatewayConfiguration
    private let logger: Logger

    package init(_ configuration: GatewayConfiguration, logger: Logger) {
        self.configuration = configuration
        self.logger = logger
    }

    /// Returns after SIGTERM or SIGINT with the node de-registered and everything of ours removed; throws what keeps it
    /// from starting.
    package func run() async throws {
        let planes = try DaemonPlanes(role: .gateway, tunnel: configuration.tunnelDevice, logger: logger)
        let control = try GatewayControlPlane(
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
            stop: {
                await control.beginStop()
                let deadline = ContinuousClock.now + Self.farewell
                while await !control.hasStopped, ContinuousClock.now < deadline {
                    try? await Task.sleep(for: .milliseconds(20))
                }
                await control.finishStop()
            }
        )
    }
}
