// SPDX-License-Identifier: Apache-2.0
import Wire

/// The two ends between which heartbeats run: one pair for each path, so that a path's failure is seen.
struct SignallingPair: Hashable, Sendable {
    var local: IPAddress
    var remote: IPAddress
    /// Of UDP: behind one address translator live many gateways, and many paths of one.
    var remotePort: UInt16?
}
