// SPDX-License-Identifier: Apache-2.0

/// Prefixes for routers on the LAN by DHCPv6.
package struct DelegationConfiguration: Equatable, Sendable {
    /// Who chooses them (RFC 7148 §5.1.3): the gateway, out of what was delegated to the site, or the anchor.
    package enum Router: Sendable { case gateway, anchor }

    package let router: Router
    /// Of a router's prefix, in bits: 32 to 64.
    package let length: UInt8
    /// How long a router may use its prefix without asking again: 2 min to 7 days.
    package let leaseTime: Duration

    init(_ node: ConfigurationNode) throws(ConfigurationError) {
        let section = try node.section(["router", "length", "lease"])
        router = try section.optional("router")?.choice(["gateway": Router.gateway, "anchor": .anchor]) ?? .gateway
        for key in ["length", "lease"] where router == .anchor {
            if let node = section.optional(key) { throw node.failure("is the anchor's to say, which is the router") }
        }
        length = UInt8(clamping: try section.optional("length")?.integer(in: 32...64) ?? 60)
        leaseTime = try section.optional("lease")?.leaseOfPrefixes() ?? .seconds(3600)
    }
}

extension ConfigurationNode {
    /// 2 min to 7 days.
    func leaseOfPrefixes() throws(ConfigurationError) -> Duration {
        try duration(in: .seconds(120)...(.seconds(604_800)))
    }
}
