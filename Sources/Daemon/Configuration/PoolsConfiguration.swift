// SPDX-License-Identifier: Apache-2.0
import Wire

/// What an anchor assigns prefixes and addresses from. The blocks do not overlap.
package struct PoolsConfiguration: Equatable, Sendable {
    /// One prefix for each mobile node (RFC 5213 §8.3).
    package let homeNetworkPrefixes: PrefixPool
    /// One prefix for each mobile node that asks (RFC 7148).
    package let delegatedIPv6Prefixes: PrefixPool?
    package let delegatedIPv4Prefixes: PrefixPool?
    /// One address for each mobile node that asks (RFC 5844 §3.1).
    package let ipv4HomeAddresses: PrefixPool?

    init(_ node: ConfigurationNode) throws(ConfigurationError) {
        let section = try node.section([
            "home-network-prefixes", "delegated-ipv6-prefixes", "delegated-ipv4-prefixes", "ipv4-home-addresses",
        ])
        // Hosts of the site make their addresses in a /64 (RFC 4862), so that longer IPv6 prefixes are of no use.
        let homeNode = try section.required("home-network-prefixes")
        let home = try PrefixPool(homeNode, family: .ipv6, longest: 64)
        homeNetworkPrefixes = home
        if let delegatedNode = section.optional("delegated-ipv6-prefixes") {
            let delegated = try PrefixPool(delegatedNode, family: .ipv6, longest: 64)
            guard !delegated.block.overlaps(home.block) else {
                throw delegatedNode.failure("\(delegated.block) overlaps with home-network-prefixes, \(home.block)")
            }
            delegatedIPv6Prefixes = delegated
        } else {
            delegatedIPv6Prefixes = nil
        }
        if let delegatedNode = section.optional("delegated-ipv4-prefixes") {
            delegatedIPv4Prefixes = try PrefixPool(delegatedNode, family: .ipv4, longest: 32)
        } else {
            delegatedIPv4Prefixes = nil
        }
        if let addressesNode = section.optional("ipv4-home-addresses") {
            let addresses = try PrefixPool(addresses: addressesNode)
            if let delegated = delegatedIPv4Prefixes, delegated.block.overlaps(addresses.block) {
                throw addressesNode.failure(
                    "\(addresses.block) overlaps with delegated-ipv4-prefixes, \(delegated.block)"
                )
            }
            ipv4HomeAddresses = addresses
        } else {
            ipv4HomeAddresses = nil
        }
    }

    /// All that are configured, with their keys.
    var all: [(key: String, pool: PrefixPool)] {
        [
            ("home-network-prefixes", homeNetworkPrefixes), ("delegated-ipv6-prefixes", delegatedIPv6Prefixes),
            ("delegated-ipv4-prefixes", delegatedIPv4Prefixes), ("ipv4-home-addresses", ipv4HomeAddresses),
        ].compactMap { key, pool in pool.map { (key, $0) } }
    }
}
