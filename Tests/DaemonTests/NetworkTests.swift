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
            return GatewayNetwork(tunnel: tunnel, lans: [(SiteLAN.Plan(), lan)], netlink: netlink, logger: logger)
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
            #expect(network.lans.first?.advertisedPrefix == IPPrefix("2001:db8:5600::/64"))
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
            #expect(network.lans.first?.advertisedPrefix == IPPrefix("2001:db8:1234:5::/64"))
            network.removeAll()
            try await space.leavesNothing(since: before)
            #expect(log.lines.isEmpty)
            withExtendedLifetime(tun) {}
        }
    }

    /// Whatever the session has and loses, and in which order: at the end the LAN link has nothing of ours. An IPv4 prefix,
    /// an IPv6 prefix and a home address come in every order and go in every order, or with the gateway.
    @Test func theLANKeepsNothingWhateverCameAndWentWhen() async throws {
        try await ScratchCable.with { cable in
            let tun = try device("plait0", in: cable.near)
            let before = try await cable.near.imprint()
            let (logger, index) = (log.logger, tun.index)
            let private4 = try #require(IPv4Address("192.168.77.1"))
            let home = try #require(IPv4Address("10.9.0.2"))
            let (ipv4, ipv6) = (try #require(IPPrefix("10.20.0.0/24")), try #require(IPPrefix("2001:db8:5600::/56")))
            let orders = [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]]
            let held = try cable.near.enter {
                let netlink = try NetlinkSocket()
                let near = try #require(try netlink.link(named: "near")).index
                let coming: [NetworkChange] = [.addPrefix(ipv4), .addPrefix(ipv6), .addHomeAddress(home)]
                let going: [NetworkChange] = [.removePrefix(ipv4), .removePrefix(ipv6), .removeHomeAddress(home)]
                var plan = SiteLAN.Plan()
                plan.privateAddress = InterfaceAddress(private4, length: 24)
                var held: [String] = []
                for order in orders {
                    for leaving in orders + [[]] {
                        let network = GatewayNetwork(
                            tunnel: index,
                            lans: [(plan, near)],
                            netlink: try NetlinkSocket(),
                            logger: logger
                        )
                        try network.start()
                        for number in order { network.perform(coming[number]) }
                        for number in leaving { network.perform(going[number]) }
                        network.removeAll()
                        let left = try netlink.addresses(on: near).filter { $0.owner == .plait }
                        held += left.map { "\(order) \(leaving): \($0.address)" }
                    }
                }
                return held
            }
            #expect(held.isEmpty)
            try await cable.near.leavesNothing(since: before)
            #expect(log.lines.isEmpty)
            withExtendedLifetime(tun) {}
        }
    }

    @Test func aLANThatComesBackIsTakenUpAgain() async throws {
        try await ScratchCable.with { cable in
            let space = cable.near
            let tun = try device("plait0", in: space)
            let (told, logger, prefixes) = (Record<String>(), log.logger, try prefixes())
            let reactor = try space.enter { try Reactor(name: "test") }
            let (network, monitor) = try space.enter { [index = tun.index] in
                let netlink = try NetlinkSocket()
                let lan = try netlink.link(named: "near")?.index
                let network = GatewayNetwork(
                    tunnel: index,
                    lans: [(SiteLAN.Plan(), lan)],
                    netlink: netlink,
                    logger: logger
                )
                for prefix in prefixes { network.perform(.addPrefix(prefix)) }
                let monitor = try LANMonitor("near", on: reactor, logger: logger)
                try monitor.start { link in
                    for lan in network.lans { network.linkChanged(of: lan, to: link?.index) }
                    told.note(link == nil ? "gone" : "there \(network.lans.flatMap(\.held).count)")
                }
                return (network, monitor)
            }
            try reactor.start()
            defer { reactor.stop() }
            func isServed() async throws -> Bool {
                let addresses = try await space.ip("address show dev near")
                return addresses.contains("2001:db8:5600::1/64") && addresses.contains("10.20.0.1/24")
            }
            try await space.ip("link del near")
            #expect(try await told.ends(with: "gone"))
            let batch = "link add near type veth peer name port\nlink set port up\nlink set near up\n"
            try await space.run(["sh", "-c", "printf '\(batch)' | ip -batch -"])
            #expect(try await Patience.wait(.seconds(30)) { try await isServed() })
            // The kernel takes the IPv6 addresses of a link that is set down.
            try await space.ip("link set near down")
            try await space.ip("link set near up")
            #expect(try await Patience.wait(.seconds(30)) { try await isServed() })
            #expect(told.entries.allSatisfy { $0 == "gone" || $0 == "there 2" })
            withExtendedLifetime((tun, network, monitor)) {}
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
            try await cable.near.leavesNothing(since: before)
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
            try await cable.near.leavesNothing(since: before)
            #expect(log.lines.isEmpty)
        }
    }

    /// Rules, routes, LAN addresses and settings; those of another gateway that runs are not touched.
    @Test func everythingThatAKilledGatewayLeftIsTakenAway() async throws {
        try await ScratchCable.with { cable in
            let (logger, folder) = (log.logger, try ScratchFolder())
            let setting = try #require(KernelSetting.ipv4("rp_filter", on: "near"))
            let other = try device("other", in: cable.near)
            _ = try use(other.index, in: cable.near, beside: "\(folder.path)/other.sock", "10.99.0.0/24", "192.0.2.99")
            let before = try await cable.near.imprint()
            var tun: TUNDevice? = try device("plait0", in: cable.near)
            var killed: Running? = try use(
                try #require(tun).index,
                in: cable.near,
                beside: "\(folder.path)/mag.sock",
                "10.20.0.0/24",
                "192.0.2.1"
            )
            try cable.near.enter { [settings = killed?.settings] in
                try settings?.set("2", to: setting, because: "of a test")
            }
            // As when it is killed: nothing is undone, but its device and its lock are gone.
            killed = nil
            tun = nil
            let left = try await cable.near.imprint()
            #expect(left != before && left.contains("10.20.0.1") && left.contains("200000"))
            try cable.near.enter {
                let journal = try Journal.waited(beside: "\(folder.path)/mag.sock")
                _ = KernelSettings(journal, logger: logger)
                let netlink = try NetlinkSocket()
                try LentAddresses.removeLeftovers(of: journal, netlink, logger: logger)
                try WANRoutes.removeLeftovers(netlink, logger: logger)
                journal.close(logger: logger)
            }
            try gateway(InterfaceIndex(9999), in: cable.near).removeLeftovers()
            try await cable.near.leavesNothing(since: before)
            let value = try cable.near.enter { try Sysctl.read(setting) }
            #expect(value == "0")
            #expect(log.count("left by a") == 4 && log.count("error") == 0)
            withExtendedLifetime(other) {}
        }
    }

    @Test func addressesThatTheOperatorGaveStay() async throws {
        try await ScratchCable.with { cable in
            let (logger, folder) = (log.logger, try ScratchFolder())
            let (own, other) = (try #require(IPAddress("192.168.77.1")), try #require(IPAddress("10.20.0.1")))
            try await cable.near.ip("address add 192.168.77.1/24 dev near")
            let before = try await cable.near.ip("address show dev near")
            try cable.near.enter {
                let netlink = try NetlinkSocket()
                let near = try #require(try netlink.link(named: "near")).index
                let journal = try Journal.waited(beside: "\(folder.path)/mag.sock")
                let addresses = LentAddresses(journal, netlink: netlink)
                try addresses.add(own, prefixLength: 24, on: near)
                try addresses.add(other, prefixLength: 24, on: near)
                try addresses.remove(own, prefixLength: 24, on: near)
                // As when it is killed.
                #expect(try netlink.addresses(on: near).contains { $0.address == own && $0.owner != .plait })
                #expect(try netlink.addresses(on: near).contains { $0.address == other && $0.owner == .plait })
            }
            // The operator takes the other one, too.
            try await cable.near.ip("address delete 10.20.0.1/24 dev near")
            try await cable.near.ip("address add 10.20.0.1/24 dev near")
            try cable.near.enter {
                let journal = try Journal.waited(beside: "\(folder.path)/mag.sock")
                #expect(journal.leftovers.count == 1)
                try LentAddresses.removeLeftovers(of: journal, try NetlinkSocket(), logger: logger)
                journal.close(logger: logger)
            }
            #expect(try await cable.near.ip("address show dev near").contains("10.20.0.1/24"))
            try await cable.near.ip("address delete 10.20.0.1/24 dev near")
            #expect(try await cable.near.ip("address show dev near") == before)
            #expect(log.lines.isEmpty)
        }
    }

    /// What a gateway holds while it runs.
    private struct Running {
        var settings: KernelSettings
        var network: GatewayNetwork?
        var routes: WANRoutes?
    }

    /// Makes one of everything that a gateway makes.
    private func use(
        _ tunnel: InterfaceIndex,
        in namespace: LabNamespace,
        beside socket: String,
        _ prefix: String,
        _ careOf: String
    ) throws -> Running {
        let logger = log.logger
        let (delegated, source) = (try #require(IPPrefix(prefix)), try #require(IPAddress(careOf)))
        return try namespace.enter {
            let journal = try Journal.waited(beside: socket)
            let netlink = try NetlinkSocket()
            let near = try #require(try netlink.link(named: "near"))
            let network = GatewayNetwork(
                tunnel: tunnel,
                lans: [(SiteLAN.Plan(), near.index)],
                journal: journal,
                netlink: netlink,
                logger: logger
            )
            network.perform(.addPrefix(delegated))
            let routes = WANRoutes(tunnel: tunnel, netlink: netlink, logger: logger)
            let access = AccessNetwork(like: "near", number: 1, .ipv4)
            try netlink.addRoute(
                Route(
                    to: try #require(IPPrefix("0.0.0.0/0")),
                    by: near.index,
                    gateway: IPAddress("192.0.2.2"),
                    table: RoutingTable(77),
                    owner: RouteOwner(3)
                )
            )
            guard case .found(let route) = try routes.way(of: access, over: near) else { throw NoWay() }
            routes.settle([WANRoutes.Wanted(careOf: source, route: route)])
            return Running(settings: KernelSettings(journal, logger: logger), network: network, routes: routes)
        }
    }

    private struct NoWay: Error {}

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
            try await cable.near.leavesNothing(since: before)
            network.perform(.removePrefix(try prefixes()[0]))
            #expect(log.lines.count == 1)
            withExtendedLifetime(tun) {}
        }
    }

    /// However many have something of it: a registration costs the kernel nothing, and neither does the end.
    @Test func aPoolHasOneRouteFromStartToStop() async throws {
        try await ScratchCable.with { cable in
            let tun = try device("plait0", in: cable.near)
            let before = try await cable.near.imprint()
            let logger = log.logger
            let pools = try ["2001:db8:5600::/40", "10.9.0.0/24"].map { try #require(IPPrefix($0)) }
            let network = try cable.near.enter { [index = tun.index] in
                AnchorNetwork(tunnel: index, routed: pools, netlink: try NetlinkSocket(), logger: logger)
            }
            try network.start()
            network.perform(.addPrefix(try #require(IPPrefix("2001:db8:5601::/64"))))
            network.perform(.addHomeAddress(IPv4Address(10, 9, 0, 1)))
            // An operator's gift to one node, in no pool.
            let own = try #require(IPPrefix("2001:db8:77::/56"))
            network.perform(.addPrefix(own))
            let routes = try await cable.near.ip("-6 route show proto 213") + cable.near.ip("route show proto 213")
            #expect(routes.split(separator: "\n").count == 3)
            for prefix in pools + [own] { #expect(routes.contains("\(prefix) dev plait0")) }
            network.perform(.removePrefix(own))
            network.stop()
            try await cable.near.leavesNothing(since: before)
            #expect(log.lines.isEmpty)
            withExtendedLifetime(tun) {}
        }
    }
}
