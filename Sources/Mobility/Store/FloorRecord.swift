// SPDX-License-Identifier: Apache-2.0
package import Wire

/// What the newest update of a node whose binding is gone was numbered: older ones are replays (RFC 5213 §5.5). Only
/// where the clock does not tell.
package struct FloorRecord: Hashable, Sendable {
    package var mobileNode: NodeIdentifier
    package var sequence: UInt16
    /// The node's own, which is no time of day.
    package var timestamp: Timestamp?

    package init(mobileNode: NodeIdentifier, sequence: UInt16, timestamp: Timestamp? = nil) {
        self.mobileNode = mobileNode
        self.timestamp = timestamp
        self.sequence = sequence
    }
}
