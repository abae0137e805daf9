// SPDX-License-Identifier: Apache-2.0
package import Mobility
import Wire

/// A mobile node that a gateway may register, or all nodes of a realm.
package struct PermittedNode: Equatable, Sendable {
    /// 1 to 253 octets; a realm begins with "@".
    package let identifier: String
    /// What is decided for this node alone (RFC 5213 §6.2); nil: nothing.
    package let profile: MobileNodeProfile?

    /// The identifier by itself, or a section with it.
    init(_ node: ConfigurationNode) throws(ConfigurationError) {
        guard node.isSection else {
            identifier = try Self.identifier(node)
            profile = nil
            return
        }
        let section = try node.section([
            "identifier", "home-network-prefixes", "delegated-prefixes", "ipv4-home-address", "multipath", "delegation",
            "ip-versions", "proxy-mobility",
        ])
        identifier = try Self.identifier(try section.required("identifier"))
        guard !identifier.hasPrefix("@") else {
            throw node.failure("\"\(identifier)\" is a realm", hint: "give such settings to a node of it by its name")
        }
        profile = try Self.profile(of: identifier, section)
    }

    private static func identifier(_ node: ConfigurationNode) throws(ConfigurationError) -> String {
        let identifier = try node.networkAccessIdentifier()
        guard identifier != "@" else { throw node.failure("the realm behind \"@\" is missing") }
        return identifier
    }

    private static func profile(
        of identifier: String,
        _ section: ConfigurationSection
    ) throws(ConfigurationError) -> MobileNodeProfile {
        var profile = MobileNodeProfile(NodeIdentifier(nai: identifier))
        profile.isProxyRegistrationAllowed = try section.optional("proxy-mobility")?.truth() ?? true
        profile.isMultipathAllowed = try section.optional("multipath")?.truth() ?? true
        profile.isDelegationAllowed = try section.optional("delegation")?.truth() ?? true
        if let node = section.optional("ip-versions") {
            var families: Set<AddressFamily> = []
            for item in try node.list(atLeast: 1) {
                families.insert(try item.choice(["ipv4": AddressFamily.ipv4, "ipv6": .ipv6]))
            }
            (profile.isIPv4Allowed, profile.isIPv6Allowed) = (families.contains(.ipv4), families.contains(.ipv6))
        }
        try addAddresses(section, to: &profile)
        return profile
    }

    private static func addAddresses(
        _ section: ConfigurationSection,
        to profile: inout MobileNodeProfile
    ) throws(ConfigurationError) {
        if let node = section.optional("home-network-prefixes") {
            guard profile.isIPv6Allowed else { throw node.failure("ip-versions has no ipv6") }
            profile.homeNetworkPrefixes = try prefixes(node) { (item) throws(ConfigurationError) in
                try item.prefix(.ipv6)
            }
        }
        if let node = section.optional("delegated-prefixes") {
            guard profile.isDelegationAllowed else { throw node.failure("delegation is false") }
            profile.delegatedPrefixes = try prefixes(node) { (item) throws(ConfigurationError) in
                try item.prefixOfEitherFamily()
            }
        }
        if let node = section.optional("ipv4-home-address") {
            guard profile.isIPv4Allowed else { throw node.failure("ip-versions has no ipv4") }
            profile.homeAddress = try node.ipv4Address()
        }
    }

    /// As many as a session may have.
    private static func prefixes(
        _ node: ConfigurationNode,
        _ read: (ConfigurationNode) throws(ConfigurationError) -> IPPrefix
    ) throws(ConfigurationError) -> [IPPrefix] {
        let items = try node.list(atLeast: 1)
        guard items.count <= 8 else { throw node.failure("\(items.count) prefixes are too many", hint: "at most 8") }
        var prefixes: [IPPrefix] = []
        for item in items {
            let prefix = try read(item)
            // Hosts of the site make their addresses in a /64 (RFC 4862), so that longer IPv6 prefixes are of no use.
            guard prefix.isIPv4 || prefix.length <= 64 else {
                throw item.failure("\(prefix) is longer than a /64")
            }
            prefixes.append(prefix)
        }
        return prefixes
    }
}
