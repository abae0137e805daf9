// SPDX-License-Identifier: Apache-2.0
package import Mobility

/// How an anchor hands a mobile node over from one gateway to another: the keys `handoff` and `timers`.
package struct HandoffConfiguration: Equatable, Sendable {
    package let policy: HandoffPolicy
    /// How long a de-registered binding is kept, up to 10 min (RFC 5213 §9.1, MinDelayBeforeBCEDelete).
    package let minDelayBeforeDeletion: Duration
    /// How long a new gateway waits for the old one, up to 1 min (RFC 5213 §9.1, MaxDelayBeforeNewBCEAssign).
    package let maxDelayBeforeNewSession: Duration

    init(_ anchor: ConfigurationSection) throws(ConfigurationError) {
        policy = try anchor.optional("handoff")?.choice(["revoke": HandoffPolicy.revoke, "wait": .wait]) ?? .revoke
        let timers = try anchor.optional("timers")?.section([
            "min-delay-before-deletion", "max-delay-before-new-session",
        ])
        minDelayBeforeDeletion =
            try timers?.optional("min-delay-before-deletion")?.duration(in: .milliseconds(100) ... .seconds(600))
            ?? .seconds(10)
        maxDelayBeforeNewSession =
            try timers?.optional("max-delay-before-new-session")?.duration(in: .milliseconds(1) ... .seconds(60))
            ?? .milliseconds(1500)
    }
}
