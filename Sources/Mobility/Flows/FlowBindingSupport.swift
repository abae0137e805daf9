// SPDX-License-Identifier: Apache-2.0

/// How much of flow bindings an end speaks with its peers.
package enum FlowBindingSupport: String, CaseIterable, Sendable {
    /// Options 44 and 45 are neither sent nor looked at.
    case none
    /// RFC 6089 alone: flows are bound to Binding Identifiers.
    case bindings
    /// And the scheme sub-option (docs/flow-signalling.md).
    case schemes
}
