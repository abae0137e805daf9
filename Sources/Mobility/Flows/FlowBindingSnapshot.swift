// SPDX-License-Identifier: Apache-2.0
package import Wire

/// A flow binding of a session as the management interface shows it.
package struct FlowBindingSnapshot: Equatable, Sendable {
    package enum State: Hashable, Sendable {
        /// Of our own, and never told to the peer: each end has its own configuration.
        case local(LocalReason)
        /// Of our own: about to be told, or told and not answered.
        case pending
        /// Of our own, and the peer has it.
        case agreed
        /// Of our own, and applied by us alone.
        case refused(FlowBindingStatus)
        /// The peer's, and applied by both.
        case ofPeer
    }

    package enum LocalReason: String, Sendable {
        /// Bypass is the gateway's alone.
        case gatewaysOwn = "the gateway's own affair"
        case switchedOff = "flow bindings are switched off"
        case notSupported = "the peer knows no flow bindings"
        case notExpressible = "the peer knows no schemes"
        /// RFC 6089 binds flows to Binding Identifiers.
        case withoutBindingIdentifiers = "the session has one path without Binding Identifier"
        case noPath = "none of its paths is registered"
        case tooMany = "more than may be told"
    }

    package var rule: FlowRule
    package var state: State
    /// Off: none of its Binding Identifiers is registered; it matches nothing until one is (RFC 6089 §4.3).
    package var isActive: Bool

    package init(rule: FlowRule, state: State, isActive: Bool = true) {
        self.rule = rule
        self.state = state
        self.isActive = isActive
    }
}
