// SPDX-License-Identifier: Apache-2.0
import Daemon
import Lab
import LinuxIO
import Mobility
import Testing
import Wire

/// What each of several LANs gets of a session, on real links.
@Suite struct SeveralLANsTests {
    private let log = LogLines()

    private static func plan(_ change: (inout SiteLAN.Plan) -> Void = { _ in }) -> SiteLAN.Plan {
        var plan = SiteLAN.Plan()
        change(&plan)
        return plan
    }

    /// near: both families, the first /64; near1: IPv6 only, number 5; near2: IPv4 only, private.
    private static let plans = [
        plan(),
        plan {
            $0.families = [.ipv6]
            $0.subnet = 5
        },
        plan {
            $0.families = [.ipv4]
            $0.subnet = 2
            $0.privateAddress = InterfaceAddress(IPv4Address(192, 168, 78, 1), length: 24)
        },
    ]

    private func network(_ tunnel: InterfaceIndex, in namespace: LabNamespace) throws -> GatewayNetwork {
        let logger = log.logger
        return try namespace.enter {
            let netlink = try NetlinkSocket()
            var lans: [(plan: SiteLAN.Plan, link: InterfaceIndex?)] = []
            for (plan, name) in zip(Self.plans, ["near", "near1", "near2"]) {
                lans.append((plan, try #require(try netlink.link(named: name)).index))
            }
            return GatewayNetwork(tunnel: tunnel, lans: lans, netlink: netlink, logger: logger)
        }
    }

    private func add(_ name: String, in space: LabNamespace) async throws {
        try await space.ip("link add \(name) type veth peer name \(name)-port")
        try await space.ip("link set \(name)-port up")
        try await space.ip("link set \(name) up")
    }

    @Test func eachLANHasItsOwnPartOfThePrefixes() async throws {
        try await ScratchCable.with { cable in
            let space = cable.near
            try await space.set(["net/ipv4/ip_forward=1", "net/ipv6/conf/all/forwarding=1"])
            for name in ["near1", "near2"] { try await add(name, in: space) }
            let tun = try space.enter {
                let device = try TUNDevice(name: "plait0")
                try NetlinkSocket().setLink(device.index, up: true)
                return device
            }
            let before = try await space.imprint()
            let network = try network(tun.index, in: space)
            nonisolated(unsafe) let started = network
            try space.enter { try started.start() }
            // A home network prefix alone has one /64.
            let home = try #require(IPPrefix("2001:db8:1234:7::/64"))
            network.perform(.addPrefix(home))
            #expect(network.lans.map(\.advertisedPrefix) == [home, nil, nil])
            #expect(network.lans.map(\.tooSmall) == [nil, home, nil])
            network.perform(.addPrefix(try #require(IPPrefix("2001:db8:5600::/56"))))
            network.perform(.addPrefix(try #require(IPPrefix("10.20.0.0/24"))))
            let advertised = network.lans.map { $0.advertisedPrefix.map { "\($0)" } }
            #expect(advertised == ["2001:db8:5600::/64", "2001:db8:5600:5::/64", nil])
            #expect(network.lans.allSatisfy { $0.tooSmall == nil })
            let servers = network.lans.map { $0.assignedNetwork.map { "\($0.server)" } }
            #expect(servers == ["10.20.0.1", nil, "192.168.78.1"])
            #expect(network.icmpSources.ipv4 == IPv4Address(10, 20, 0, 1))
            let second = try await space.ip("address show dev near1")
            #expect(second.contains("2001:db8:5600:5::1/64") && !second.contains("inet "))
            let third = try await space.ip("address show dev near2")
            #expect(third.contains("192.168.78.1/24") && !third.contains("2001:db8"))
            // From LAN to LAN, and from each into the tunnel.
            let across = try await space.ip("route get 2001:db8:5600:5::9 from 2001:db8:5600::9 iif near")
            #expect(across.contains("dev near1"))
            let out = try await space.ip("route get 198.51.100.1 from 192.168.78.9 iif near2")
            #expect(out.contains("dev plait0"))
            network.removeAll()
            try await space.leavesNothing(since: before)
            #expect(log.lines.isEmpty)
            withExtendedLifetime(tun) {}
        }
    }

    /// One LAN's link goes and comes; the others keep what they have.
    @Test func lansComeAndGoByThemselves() async throws {
        try await ScratchCable.with { cable in
            let space = cable.near
            for name in ["near1", "near2"] { try await add(name, in: space) }
            let tun = try space.enter { try TUNDevice(name: "plait0") }
            let network = try network(tun.index, in: space)
            network.perform(.addPrefix(try #require(IPPrefix("2001:db8:5600::/56"))))
            try await space.ip("link del near1")
            let second = network.lans[1]
            network.linkChanged(of: second, to: nil)
            #expect(network.lans.map(\.held.count) == [1, 0, 1])
            try await add("near1", in: space)
            let index = try space.enter { try #require(try NetlinkSocket().link(named: "near1")).index }
            network.linkChanged(of: second, to: index)
            #expect(second.held.count == 1)
            #expect(try await space.ip("address show dev near1").contains("2001:db8:5600:5::1/64"))
            network.removeAll()
            withExtendedLifetime(tun) {}
        }
    }
}
