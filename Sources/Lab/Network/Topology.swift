// SPDX-License-Identifier: Apache-2.0

/// The lab's network: a site with two access networks, an anchor, and a server beyond it.
///
///     plait-host            plait-mag               plait-wan1              plait-lma              plait-server
///     eth0 ─────────── lan0   wan1 ~~~~~~~~~~~ access   core ───────── core1   inet0 ─────────── eth0
///                             wan2 ~~~~~~~~~~~ access   core ───────── core2
///                                              plait-wan2
///
/// `~` is an emulated link: its two cables end in plait-emu, where the emulator moves the frames between.
package enum Topology {
    static let host = LabNamespace("plait-host")
    static let gateway = LabNamespace("plait-mag")
    static let accessNetworks = [LabNamespace("plait-wan1"), LabNamespace("plait-wan2")]
    static let anchor = LabNamespace("plait-lma")
    static let server = LabNamespace("plait-server")
    static let emulator = LabNamespace("plait-emu")

    static let all = [host, gateway] + accessNetworks + [anchor, server, emulator]

    /// The links that the emulator serves.
    package static let links = accesses.map { EmulatedLink(name: $0.name, near: $0.near, far: $0.far) }

    private static let forwarding = ["net/ipv4/ip_forward=1", "net/ipv6/conf/all/forwarding=1"]

    /// One access network and the gateway's interface to it.
    private struct Access {
        var number: Int
        /// Of the network: the gateway is 2 in it, the router 1.
        var ipv6: String
        var ipv4: String

        var name: String { "wan\(number)" }
        var near: String { "\(name)-mag" }
        var far: String { "\(name)-net" }
        var router: LabNamespace { accessNetworks[number - 1] }
    }

    private static let accesses = [
        Access(number: 1, ipv6: "2001:db8:a::", ipv4: "198.51.100."),
        Access(number: 2, ipv6: "2001:db8:b::", ipv4: "203.0.113."),
    ]

    /// Whether every interface has its carrier and its link-local address.
    static func isReady() async throws -> Bool {
        for namespace in all where namespace != emulator {
            let links = try await namespace.ip("-o link").split(separator: "\n").filter { !$0.contains("LOOPBACK") }
            let addresses = try await namespace.ip("-6 -o addr show scope link").split(separator: "\n")
            guard !links.contains(where: { $0.contains("NO-CARRIER") }), addresses.count >= links.count,
                !addresses.contains(where: { $0.contains("tentative") })
            else { return false }
        }
        return true
    }

    /// Makes namespaces, cables, addresses and routes; on failure some of them may stay behind.
    static func build() async throws {
        try await host.create(["net/ipv6/conf/default/accept_ra=2"])
        try await gateway.create(forwarding + ["net/ipv6/conf/default/accept_ra=0"])
        for router in accessNetworks { try await router.create(forwarding) }
        try await anchor.create(forwarding)
        try await server.create(["net/ipv6/conf/default/accept_ra=0"])
        // The emulator's interfaces must not speak for themselves.
        try await emulator.create(["net/ipv6/conf/all/disable_ipv6=1", "net/ipv6/conf/default/disable_ipv6=1"])
        try await VirtualCable(one: .init(host, "eth0"), other: .init(gateway, "lan0")).lay()
        for access in accesses {
            try await layAccess(access)
            try await layCore(access)
        }
        try await connectServer()
    }

    private static func layAccess(_ access: Access) async throws {
        try await VirtualCable(one: .init(gateway, access.name), other: .init(emulator, access.near)).lay()
        try await VirtualCable(one: .init(access.router, "access"), other: .init(emulator, access.far)).lay()
        try await gateway.ip("addr add \(access.ipv6)2/64 dev \(access.name) nodad")
        try await gateway.ip("addr add \(access.ipv4)2/24 dev \(access.name)")
        try await access.router.ip("addr add \(access.ipv6)1/64 dev access nodad")
        try await access.router.ip("addr add \(access.ipv4)1/24 dev access")
        let metric = 100 * access.number
        try await gateway.ip("-6 route add default via \(access.ipv6)1 dev \(access.name) metric \(metric)")
        try await gateway.ip("route add default via \(access.ipv4)1 dev \(access.name) metric \(metric)")
    }

    private static func layCore(_ access: Access) async throws {
        let core = "core\(access.number)"
        let ipv6 = "2001:db8:c\(access.number)::"
        let ipv4 = "198.18.\(access.number)."
        try await VirtualCable(one: .init(access.router, "core"), other: .init(anchor, core)).lay()
        try await access.router.ip("addr add \(ipv6)1/64 dev core nodad")
        try await access.router.ip("addr add \(ipv4)1/24 dev core")
        try await anchor.ip("addr add \(ipv6)2/64 dev \(core) nodad")
        try await anchor.ip("addr add \(ipv4)2/24 dev \(core)")
        try await access.router.ip("-6 route add 2001:db8:100::1/128 via \(ipv6)2 dev core")
        try await access.router.ip("route add 192.0.2.1/32 via \(ipv4)2 dev core")
        try await anchor.ip("-6 route add \(access.ipv6)/64 via \(ipv6)1 dev \(core)")
        try await anchor.ip("route add \(access.ipv4)0/24 via \(ipv4)1 dev \(core)")
    }

    private static func connectServer() async throws {
        try await anchor.ip("addr add 2001:db8:100::1/128 dev lo nodad")
        try await anchor.ip("addr add 192.0.2.1/32 dev lo")
        try await VirtualCable(one: .init(anchor, "inet0"), other: .init(server, "eth0")).lay()
        try await anchor.ip("addr add 2001:db8:ffff::1/64 dev inet0 nodad")
        try await anchor.ip("addr add 192.0.3.1/24 dev inet0")
        try await server.ip("addr add 2001:db8:ffff::80/64 dev eth0 nodad")
        try await server.ip("addr add 192.0.3.80/24 dev eth0")
        try await server.ip("-6 route add default via 2001:db8:ffff::1 dev eth0")
        try await server.ip("route add default via 192.0.3.1 dev eth0")
    }

    /// The interface whose state the gateway sees as the carrier of its WAN.
    static func carrierInterface(_ link: String) -> String? { links.first { $0.name == link }?.near }
}
