// SPDX-License-Identifier: Apache-2.0
package import Wire

/// What may be reached from outside
/// although the connection does not begin inside.
package struct AllowedService: Equatable, Sendable {
    package let ports: TransportPorts
    /// The host; nil: all of the site.
    package let address: IPAddress?

    package init(_ ports: TransportPorts, at address: IPAddress? = nil) {
        self.ports = ports
        self.address = address
    }

    /// Packets to it, in nft's words.
    var filterText: String {
        (address.map { "\($0.isIPv4 ? "ip" : "ip6") daddr \($0) " } ?? "") + ports.filterText
    }
}
