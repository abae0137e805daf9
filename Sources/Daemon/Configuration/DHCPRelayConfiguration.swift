// SPDX-License-Identifier: Apache-2.0
package import Wire

/// A DHCP server elsewhere that gives nodes on an access link their IPv4 home addresses.
package struct DHCPRelayConfiguration: Equatable, Sendable {
    package let server: IPv4Address
    /// The gateway's own, to which the server answers; nil: that by which the kernel reaches it.
    package let address: IPv4Address?

    init(_ node: ConfigurationNode) throws(ConfigurationError) {
        let section = try node.section(["server", "address"])
        server = try section.required("server").ipv4Address()
        address = try section.optional("address")?.ipv4Address()
    }
}
