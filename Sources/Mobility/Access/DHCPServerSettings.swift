// SPDX-License-Identifier: Apache-2.0
package import Wire

/// What an operator may choose about DHCP on the access link.
package struct DHCPServerSettings: Equatable, Sendable {
    /// Whole seconds, at least one.
    package var leaseTime: Duration = .seconds(3600)
    /// DNS servers that hosts are told; none leaves the option out.
    package var domainNameServers: [IPv4Address] = []

    package init() {}
}
