// SPDX-License-Identifier: Apache-2.0

/// Who made a route or rule: the routing protocol's number, as the kernel keeps it with each.
package struct RouteOwner: Hashable, Sendable {
    /// `rtm_protocol`
    package let value: UInt8

    package init(_ value: UInt8) { self.value = value }

    /// Plait's own; by it everything of ours is found and removed.
    package static let plait = RouteOwner(213)
    /// Addresses make such routes.
    package static let kernel = RouteOwner(2)
}
