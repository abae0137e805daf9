// SPDX-License-Identifier: Apache-2.0
package import Wire

/// A mobile node that may come to an access link (RFC 5213 §6.2).
package struct AccessNodeConfiguration: Equatable, Sendable {
    /// The mobile node identifier (RFC 4283), 1 to 253 octets.
    package let identifier: String
    /// Of its interface.
    package let linkLayerAddress: LinkLayerAddress
    /// The services that it is to have; at least one.
    package let families: Set<AddressFamily>

    init(_ node: ConfigurationNode) throws(ConfigurationError) {
        let section = try node.section(["identifier", "mac", "ipv4", "ipv6"])
        identifier = try section.required("identifier").networkAccessIdentifier()
        linkLayerAddress = try section.required("mac").linkLayerAddress()
        families = try section.nodeFamilies()
    }
}

extension ConfigurationSection {
    /// What `ipv4` and `ipv6` say: a home network prefix unless that is switched off, an IPv4 home address if wanted.
    func nodeFamilies() throws(ConfigurationError) -> Set<AddressFamily> {
        var families: Set<AddressFamily> = []
        if try optional("ipv6")?.truth() ?? true { families.insert(.ipv6) }
        if try optional("ipv4")?.truth() ?? false { families.insert(.ipv4) }
        guard !families.isEmpty else {
            throw node.failure("has neither ipv4 nor ipv6", hint: "a node needs one of them at least")
        }
        return families
    }
}
