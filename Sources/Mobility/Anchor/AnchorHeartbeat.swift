// SPDX-License-Identifier: Apache-2.0
import Wire

/// Heartbeats on one pair of addresses, for the bindings that use it.
struct AnchorHeartbeat: Sendable {
    var monitor: HeartbeatMonitor
    var paths: Set<PathIdentifier>
    /// The gateway that registered here last, and from which care-of address: what a message that says neither is
    /// judged by, at no cost that grows with the bindings.
    var gateway: NodeIdentifier
    var careOf: IPAddress
}
