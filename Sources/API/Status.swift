// SPDX-License-Identifier: Apache-2.0

/// Everything that a daemon tells about itself at one moment: `GET /v1/status`.
package struct Status: Codable, Sendable, Equatable {
    /// Which of the two daemons answers.
    package var role: Role
    /// The name from the configuration: the anchor's, or the gateway's identifier.
    package var name: String
    /// The version of the program.
    package var version: String
    /// Seconds since the daemon started.
    package var uptimeSeconds: Double
    /// Also at `/v1/bindings`.
    package var bindings: [Binding]
    /// Also at `/v1/paths`.
    package var paths: [Path]
    /// Also at `/v1/flows`.
    package var flows: [Flow]
    /// Also at `/v1/policy`.
    package var policy: [PolicyRule]
    /// Also at `/v1/counters`.
    package var counters: [Counter]
    /// Also at `/v1/settings`.
    package var settings: [Setting]

    package init(
        role: Role,
        name: String,
        version: String,
        uptimeSeconds: Double,
        bindings: [Binding],
        paths: [Path],
        flows: [Flow],
        policy: [PolicyRule],
        counters: [Counter],
        settings: [Setting]
    ) {
        self.role = role
        self.name = name
        self.version = version
        self.uptimeSeconds = uptimeSeconds
        self.bindings = bindings
        self.paths = paths
        self.flows = flows
        self.policy = policy
        self.counters = counters
        self.settings = settings
    }
}
