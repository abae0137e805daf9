// SPDX-License-Identifier: Apache-2.0

/// What became of a request at one gateway; an array of them answers a ``Command``.
package struct GatewayAnswer: Codable, Sendable, Equatable {
    /// Or the anchor, of what it has done itself.
    package var gateway: String
    /// What it is about: a mobile node, a binding, all bindings, a rule.
    package var subject: String
    /// In words.
    package var outcome: String
    /// What was asked for is so: revoked bindings are gone whatever the gateway said, a notification was sent and, if
    /// that was asked for, answered well.
    package var isDone: Bool

    package init(gateway: String, subject: String, outcome: String, isDone: Bool) {
        self.gateway = gateway
        self.subject = subject
        self.outcome = outcome
        self.isDone = isDone
    }
}
