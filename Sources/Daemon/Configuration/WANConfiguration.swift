// SPDX-License-Identifier: Apache-2.0
package import Mobility
package import Wire

/// A link to an access network, and the path over it.
package struct WANConfiguration: Equatable, Sendable {
    /// What the log, `plait show` and the engine call it: given, or else how the link is selected.
    package let name: String
    package let selection: LinkSelection
    /// The path's BID (RFC 5648), 1 to 254: RFC 8278 §4.1 carries it in an octet.
    package let bindingIdentifier: UInt8
    /// The interface label (RFC 8278 §4.1).
    package let label: UInt8
    package let accessTechnology: AccessTechnology
    /// Of the tunnel's outer addresses.
    package let family: AddressFamily
    /// What the tunnel is asked to be; nil: what suits the family, and the way to the anchor.
    package let encapsulation: TunnelEncapsulation?
    /// What the line carries from the gateway and to it; nil: what a program says, or what is seen.
    package let uplinkRate: BitRate?
    package let downlinkRate: BitRate?
    /// The cost class: the lower, the cheaper.
    package let cost: UInt8?
    package let metrics: MetricsCommandConfiguration?
    package let quota: QuotaConfiguration?

    init(_ node: ConfigurationNode) throws(ConfigurationError) {
        let section = try node.section([
            "name", "interface", "mac", "binding-identifier", "label", "access-technology", "family", "encapsulation",
            "uplink-rate", "downlink-rate", "cost", "metrics", "quota",
        ])
        switch (section.optional("interface"), section.optional("mac")) {
        case (let interface?, nil): selection = try interface.linkSelection()
        case (nil, let address?): selection = .address(try address.linkLayerAddress())
        case (_?, _?): throw node.failure("has both interface and mac", hint: "either tells which link it is")
        case (nil, nil): throw node.failure("the key interface is missing", hint: "or give mac")
        }
        name = try section.optional("name")?.word(atMost: 32) ?? "\(selection)"
        bindingIdentifier = UInt8(try section.required("binding-identifier").integer(in: 1...254))
        label = UInt8(try section.required("label").integer(in: 0...255))
        accessTechnology = try section.required("access-technology").accessTechnology()
        family = try section.required("family").choice(["ipv4": .ipv4, "ipv6": .ipv6])
        let encapsulationNode = section.optional("encapsulation")
        encapsulation = try encapsulationNode?.tunnelEncapsulation(orAutomatic: "auto")
        uplinkRate = try section.optional("uplink-rate")?.bitRate()
        downlinkRate = try section.optional("downlink-rate")?.bitRate()
        cost = try section.optional("cost").map { node throws(ConfigurationError) in
            UInt8(try node.integer(in: 0...255))
        }
        metrics = try section.optional("metrics").map { node throws(ConfigurationError) in
            try MetricsCommandConfiguration(node)
        }
        quota = try section.optional("quota").map { node throws(ConfigurationError) in try QuotaConfiguration(node) }
    }
}

extension ConfigurationNode {
    /// A name of the registry of RFC 5213 §8.5.
    func accessTechnology() throws(ConfigurationError) -> AccessTechnology {
        let name = try word(atMost: 32)
        guard let technology = AccessTechnology(name: name) else {
            throw failure("\"\(name)\" is not one of \(AccessTechnology.allNames.joined(separator: ", "))")
        }
        return technology
    }
}
