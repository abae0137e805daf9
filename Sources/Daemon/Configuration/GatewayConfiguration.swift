// SPDX-License-Identifier: Apache-2.0
package import Mobility

/// The section `mag`: a mobile access gateway.
package struct GatewayConfiguration: Equatable, Sendable {
    /// The MAG identifier (RFC 8278 §4.2), 1 to 253 octets.
    package let identifier: String
    /// In the order in which they are tried; at least one, and for each WAN one that may have an address of its family.
    package let anchors: [AnchorPeerConfiguration]
    /// Whose time updates bear; nil: the anchor's between two ends that both are Plait, else the own.
    package let clock: ClockPolicy?
    /// Whether an anchor may send the gateway to another (RFC 6463).
    package let acceptsRedirection: Bool
    package let breakOut: BreakOutPolicy
    package let heartbeat: HeartbeatConfiguration
    /// The site itself; nil: only nodes on access links are served.
    package let mobileNode: MobileNodeConfiguration?
    /// The TUN device that user packets pass through.
    package let tunnelDevice: String
    /// Whether multipath (RFC 8278) is asked for.
    package let multipath: Bool
    /// Whether GRE tunnels are to have keys (RFC 5845); without, mobile nodes are told apart by their addresses.
    package let greKey: Bool
    /// The lifetime asked for: 4 s to 262140 s in whole units of 4 s.
    package let lifetime: Duration
    /// At least one. No name, no link and no binding identifier occurs twice; patterns may.
    package let wans: [WANConfiguration]
    /// The site's own links, in the order of the file.
    package let lans: [LANConfiguration]
    /// For mobile nodes that are not the site.
    package let accessLinks: [AccessLinkConfiguration]
    package let mobileNodes: [AccessNodeConfiguration]
    package let firewall: FirewallConfiguration
    package let distribution: DistributionConfiguration
    /// In the order in which rules are matched.
    package let policy: [PolicyRule]
    /// The management socket's absolute path.
    package let managementSocket: String
    package let store: StoreLocation

    init(_ node: ConfigurationNode) throws(ConfigurationError) {
        let section = try node.section([
            "identifier", "anchor", "anchors", "authentication", "clock", "redirect", "break-out", "heartbeat",
            "mobile-node",
            "tunnel-device", "multipath",
            "gre-key", "lifetime", "wans", "lan", "lans", "access", "mobile-nodes",
            "firewall", "distribution", "policy", "management", "store",
        ])
        identifier = try section.required("identifier").networkAccessIdentifier()
        let mobileNode = try section.optional("mobile-node").map { node throws(ConfigurationError) in
            try MobileNodeConfiguration(node)
        }
        self.mobileNode = mobileNode
        anchors = try Self.anchors(section, of: mobileNode)
        acceptsRedirection = try section.optional("redirect")?.truth() ?? false
        let breakOut = section.optional("break-out")
        self.breakOut = try breakOut?.choice(["never": BreakOutPolicy.never, "no-anchor": .noAnchor]) ?? .never
        heartbeat = try HeartbeatConfiguration(section.optional("heartbeat"))
        clock = try section.optional("clock")?.choice(["own": ClockPolicy.own, "follow-anchor": .followAnchor])
        tunnelDevice = try section.optional("tunnel-device")?.interfaceName() ?? "plait0"
        multipath = try section.optional("multipath")?.truth() ?? true
        greKey = try section.optional("gre-key")?.truth() ?? true
        lifetime = try section.optional("lifetime")?.lifetime() ?? .seconds(3600)
        wans = try Self.wans(try section.required("wans"), tunnelDevice: tunnelDevice, anchors: anchors)
        lans = try Self.lans(section, tunnelDevice: tunnelDevice, wans: wans, anchors: anchors)
        accessLinks = try Self.accessLinks(
            section.optional("access"),
            gateway: identifier,
            otherLinks: Set([tunnelDevice] + lans.map(\.interface)),
            lans: lans,
            wans: wans
        )
        mobileNodes = try Self.mobileNodes(section.optional("mobile-nodes"), beside: mobileNode, on: accessLinks)
        try Self.checkPurpose(section, mobileNode, accessLinks, mobileNodes)
        firewall = try FirewallConfiguration(section.optional("firewall"), lans: lans.compactMap(\.ipv4))
        distribution = try DistributionConfiguration(section.optional("distribution"), hasRates: false)
        policy = try section.optional("policy")?.policy(of: .gateway(labels: Set(wans.map(\.label)))) ?? []
        managementSocket = try section.optional("management").managementSocket(default: "/run/plait/mag.sock")
        store = try section.optional("store")?.storeLocation() ?? .byDefault(for: identifier)
    }

    private static func anchors(
        _ section: ConfigurationSection,
        of mobileNode: MobileNodeConfiguration?
    ) throws(ConfigurationError) -> [AnchorPeerConfiguration] {
        let shared = AnchorPeerConfiguration.Shared(section.optional("authentication"), mobileNode?.identifier)
        switch (section.optional("anchor"), section.optional("anchors")) {
        case (let only?, nil): return [try AnchorPeerConfiguration(only: only, shared)]
        case (_?, let list?): throw list.failure("is there beside anchor", hint: "put that one into the list")
        case (nil, nil): throw section.node.failure("the key anchor is missing", hint: "or give anchors, a list")
        case (nil, let list?):
            var anchors: [AnchorPeerConfiguration] = []
            for item in try list.list(atLeast: 1) {
                let anchor = try AnchorPeerConfiguration(item, shared)
                let isThere = anchors.contains {
                    $0.name != nil && $0.name == anchor.name || !Set($0.addresses).isDisjoint(with: anchor.addresses)
                }
                guard !isThere else { throw item.failure("the anchor \(anchor.summary) is there already") }
                anchors.append(anchor)
            }
            return anchors
        }
    }

    private static func wans(
        _ node: ConfigurationNode,
        tunnelDevice: String,
        anchors: [AnchorPeerConfiguration]
    ) throws(ConfigurationError) -> [WANConfiguration] {
        var wans: [WANConfiguration] = []
        for item in try node.list(atLeast: 1) {
            let wan = try WANConfiguration(item)
            try check(wan, beside: wans, tunnelDevice: tunnelDevice, item)
            if let other = wans.first(where: { $0.bindingIdentifier == wan.bindingIdentifier }) {
                throw item.failure(
                    "the binding-identifier \(wan.bindingIdentifier) belongs to \(other.name) already"
                )
            }
            guard anchors.contains(where: { $0.isReachable(over: wan.family) }) else {
                let key = anchors.count == 1 ? "mag.anchor.addresses" : "mag.anchors"
                throw item.failure("the anchor has no \(wan.family) address", hint: "give one in \(key)")
            }
            wans.append(wan)
        }
        return wans
    }

    /// Two patterns may be the same: each has a link of its own.
    private static func check(
        _ wan: WANConfiguration,
        beside others: [WANConfiguration],
        tunnelDevice: String,
        _ item: ConfigurationNode
    ) throws(ConfigurationError) {
        switch wan.selection {
        case .name(let name):
            guard name != tunnelDevice, !others.contains(where: { $0.selection == wan.selection }) else {
                throw item.failure("the interface \(name) has another purpose already")
            }
        case .address(let address):
            if let other = others.first(where: { $0.selection == wan.selection }) {
                throw item.failure("the mac \(address) belongs to \(other.name) already")
            }
        case .pattern: break
        }
        if others.contains(where: { $0.name == wan.name }) {
            throw item.failure("the name \(wan.name) is there already", hint: "give each access network its own")
        }
    }

    var summary: String {
        let interfaces = wans.map(\.name).joined(separator: ", ")
        return
            "the gateway \(identifier) to the anchor at \(anchors.map(\.summary).joined(separator: ", or ")) over \(wans.count) "
            + "\(wans.count == 1 ? "access network" : "access networks") (\(interfaces)), \(distribution.summary)"
            + (multipath ? "" : ", without multipath")
    }
}
