// SPDX-License-Identifier: Apache-2.0
import Daemon
import Lab
import LinuxIO
import Mobility
import Testing
import Wire

/// What the daemons change in the machine's routing, judged by the system's own tools.
@Suite struct NetworkTests {
    private let delegated = ["2001:db8:5600::/56", "10.20.0.0/24", "2001:db8:1234:5::/64"]
    private let log = LogLines()

    private func prefixes() throws -> [IPPrefix] { try delegated.map { try #require(IPPrefix($0)) } }

    private func device(_ name: String, in namespace: LabNamespace) throws -> TUNDevice {
        try namespace.enter {
            let device = try TUNDevice(name: name)
            try NetlinkSocket().setLink(device.index, up: true)
            return device
        }
    }

    private func gateway(_ tunnel: InterfaceIndex, in namespace: LabNamespace) throws -> GatewayNetwork {
        let logger = log.logger
        return try namespace.enter {
            let netlink = try NetlinkSocket()
            let lan = try netlink.link(named: "near")?.index
            return GatewayNetwork(tunnel: tunnel, lan: lan, netlink: netlink, logger: logger)
        }
    }

    @Test func theGatewayRoutesItsPrefixesIntoTheTunnelAndLeavesNothing() async throws {
        try await ScratchCable.with { cable in
            let space = cable.near
            try await space.set(["net/ipv4/ip_forward=1", "net/ipv6/conf/all/forwarding=1"])
            try await space.ip("route add default via 192.0.2.2")
            try await space.ip("-6 route add default via 2001:db8:1::2")
            let tun = try device("plait0", in: space)
            let before = try await space.imprint()
            let network = try gateway(tun.index, in: space)
            for prefix in try prefixes() { network.perform(.addPrefix(prefix)) }
            #expect(network.advertisedPrefix == IPPrefix("2001:db8:5600::/64"))
            #expect(network.icmpSources.ipv6 == IPv6Address("2001:db8:5600::1"))
            #expect(network.icmpSources.ipv4 == IPv4Address("10.20.0.1"))
            let addresses = try await space.ip("address show dev near")
            #expect(addresses.contains("2001:db8:5600::1/64") && addresses.contains("10.20.0.1/24"))
            // Hosts' packets go into the tunnel whatever default routes there are, but not to neighbours.
            let out6 = try await space.ip("route get 2001:db8:ffff::1 from 2001:db8:5600::9 iif near")
            #expect(out6.contains("dev plait0"))
            #expect(try await space.ip("route get 198.51.100.1 from 10.20.0.9 iif near").contains("dev plait0"))
            #expect(try await space.ip("route get 10.20.0.7 from 10.20.0.9 iif near").contains("dev near"))
            // What no LAN has does not go back to the anchor.
            let inward = try await Command.attempt(
                space.inside(["ip", "route", "get", "2001:db8:5600:9::1", "from", "2001:db8:ffff::1", "iif", "plait0"])
            )
            #expect(inward.errors.contains("No route to host"))
            network.perform(.removePrefix(try prefixes()[0]))
            #expect(network.advertisedPrefix == IPPrefix("2001:db8:1234:5::/64"))
            network.removeAll()
            #expect(try await space.imprint() == before)
            #expect(log.lines.isEmpty)
            withExtendedLifetime(tun) {}
        }
    }

    @Test func twoGatewaysOnOneMachineDoNotMeet() async throws {
        try await ScratchCable.with { cable in
            let one = try device("one", in: cable.near)
            let two = try device("two", in: cable.near)
            let first = try gateway(one.index, in: cable.near)
            first.perform(.addPrefix(try prefixes()[1]))
            let before = try await cable.near.imprint()
            let second = try gateway(two.index, in: cable.near)
            second.removeLeftovers()
            second.perform(.addPrefix(try #require(IPPrefix("10.30.0.0/24"))))
            second.removeAll()
            #expect(try await cable.near.imprint() == before)
            withExtendedLifetime((one, two)) {}
        }
    }

    @Test func whatAKilledGatewayLeftIsTakenAway() async throws {
        try await ScratchCable.with { cable in
            // Without a LAN, whose addresses cannot be told from the operator's.
            try await cable.near.ip("link set near name renamed")
            let before = try await cable.near.imprint()
            var tun: TUNDevice? = try device("plait0", in: cable.near)
            let killed = try gateway(try #require(tun).index, in: cable.near)
            for prefix in try prefixes() { killed.perform(.addPrefix(prefix)) }
            tun = nil
            #expect(try await cable.near.imprint() != before)
            try gateway(InterfaceIndex(99), in: cable.near).removeLeftovers()
            #expect(try await cable.near.imprint() == before)
            #expect(log.lines.isEmpty)
        }
    }

    @Test func theAnchorRoutesPrefixesIntoItsTunnelOnly() async throws {
        try await ScratchCable.with { cable in
            let tun = try device("plait0", in: cable.near)
            // Another plait's.
            try await cable.near.ip("route add 10.99.0.0/24 dev near proto 213")
            let before = try await cable.near.imprint()
            let logger = log.logger
            let network = try cable.near.enter { [index = tun.index] in
                AnchorNetwork(tunnel: index, netlink: try NetlinkSocket(), logger: logger)
            }
            for prefix in try prefixes() { network.perform(.addPrefix(prefix)) }
            let routes = try await cable.near.ip("-6 route show proto 213") + cable.near.ip("route show proto 213")
            for prefix in delegated { #expect(routes.contains("\(prefix) dev plait0")) }
            for prefix in try prefixes() { network.perform(.removePrefix(prefix)) }
            #expect(try await cable.near.imprint() == before)
            network.perform(.removePrefix(try prefixes()[0]))
            #expect(log.lines.count == 1)
            withExtendedLifetime(tun) {}
        }
    }
}
