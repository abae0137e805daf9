// SPDX-License-Identifier: Apache-2.0
import Logging
import Synchronization

/// Keeps what is logged.
final class LogLines: Sendable {
    private let texts = Mutex<[String]>([])

    /// `warning: …`
    var lines: [String] { texts.withLock { $0 } }

    var logger: Logger {
        var logger = Logger(label: "test") { _ in Handler(lines: self) }
        logger.logLevel = .info
        return logger
    }

    func count(_ part: String) -> Int { lines.count { $0.contains(part) } }

    private struct Handler: LogHandler {
        let lines: LogLines
        var metadata: Logger.Metadata = [:]
        var logLevel = Logger.Level.info

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) {
            lines.texts.withLock { $0.append("\(event.level): \(event.message)") }
        }
    }
}
