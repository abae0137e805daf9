// SPDX-License-Identifier: Apache-2.0
import Glibc
import Hummingbird
package import Logging

/// The management interface: HTTP and JSON on a Unix socket, for reading only.
///
/// Who may ask is decided by the file system: the socket has mode 0660, so its owner and its group may.
/// The server runs on Swift's concurrency pool and knows the daemon only as a ``ManagementBackend``.
package struct ManagementServer: Sendable {
    private let socket: SocketFile
    private let backend: any ManagementBackend
    private let logger: Logger

    /// - Parameter socketPath: where the socket is made; missing directories above it are made as well.
    package init(socketPath: String, backend: any ManagementBackend, logger: Logger) {
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
        do {
            try await application.run()
        } catch is CancellationError {
            // Asked to stop: that is no failure.
            return
        }
    }
}
