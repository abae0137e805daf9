// SPDX-License-Identifier: Apache-2.0
import Wire

/// Heartbeats on one pair of addresses, for the bindings that use it.
struct AnchorHeartbeat: Sendable {
    var monitor: HeartbeatMonitor
    var paths: Set<PathIdentifier>
}
