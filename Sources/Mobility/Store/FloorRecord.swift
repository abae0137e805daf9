// SPDX-License-Identifier: Apache-2.0
package import Wire

/// The sequence number of the newest update of a node whose binding is gone: older ones are replays (RFC 5213 §5.5).
/// Only of updates without time stamp; those with one are told by the clock.
package struct FloorRecord: Hashable, Sendable {
    package var mobileNode: NodeIdentifier
    package var sequence: UInt16

    package init(mobileNode: NodeIdentifier, sequence: UInt16) {
        self.mobileNode = mobileNode
        self.sequence = sequence
    }
}
