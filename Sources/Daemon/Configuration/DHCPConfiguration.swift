// SPDX-License-Identifier: Apache-2.0

/// Addresses for hosts on the LAN by DHCP.
package struct DHCPConfiguration: Equatable, Sendable {
    /// How long a host may keep its address without asking again: 2 min to 7 days.
    package let leaseTime: Duration

    init(_ node: ConfigurationNode) throws(ConfigurationError) {
        let section = try node.section(["lease"])
        leaseTime = try section.leaseTime()
    }
}

extension ConfigurationSection {
    func leaseTime() throws(ConfigurationError) -> Duration {
        try optional("lease")?.duration(in: .seconds(120)...(.seconds(604_800))) ?? .seconds(3600)
    }
}
