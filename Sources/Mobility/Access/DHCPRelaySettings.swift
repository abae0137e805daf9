// SPDX-License-Identifier: Apache-2.0
package import Wire

/// Where DHCP messages of nodes on an access link go that the gateway does not answer itself.
package struct DHCPRelaySettings: Hashable, Sendable {
    package var server: IPv4Address
    /// Of the gateway, to which the server answers [giaddr]; nil: that by which the kernel reaches it.
    package var address: IPv4Address?

    package init(server: IPv4Address, address: IPv4Address? = nil) {
        self.server = server
        self.address = address
    }
}
