// SPDX-License-Identifier: Apache-2.0

/// What probes say of a path.
package enum PathCondition: Hashable, Sendable {
    /// Installed, and no probe came through yet. Used only while no path is alive.
    case unproven
    /// Both directions carry packets, or the peer does not know probes.
    case alive
    /// Nothing comes through in at least one direction. Not used; probes go on.
    case silent
}
