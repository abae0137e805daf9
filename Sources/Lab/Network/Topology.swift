// SPDX-License-Identifier: Apache-2.0

/// The lab's network: a site with two access networks, an anchor, and a server beyond it.
///
///     plait-host            plait-mag               plait-wan1              plait-lma              plait-server
///     eth0 ─────────── lan0   wan1 ~~~~~~~~~~~ access   core ───────── core1   inet0 ─────────── eth0
///                             wan2 ~~~~~~~~~~~ access   core ───────── core2
///                                              plait-wan2
///
/// `~` is an emulated link: its two cables end in plait-emu, where the emulator moves the frames between. A second site,
/// plait-host2 and plait-mag2, meets the same access networks.
package struct Topology: Sendable {
    static let hosts = [LabNamespace("plait-host"), LabNamespace("plait-host2")]
    static let gateways = [LabNamespace("plait-mag"), LabNamespace("plait-mag2")]
    static let host = hosts[0]
    static let gateway = gateways[0]
    static let accessNetworks = [LabNamespace("plait-wan1"), LabNamespace("plait-wan2")]
    static let anchor = LabNamespace("plait-lma")
    static let server = LabNamespace("plait-server")
    static let emulator = LabNamespace("plait-emu")

    /// All that a lab of any variant may have.
    static let all = hosts + gateways + accessNetworks + [anchor, server, emulator]

    /// The links that the emulator serves: the first site's. The second site's lines are plain cables.
    package static let links = [1, 2].map { number in
        let access = AccessNetwork(number: number, site: 1, variant: LabVariant())
        return EmulatedLink(name: access.name, near: access.near, far: access.far)
    }

    private static let forwarding = ["net/ipv4/ip_forward=1", "net/ipv6/conf/all/forwarding=1"]
    private static let publicAnchor = "192.0.2.1"
    private static let privateAnchor = "10.99.0.1"
    /// GRE and the mobility header.
    private static let blockedProtocols = [47, 135]

    let variant: LabVariant
    let accesses: [AccessNetwork]

    init(_ variant: LabVariant) {
        self.variant = variant
        accesses = (1...variant.sites).flatMap { site in
            [1, 2].map { AccessNetwork(number: $0, site: site, variant: variant) }
        }
    }

    /// The anchor's IPv4 address as it knows it.
    private var anchorIPv4: String { variant.isAnchorTranslated ? Self.privateAnchor : Self.publicAnchor }

    /// The namespaces that this variant has.
    private var namespaces: [LabNamespace] {
        Self.hosts.prefix(variant.sites) + Self.gateways.prefix(variant.sites) + Self.accessNetworks
            + [Self.anchor, Self.server, Self.emulator]
    }

    /// Waits until all addresses are usable.
    func settle() async throws {
        for namespace in namespaces { try await namespace.settle() }
    }

    /// Makes namespaces, cables, addresses and routes; on failure some of them may stay behind.
    func build() async throws {
        for host in Self.hosts.prefix(variant.sites) { try await host.create(["net/ipv6/conf/default/accept_ra=2"]) }
        // A gateway with dynamic addresses is a machine that nobody has prepared.
        let settings =
            variant.isDynamic
            ? DynamicAddressing.gatewaySettings : Self.forwarding + ["net/ipv6/conf/default/accept_ra=0"]
        for gateway in Self.gateways.prefix(variant.sites) { try await gateway.create(settings) }
        for router in Self.accessNetworks {
            try await router.create(Self.forwarding + ["net/ipv6/conf/default/accept_ra=0"])
        }
        try await Self.anchor.create(Self.forwarding)
        try await Self.server.create(["net/ipv6/conf/default/accept_ra=0"])
        // The emulator's interfaces must not speak for themselves.
        try await Self.emulator.create(["net/ipv6/conf/all/disable_ipv6=1", "net/ipv6/conf/default/disable_ipv6=1"])
        for (host, gateway) in zip(Self.hosts, Self.gateways).prefix(variant.sites) {
            try await VirtualCable(one: .init(host, "eth0"), other: .init(gateway, "lan0")).lay()
        }
        for access in accesses where access.site == 1 { try await layCore(access) }
        for access in accesses { try await layAccess(access) }
        try await connectServer()
    }

    private func layAccess(_ access: AccessNetwork) async throws {
        let near = VirtualCable.End(access.gateway, access.name)
        let far = VirtualCable.End(access.router, access.routerInterface)
        if access.site == 1 {
            try await VirtualCable(one: near, other: .init(Self.emulator, access.near)).lay()
            try await VirtualCable(one: far, other: .init(Self.emulator, access.far)).lay()
        } else {
            try await VirtualCable(one: near, other: far).lay()
        }
        try await access.router.ip("addr add \(access.ipv6)1/64 dev \(access.routerInterface) nodad")
        try await access.router.ip("addr add \(access.ipv4)1/24 dev \(access.routerInterface)")
        if !variant.isDynamic { try await numberStatically(access) }
        try await Self.anchor.ip("-6 route add \(access.ipv6Block) via \(coreIPv6(access))1 dev \(access.core)")
        if access.publicIPv4 == nil {
            try await Self.anchor.ip("route add \(access.ipv4)0/24 via \(coreIPv4(access))1 dev \(access.core)")
        }
    }

    private func numberStatically(_ access: AccessNetwork) async throws {
        try await access.gateway.ip("addr add \(access.ipv6)2/64 dev \(access.name) nodad")
        try await access.gateway.ip("addr add \(access.ipv4)2/24 dev \(access.name)")
        let metric = 100 * access.number
        try await access.gateway.ip("-6 route add default via \(access.ipv6)1 dev \(access.name) metric \(metric)")
        try await access.gateway.ip("route add default via \(access.ipv4)1 dev \(access.name) metric \(metric)")
    }

    private func coreIPv6(_ access: AccessNetwork) -> String { "2001:db8:c\(access.number)::" }
    private func coreIPv4(_ access: AccessNetwork) -> String { "198.18.\(access.number)." }

    private func layCore(_ access: AccessNetwork) async throws {
        let (ipv6, ipv4) = (coreIPv6(access), coreIPv4(access))
        try await VirtualCable(one: .init(access.router, "core"), other: .init(Self.anchor, access.core)).lay()
        try await access.router.ip("addr add \(ipv6)1/64 dev core nodad")
        try await access.router.ip("addr add \(ipv4)1/24 dev core")
        try await Self.anchor.ip("addr add \(ipv6)2/64 dev \(access.core) nodad")
        try await Self.anchor.ip("addr add \(ipv4)2/24 dev \(access.core)")
        try await access.router.ip("-6 route add 2001:db8:100::1/128 via \(ipv6)2 dev core")
        try await access.router.ip("route add \(anchorIPv4)/32 via \(ipv4)2 dev core")
        let translation = AddressTranslation(router: access.router, outside: "core")
        if let address = access.publicIPv4 { try await translation.translate(to: address) }
        if variant.isAnchorTranslated {
            try await translation.translateOneToOne(public: Self.publicAnchor, private: Self.privateAnchor)
        }
        if variant.blocked.contains(access.number) {
            try await translation.dropIPv6(protocols: Self.blockedProtocols)
        }
    }

    private func connectServer() async throws {
        let (anchor, server) = (Self.anchor, Self.server)
        try await anchor.ip("addr add 2001:db8:100::1/128 dev lo nodad")
        try await anchor.ip("addr add \(anchorIPv4)/32 dev lo")
        try await VirtualCable(one: .init(anchor, "inet0"), other: .init(server, "eth0")).lay()
        try await anchor.ip("addr add 2001:db8:ffff::1/64 dev inet0 nodad")
        try await anchor.ip("addr add 192.0.3.1/24 dev inet0")
        try await server.ip("addr add 2001:db8:ffff::80/64 dev eth0 nodad")
        try await server.ip("addr add 192.0.3.80/24 dev eth0")
        guard !variant.isServerOnLink else { return }
        try await server.ip("-6 route add default via 2001:db8:ffff::1 dev eth0")
        try await server.ip("route add default via 192.0.3.1 dev eth0")
    }

    /// The interface whose state the gateway sees as the carrier of its WAN.
    static func carrierInterface(_ link: String) -> String? { links.first { $0.name == link }?.near }
}
