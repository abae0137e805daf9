// SPDX-License-Identifier: Apache-2.0
package import Mobility
import Wire

/// The section `lma`: a local mobility anchor.
package struct AnchorConfiguration: Equatable, Sendable {
    /// For logs and the management interface.
    package let name: String
    package let addresses: AnchorAddresses
    /// The TUN device that user packets pass through.
    package let tunnelDevice: String
    /// The greatest packet that fits through every path, in octets, 1280 to 65535.
    package let pathMTU: Int
    /// Whether multipath (RFC 8278) is granted to gateways at all.
    package let multipath: Bool
    /// The tunnels that are granted to gateways that ask for them; at least one.
    package let tunnels: Set<TunnelEncapsulation>
    /// How often a gateway behind an address translator is told to refresh what that remembers, 1 s to 1 h
    /// (RFC 5844 §4.3).
    package let natRefreshTime: Duration
    /// The longest lifetime granted: 4 s to 262140 s in whole units of 4 s, as a binding update carries it.
    package let maximumLifetime: Duration
    /// How far a gateway's clock may be off, 1 ms to 1 h (RFC 5213 §5.5, TimestampValidityWindow).
    package let timestampWindow: Duration
    /// What tells an old update from a new one (RFC 5213 §5.5).
    package let ordering: UpdateOrdering
    package let pools: PoolsConfiguration
    /// nil: routers behind gateways are given no prefixes by DHCPv6.
    package let delegation: DelegatingRouterConfiguration?
    /// There is one if a pool or a port forward needs it.
    package let upstream: UpstreamConfiguration?
    package let distribution: DistributionConfiguration
    /// In the order in which rules are matched, behind those of the sites.
    package let policy: [PolicyRule]
    /// At least one. No identifier occurs twice; a mobile node does if it moves from one to another.
    package let gateways: [PermittedGateway]
    /// Of those mobile nodes that have one.
    package let profiles: [MobileNodeProfile]
    /// What becomes of a mobile node that another gateway registers.
    package let handoff: HandoffConfiguration
    /// How gateways are asked whether they are there.
    package let heartbeat: HeartbeatConfiguration
    /// nil: no gateway is sent to another anchor (RFC 6463).
    package let redirection: Redirection?
    /// nil: gateways keep their own timers (RFC 8127).
    package let gatewayParameters: GatewayParameters?
    /// How revocations are repeated.
    package let revocation: RevocationSettings
    /// How update notifications are repeated.
    package let notification: NotificationSettings
    /// The management socket's absolute path.
    package let managementSocket: String
    package let store: StoreLocation

    init(_ node: ConfigurationNode) throws(ConfigurationError) {
        let section = try node.section([
            "name", "addresses", "tunnel-device", "path-mtu", "multipath", "tunnels", "nat-refresh", "maximum-lifetime",
            "timestamp-window", "ordering", "pools", "delegate", "upstream", "distribution", "policy", "handoff",
            "timers",
            "heartbeat",
            "redirect",
            "mag-parameters", "gateways", "management", "store", "revocation",
            "notification",
        ])
        name = try section.required("name").word(atMost: 64)
        addresses = try AnchorAddresses(try section.required("addresses"))
        tunnelDevice = try section.optional("tunnel-device")?.interfaceName() ?? "plait0"
        pathMTU = try section.optional("path-mtu")?.integer(in: 1280...65535) ?? 1500
        multipath = try section.optional("multipath")?.truth() ?? true
        tunnels = try section.optional("tunnels")?.tunnelEncapsulations() ?? Set(TunnelEncapsulation.allCases)
        natRefreshTime =
            try section.optional("nat-refresh")?.duration(in: .seconds(1) ... .seconds(3600)) ?? .seconds(20)
        maximumLifetime = try section.optional("maximum-lifetime")?.lifetime() ?? .seconds(3600)
        timestampWindow =
            try section.optional("timestamp-window")?.duration(in: .milliseconds(1) ... .seconds(3600))
            ?? .milliseconds(300)
        ordering =
            try section.optional("ordering")?.choice([
                "timestamps": UpdateOrdering.timestamps, "node-timestamps": .nodeTimestamps,
                "sequence-numbers": .sequenceNumbers,
            ]) ?? .timestamps
        let poolsNode = try section.required("pools")
        pools = try PoolsConfiguration(poolsNode)
        // Routes of the pools would draw the tunnels' own packets into the tunnels.
        for (key, pool) in pools.all {
            for address in [addresses[.ipv6], addresses[.ipv4]].compactMap({ $0 }) where pool.block.contains(address) {
                throw poolsNode.failure("\(key), \(pool.block), contains the anchor's own address \(address)")
            }
        }
        upstream = try Self.upstream(
            section.optional("upstream"),
            pools: pools,
            poolsNode: poolsNode,
            anchor: addresses
        )
        if let upstream, upstream.interface == tunnelDevice {
            throw node.failure("upstream.interface is the tunnel device itself")
        }
        distribution = try DistributionConfiguration(section.optional("distribution"), hasRates: true)
        policy = try section.optional("policy")?.policy(of: .anchor) ?? []
        var profiles = NodeProfiles()
        gateways = try Self.gateways(try section.required("gateways"), noting: &profiles)
        try profiles.check(pools: pools, anchor: addresses)
        self.profiles = profiles.all
        delegation = try Self.delegation(section.optional("delegate"), pools, profiles.all, addresses)
        handoff = try HandoffConfiguration(section)
        heartbeat = try HeartbeatConfiguration(section.optional("heartbeat"))
        let ownAddresses = addresses
        redirection = try section.optional("redirect").map { (node) throws(ConfigurationError) in
            try Redirection(node, anchor: ownAddresses)
        }
        gatewayParameters = try section.optional("mag-parameters").map { (node) throws(ConfigurationError) in
            try GatewayParameters(node)
        }
        revocation = try section.optional("revocation").revocation()
        notification = try section.optional("notification").notification()
        managementSocket = try section.optional("management").managementSocket(default: "/run/plait/lma.sock")
        store = try section.optional("store")?.storeLocation() ?? .byDefault(for: name)
    }

    private static func upstream(
        _ node: ConfigurationNode?,
        pools: PoolsConfiguration,
        poolsNode: ConfigurationNode,
        anchor: AnchorAddresses
    ) throws(ConfigurationError) -> UpstreamConfiguration? {
        if let node { return try UpstreamConfiguration(node, pools: pools, anchor: anchor) }
        if let (key, pool) = pools.all.first(where: { $0.pool.upstream != .routed }) {
            throw poolsNode.failure(
                "\(key) is \(pool.upstream), but there is no upstream interface",
                hint: "give one in lma.upstream.interface"
            )
        }
        return nil
    }

    private static func delegation(
        _ node: ConfigurationNode?,
        _ pools: PoolsConfiguration,
        _ profiles: [MobileNodeProfile],
        _ addresses: AnchorAddresses
    ) throws(ConfigurationError) -> DelegatingRouterConfiguration? {
        let isAnyOwn = profiles.contains { $0.delegatedPrefixes.contains { !$0.isIPv4 } }
        let hasPrefixes = pools.delegatedIPv6Prefixes != nil || isAnyOwn
        return try node.map { (node) throws(ConfigurationError) in
            try DelegatingRouterConfiguration(node, at: addresses.ipv6, hasPrefixes: hasPrefixes)
        }
    }

    private static func gateways(
        _ node: ConfigurationNode,
        noting profiles: inout NodeProfiles
    ) throws(ConfigurationError) -> [PermittedGateway] {
        var gateways: [PermittedGateway] = []
        var identifiers: Set<String> = []
        for item in try node.list(atLeast: 1) {
            let gateway = try PermittedGateway(item, noting: &profiles)
            guard identifiers.insert(gateway.identifier).inserted else {
                throw item.failure("the gateway \"\(gateway.identifier)\" is there already")
            }
            gateways.append(gateway)
        }
        return gateways
    }

    var summary: String {
        let nodes = Set(gateways.flatMap(\.mobileNodes)).count
        return
            "the anchor \(name) at \(addresses.summary) for \(gateways.count) \(gateways.count == 1 ? "gateway" : "gateways")"
            + " and \(nodes) \(nodes == 1 ? "mobile node" : "mobile nodes"), \(distribution.summary)"
            + (multipath ? "" : ", without multipath")
    }
}

extension ConfigurationNode {
    /// A lifetime as binding updates carry it: 16 bits of 4 s units (RFC 6275 §6.1.7).
    func lifetime() throws(ConfigurationError) -> Duration {
        let lifetime = try duration(in: .seconds(4) ... .seconds(262140))
        let (seconds, attoseconds) = lifetime.components
        guard seconds.isMultiple(of: 4), attoseconds == 0 else {
            throw failure(
                "\(lifetime.configurationText) is not a multiple of 4s",
                hint: "the protocol counts lifetimes in units of 4s"
            )
        }
        return lifetime
    }
}

extension ConfigurationNode? {
    /// The socket of a section `management`, which may be absent as a whole.
    func managementSocket(default path: String) throws(ConfigurationError) -> String {
        try self?.section(["socket"]).optional("socket")?.socketPath() ?? path
    }
}
