// SPDX-License-Identifier: Apache-2.0
package import Wire

/// What would become of a packet that we had to send now.
package struct FlowExplanation: Equatable, Sendable {
    package var session: SessionNumber
    /// nil: none matches, and the session's distribution decides.
    package var rule: FlowRule?
    /// The one that the next packet takes, where it may be one of several; nil: none.
    package var path: PathNumber?
    package var reason: FlowReason

    package init(session: SessionNumber, rule: FlowRule?, path: PathNumber?, reason: FlowReason) {
        self.session = session
        self.rule = rule
        self.path = path
        self.reason = reason
    }
}
