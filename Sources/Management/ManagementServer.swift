// SPDX-License-Identifier: Apache-2.0
import Hummingbird
package import Logging
import ServiceLifecycle

/// The management interface: HTTP and JSON on a Unix socket.
///
/// Who may ask is decided by the file system: the socket has mode 0660, so its owner and its group may.
/// The server runs on Swift's concurrency pool and knows the daemon only as a ``ManagementBackend``.
package struct ManagementServer: Sendable {
    private let socket: SocketFile
    private let backend: any ManagementBackend
    private let logger: Logger

    /// - Parameter socketPath: where the socket is made; missing directories above it are made as well.
    package init(
        socketPath: String,
        backend: any ManagementBackend,
        logger: Logger = Logger(label: "plait.management")
    ) {
        self.socket = SocketFile(path: socketPath)
        self.backend = backend
        self.logger = logger
    }

    /// Serves until the task is cancelled or a graceful shutdown begins, then removes the socket.
    ///
    /// - Throws: ``ManagementServerError`` if the socket cannot be made.
    package func run() async throws {
        try socket.prepare()
        // Hummingbird tells of each start at level info; that is news for its developers only.
        var serverLogger = logger
        serverLogger.logLevel = max(logger.logLevel, .notice)
        let socket = socket
        let logger = logger
        let application = Application(
            responder: ManagementResponder(backend: backend),
            configuration: ApplicationConfiguration(address: .unixDomainSocket(path: socket.path), serverName: "plait"),
            onServerRunning: { _ in
                // Before the first connection is accepted.
                do {
                    try socket.restrict()
                    logger.info("management interface is at \(socket.path)")
                } catch {
                    logger.error("\(error)")
                }
            },
            logger: serverLogger
        )
        defer { socket.remove() }
        try await Self.runUntilStopped(application, logger: serverLogger)
    }

    /// Turns cancellation into a graceful shutdown.
    ///
    /// NIO traps if a task is cancelled between the acceptance of a connection and its handling, so that the
    /// server must not feel the cancellation itself: it stops accepting, finishes what it has begun, and ends.
    private static func runUntilStopped(_ application: some Service, logger: Logger) async throws {
        var configuration = ServiceGroupConfiguration(services: [application], logger: logger)
        // A client that never finishes its request must not hold up the daemon's stop.
        configuration.maximumGracefulShutdownDuration = .seconds(2)
        let group = ServiceGroup(configuration: configuration)
        let serving = Task.detached { try await group.run() }
        let stop: @Sendable () -> Void = {
            Task { await group.triggerGracefulShutdown() }
        }
        try await withTaskCancellationHandler {
            try await withGracefulShutdownHandler {
                try await serving.value
            } onGracefulShutdown: {
                stop()
            }
        } onCancel: {
            stop()
        }
    }
}
