// SPDX-License-Identifier: Apache-2.0

/// A direction of a link, as seen from the gateway.
package enum LinkDirection: String, CaseIterable, Sendable {
    /// From the gateway into the network.
    case up
    /// From the network to the gateway.
    case down
}
