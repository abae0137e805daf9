// SPDX-License-Identifier: Apache-2.0

/// What becomes of the packets that a flow rule matches. The raw values travel (docs/flow-signalling.md).
package enum FlowTreatment: UInt8, CaseIterable, Sendable {
    /// Each flow stays whole on one path: the first in the rule's order that is there (RFC 8278 §3.2).
    case pin = 1
    /// Packet by packet over the rule's paths.
    case bond = 2
    /// Packet by packet: the first path in the rule's order, and the next only for what does not fit.
    case overflow = 3
    /// Each packet over all the rule's paths (RFC 6089 §5.3.1); the copy that comes first wins.
    case duplicate = 4
    /// Past the anchor: from the gateway straight into an access network.
    case bypass = 5
    case drop = 6
}
