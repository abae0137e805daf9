// SPDX-License-Identifier: Apache-2.0

/// The number of a routing table.
package struct RoutingTable: Hashable, Sendable {
    /// `RTA_TABLE`
    package let value: UInt32

    package init(_ value: UInt32) { self.value = value }

    /// Where routes go that nobody puts elsewhere.
    package static let main = RoutingTable(254)
    /// The kernel's own: addresses of this machine.
    package static let local = RoutingTable(255)
}

extension RoutingTable: CustomStringConvertible {
    package var description: String { self == .main ? "main" : self == .local ? "local" : String(value) }
}
