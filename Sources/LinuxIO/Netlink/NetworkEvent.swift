// SPDX-License-Identifier: Apache-2.0

/// Something that the kernel says has changed about the network.
package enum NetworkEvent: Equatable, Sendable {
    /// A link is new or has changed.
    case link(LinkState)
    case linkRemoved(index: InterfaceIndex)
    /// An address is new or has changed.
    case address(AddressState)
    case addressRemoved(AddressState)
    /// A route is new or has changed.
    case route(Route)
    case routeRemoved(Route)
    /// Forwarding or the like was switched on or off for a link.
    case setting
    /// More has happened than was told: everything must be listed anew.
    case overflow
}
