// SPDX-License-Identifier: Apache-2.0

/// Prefixes for routers on the LAN by DHCPv6.
package struct DelegationConfiguration: Equatable, Sendable {
    /// Of a router's prefix, in bits: 32 to 64.
    package let length: UInt8
    /// How long a router may use its prefix without asking again: 2 min to 7 days.
    package let leaseTime: Duration

    init(_ node: ConfigurationNode) throws(ConfigurationError) {
        let section = try node.section(["length", "lease"])
        length = UInt8(clamping: try section.optional("length")?.integer(in: 32...64) ?? 60)
        leaseTime = try section.optional("lease")?.duration(in: .seconds(120)...(.seconds(604_800))) ?? .seconds(3600)
    }
}
