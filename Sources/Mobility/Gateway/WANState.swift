// SPDX-License-Identifier: Apache-2.0
package import Wire

/// What the operating system says of a WAN interface.
package enum WANState: Hashable, Sendable {
    case down
    /// With an address of the family that the WAN is configured for.
    case up(careOfAddress: IPAddress)
}
