// SPDX-License-Identifier: Apache-2.0
package import Wire

/// The logical mobile node that a gateway registers for its site (RFC 8278 §3).
package struct MobileNodeConfiguration: Equatable, Sendable {
    /// The mobile node identifier (RFC 4283), 1 to 253 octets.
    package let identifier: String
    /// The families of which a delegated prefix (RFC 7148) is asked for.
    package let delegatedPrefixes: Set<AddressFamily>
    /// Whether an IPv4 home address (RFC 5844 §3.1) is asked for.
    package let ipv4HomeAddress: Bool

    init(_ node: ConfigurationNode) throws(ConfigurationError) {
        let section = try node.section(["identifier", "delegated-prefixes", "ipv4-home-address"])
        identifier = try section.required("identifier").networkAccessIdentifier()
        delegatedPrefixes = try section.optional("delegated-prefixes")?.families() ?? []
        ipv4HomeAddress = try section.optional("ipv4-home-address")?.truth() ?? false
    }
}
