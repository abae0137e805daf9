// SPDX-License-Identifier: Apache-2.0

/// How a daemon asks its peers whether they are there (RFC 5847 §5).
package struct HeartbeatConfiguration: Equatable, Sendable {
    /// HEARTBEAT_INTERVAL: 30 s to an hour.
    package let interval: Duration
    /// MISSING_HEARTBEATS_ALLOWED
    package let missingAllowed: Int

    init(_ node: ConfigurationNode?) throws(ConfigurationError) {
        let section = try node?.section(["interval", "missing-allowed"])
        interval = try section?.optional("interval")?.duration(in: .seconds(30) ... .seconds(3600)) ?? .seconds(60)
        missingAllowed = try section?.optional("missing-allowed")?.integer(in: 1...100) ?? 3
    }
}
