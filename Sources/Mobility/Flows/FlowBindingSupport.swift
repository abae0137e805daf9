// SPDX-License-Identifier: Apache-2.0

/// How much of flow bindings an end speaks with its peers. Daemons speak all of it, and learn what a peer does not: the
/// others are for conversations with such peers.
package enum FlowBindingSupport: String, Sendable {
    /// Options 44 and 45 are neither sent nor looked at.
    case none
    /// RFC 6089 alone: flows are bound to Binding Identifiers.
    case bindings
    /// And the scheme sub-option (docs/flow-signalling.md).
    case schemes
}
