// SPDX-License-Identifier: Apache-2.0
package import Mobility
package import Wire

/// An anchor that a gateway may register with.
package struct AnchorPeerConfiguration: Equatable, Sendable {
    /// Where no address is given, what the system's resolver is asked for.
    package let name: String?
    /// At most one of each family; none: the name is looked up.
    package let addresses: [IPAddress]
    package let authentication: AuthenticationConfiguration
    package let compatibility: PeerCompatibility

    /// What is said once for all anchors.
    struct Shared {
        let authentication: ConfigurationNode?
        let mobileNode: String?

        init(_ authentication: ConfigurationNode?, _ mobileNode: String?) {
            self.authentication = authentication
            self.mobileNode = mobileNode
        }
    }

    /// An item of `anchors`.
    init(_ node: ConfigurationNode, _ shared: Shared) throws(ConfigurationError) {
        let section = try node.section(["name", "addresses", "authentication", "compatibility"])
        name = try section.optional("name")?.hostName()
        var addresses: [IPAddress] = []
        for item in try section.optional("addresses")?.list(atLeast: 1) ?? [] {
            let address = try item.ipAddress()
            if let other = addresses.first(where: { $0.isIPv4 == address.isIPv4 }) {
                throw item.failure("\(other) is of the same family", hint: "an anchor has one address of each at most")
            }
            addresses.append(address)
        }
        self.addresses = addresses
        guard name != nil || !addresses.isEmpty else {
            throw node.failure("has neither name nor addresses", hint: "either tells where the anchor is")
        }
        authentication = try Self.authentication(section, shared)
        compatibility = try section.compatibility(authentication, mobileNodes: [shared.mobileNode].compactMap(\.self))
    }

    /// The section `anchor`: the only one.
    init(only node: ConfigurationNode, _ shared: Shared) throws(ConfigurationError) {
        let section = try node.section(["addresses", "authentication", "compatibility"])
        name = nil
        addresses = try AnchorAddresses(try section.required("addresses")).all
        authentication = try Self.authentication(section, shared)
        compatibility = try section.compatibility(authentication, mobileNodes: [shared.mobileNode].compactMap(\.self))
    }

    private static func authentication(
        _ section: ConfigurationSection,
        _ shared: Shared
    ) throws(ConfigurationError) -> AuthenticationConfiguration {
        if section.optional("authentication") == nil, let common = shared.authentication {
            return try AuthenticationConfiguration(common)
        }
        return try AuthenticationConfiguration(requiredIn: section)
    }

    /// Whether a WAN of this family may find it.
    func isReachable(over family: AddressFamily) -> Bool {
        addresses.isEmpty || addresses.contains { AddressFamily(of: $0) == family }
    }

    var summary: String { name ?? addresses.map(\.description).joined(separator: " and ") }
}

extension ConfigurationNode {
    /// A name that the resolver can be asked for.
    fileprivate func hostName() throws(ConfigurationError) -> String {
        let text = try word(atMost: 253)
        if IPAddress(text) != nil { throw failure("\(text) is an address", hint: "give it in addresses") }
        let isName = text.utf8.allSatisfy { octet in
            switch octet {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"):
                true
            default: false
            }
        }
        guard isName else { throw failure("\"\(text)\" is not a host's name") }
        return text
    }

    /// Of either family, that a host beyond its link can be reached at.
    fileprivate func ipAddress() throws(ConfigurationError) -> IPAddress {
        let text = try word(atMost: 64)
        guard let address = IPAddress(text) else { throw failure("\"\(text)\" is not an address") }
        return address.isIPv4 ? .v4(try ipv4Address()) : .v6(try ipv6Address())
    }
}
