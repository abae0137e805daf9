// SPDX-License-Identifier: Apache-2.0
package import Wire

/// A mobile node's IPv4 home address with what its host has to know (RFC 5844 §3.1.1, §3.2.1).
package struct HomeAddressAssignment: Hashable, Sendable {
    package var address: IPv4Address
    /// Of the home subnet.
    package var subnetLength: UInt8
    /// nil: not told.
    package var defaultRouter: IPv4Address?
    /// The gateway serves DHCPv4 on the access link; else it would relay (RFC 5844 §3.3.4).
    package var isGatewayDHCPServer: Bool

    package init(
        address: IPv4Address,
        subnetLength: UInt8,
        defaultRouter: IPv4Address?,
        isGatewayDHCPServer: Bool
    ) {
        self.address = address
        self.subnetLength = subnetLength
        self.defaultRouter = defaultRouter
        self.isGatewayDHCPServer = isGatewayDHCPServer
    }

    /// As the data plane knows it.
    var prefix: IPPrefix { IPPrefix(host: .v4(address)) }
}
