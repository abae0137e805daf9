// SPDX-License-Identifier: Apache-2.0
import Daemon
import Lab
import LinuxIO
import Mobility
import Testing
import Wire

/// Access networks as the system's own clients leave them, judged by the system's own tools.
@Suite struct WANPreparationTests {
    private static let anchor4 = IPAddress("203.0.113.9")
    private static let anchor6 = IPAddress("2001:db8:9::9")

    private let told = Record<String>()
    private let log = LogLines()
    private let folder: ScratchFolder

    init() throws { folder = try ScratchFolder() }

    /// The gateway's side of these access networks while the body runs; everything of it is undone then.
    private func attend(
        _ links: [(link: String, family: AddressFamily)],
        in router: LabNamespace,
        _ body: (KernelSettings) async throws -> Void
    ) async throws {
        let (told, logger, socket) = (told, log.logger, "\(folder.path)/mag.sock")
        let networks = links.enumerated().map { index, wan in
            AccessNetwork(
                like: wan.link,
                number: UInt8(index + 1),
                wan.family,
                anchors: [wan.family == .ipv4 ? Self.anchor4 : Self.anchor6].compactMap(\.self)
            )
        }
        let reactor = try router.enter { try Reactor(name: "test") }
        let settings = try router.enter { KernelSettings(try Journal.waited(beside: socket), logger: logger) }
        let (monitor, preparation) = try router.enter {
            let tunnel = InterfaceIndex(77)
            let preparation = try WANPreparation(tunnel: tunnel, settings: settings, logger: logger)
            let monitor = try WANMonitor(networks, preparation: preparation, on: reactor, logger: logger)
            try monitor.start { name, state, _ in
                switch state {
                case .down: told.note("\(name) down")
                case .up(let address): told.note("\(name) \(address)")
                }
            }
            return (monitor, preparation)
        }
        // Its thread looks at the settings of the network that it is started in.
        try router.enter { try reactor.start() }
        do {
            try await body(settings)
        } catch {
            reactor.stop()
            throw error
        }
        reactor.stop()
        withExtendedLifetime(monitor) {}
        preparation.stop()
        try router.enter { settings.restoreAll() }
    }

    /// As the tunnels' sockets send: bound to the link and with the care-of address.
    private func reaches(
        _ anchor: String,
        from address: String,
        over link: String,
        in router: LabNamespace
    ) async throws -> Bool {
        try await Patience.wait(.seconds(30)) {
            try await answers(anchor, from: address, over: link, in: router, within: 1)
        }
    }

    private func answers(
        _ anchor: String,
        from address: String,
        over link: String,
        in router: LabNamespace,
        within seconds: Int
    ) async throws -> Bool {
        let words = router.inside(["ping", "-c", "1", "-W", "\(seconds)", "-I", address, "-I", link, anchor])
        return try await Command.attempt(words).succeeded
    }

    /// DHCP clients that know of several lines keep each line's routes apart; some make none for the second.
    @Test func aWANWithoutADefaultRouteInTheMainTableHasItsOwn() async throws {
        try await TwoLines.with([["192.0.2.1/24"], ["198.51.100.1/24"]]) { lines in
            let router = lines.router
            try await router.ip("address add 192.0.2.2/24 dev line1")
            try await router.ip("address add 198.51.100.2/24 dev line2")
            try await router.ip("route add default via 192.0.2.1 dev line1 metric 700")
            try await router.ip("route add default via 198.51.100.1 dev line2 table 100")
            let before = try await router.imprint()
            try await attend([("line1", .ipv4), ("line2", .ipv4)], in: router) { (_: KernelSettings) async throws in
                #expect(try await told.ends(with: "line2 198.51.100.2"))
                #expect(try await router.ip("rule show").contains("32771:\tfrom 198.51.100.2 lookup 2000077002"))
                for (link, own) in [("line1", "192.0.2.2"), ("line2", "198.51.100.2")] {
                    #expect(try await reaches("203.0.113.9", from: own, over: link, in: router), "\(link)")
                }
                // What the machine itself sends goes as ever.
                #expect(try await router.ip("route get 203.0.113.9 from 198.51.100.2").contains("dev line1"))
                // The system's client moves the route to the main table: ours is not needed any more.
                try await router.ip("route add default via 198.51.100.1 dev line2 metric 800")
                #expect(try await Patience.wait(.seconds(30)) { try await !router.ip("rule show").contains("32771:") })
                #expect(try await reaches("203.0.113.9", from: "198.51.100.2", over: "line2", in: router))
                try await router.ip("route del default via 198.51.100.1 dev line2 metric 800")
                #expect(try await Patience.wait(.seconds(30)) { try await router.ip("rule show").contains("32771:") })
            }
            try await router.leavesNothing(since: before)
            #expect(log.count("error") == 0)
        }
    }

    @Test func oneDefaultRouteOverSeveralLinksServesEachOfThem() async throws {
        try await TwoLines.with([["192.0.2.1/24", "2001:db8:1::1/64"], ["198.51.100.1/24", "2001:db8:2::1/64"]]) {
            lines in
            let router = lines.router
            try await router.ip("address add 192.0.2.2/24 dev line1")
            try await router.ip("address add 198.51.100.2/24 dev line2")
            try await router.ip("route add default nexthop via 192.0.2.1 dev line1 nexthop via 198.51.100.1 dev line2")
            try await attend([("line1", .ipv4), ("line2", .ipv4)], in: router) { (_: KernelSettings) async throws in
                #expect(try await told.ends(with: "line2 198.51.100.2"))
                #expect(try await !router.ip("rule show").contains("32771:"))
                for (link, own) in [("line1", "192.0.2.2"), ("line2", "198.51.100.2")] {
                    #expect(try await reaches("203.0.113.9", from: own, over: link, in: router), "\(link)")
                }
            }
        }
    }

    @Test func anIPv6WANFindsItsRouterInAnotherTable() async throws {
        try await TwoLines.with([["2001:db8:1::1/64"], ["2001:db8:2::1/64"]]) { lines in
            let router = lines.router
            try await router.ip("address add 2001:db8:1::2/64 dev line1 nodad")
            try await router.ip("address add 2001:db8:2::2/64 dev line2 nodad")
            try await router.ip("-6 route add default via 2001:db8:1::1 dev line1")
            try await router.ip("-6 route add default via 2001:db8:2::1 dev line2 table 7")
            let before = try await router.imprint()
            try await attend([("line1", .ipv6), ("line2", .ipv6)], in: router) { (_: KernelSettings) async throws in
                #expect(try await told.ends(with: "line2 2001:db8:2::2"))
                let routes = try await router.ip("-6 route show table 2000077002")
                #expect(routes.contains("default via 2001:db8:2::1 dev line2 proto 213"))
                #expect(try await reaches("2001:db8:9::9", from: "2001:db8:2::2", over: "line2", in: router))
                // The provider renumbers: the rule goes with the address.
                try await router.ip("address add 2001:db8:2::3/64 dev line2 nodad")
                try await router.ip("address del 2001:db8:2::2/64 dev line2")
                #expect(try await told.ends(with: "line2 2001:db8:2::3"))
                #expect(try await router.ip("-6 rule show").contains("from 2001:db8:2::3 lookup 2000077002"))
                try await router.ip("address add 2001:db8:2::2/64 dev line2 nodad")
                try await router.ip("address del 2001:db8:2::3/64 dev line2")
                #expect(try await told.ends(with: "line2 2001:db8:2::2"))
            }
            try await router.leavesNothing(since: before)
        }
    }

    @Test func aPointToPointLinkNeedsNoRouter() async throws {
        try await TwoLines.with([["192.0.2.1/24"], ["198.51.100.1/24"]]) { lines in
            let router = lines.router
            let device = try router.enter { try TUNDevice(name: "ppp0") }
            try await router.ip("link set ppp0 up mtu 1492")
            try await router.ip("address add 10.64.0.2 peer 10.64.0.1/32 dev ppp0")
            try await attend([("ppp*", .ipv4)], in: router) { (_: KernelSettings) async throws in
                #expect(try await told.ends(with: "ppp* 10.64.0.2"))
                let way = try await router.ip("route get 203.0.113.9 from 10.64.0.2 oif ppp0")
                #expect(way.contains("dev ppp0") && way.contains("table 2000077001"))
            }
            withExtendedLifetime(device) {}
        }
    }

    /// Two cable modems that both hand out 192.168.1.2, and a machine that filters strictly.
    @Test func theSamePrivateAddressOnTwoLinesWorksUnderAStrictFilter() async throws {
        try await TwoLines.with([["192.168.1.1/24"], ["192.168.1.1/24"]]) { lines in
            let router = lines.router
            try await router.set(["all", "line1", "line2"].map { "net/ipv4/conf/\($0)/rp_filter=1" })
            for link in ["line1", "line2"] { try await router.ip("address add 192.168.1.2/24 dev \(link)") }
            try await router.ip("route add default via 192.168.1.1 dev line1")
            let before = try await router.imprint()
            let isAnswered = try await answers("203.0.113.9", from: "192.168.1.2", over: "line2", in: router, within: 2)
            #expect(!isAnswered)
            try await attend([("line1", .ipv4), ("line2", .ipv4)], in: router) {
                (settings: KernelSettings) async throws in
                #expect(try await told.ends(with: "line2 192.168.1.2"))
                #expect(log.count("no router is known on line2") == 1)
                // As a client that was told to leave the main table alone would have it.
                try await router.ip("route add default via 192.168.1.1 dev line2 table 200")
                #expect(try await Patience.wait(.seconds(30)) { try await router.ip("rule show").contains("32771:") })
                for link in ["line1", "line2"] {
                    #expect(try await reaches("203.0.113.9", from: "192.168.1.2", over: link, in: router), "\(link)")
                }
                #expect(settings.changes.map(\.setting.path) == ["net/ipv4/conf/line2/rp_filter"])
                #expect(settings.changes.first?.value == "2")
                try await router.ip("route del default via 192.168.1.1 dev line2 table 200")
            }
            try await router.leavesNothing(since: before)
            let setting = try #require(KernelSetting.ipv4("rp_filter", on: "line2"))
            let value = try router.enter { try Sysctl.read(setting) }
            #expect(value == "1")
        }
    }

    @Test func aFilterThatHindersNobodyStaysStrict() async throws {
        try await TwoLines.with([["192.0.2.1/24"], ["198.51.100.1/24"]]) { lines in
            let router = lines.router
            try await router.set(["all", "line1"].map { "net/ipv4/conf/\($0)/rp_filter=1" })
            try await router.ip("address add 192.0.2.2/24 dev line1")
            try await router.ip("route add default via 192.0.2.1 dev line1")
            try await attend([("line1", .ipv4)], in: router) { (settings: KernelSettings) async throws in
                #expect(try await told.ends(with: "line1 192.0.2.2"))
                #expect(try await reaches("203.0.113.9", from: "192.0.2.2", over: "line1", in: router))
                #expect(settings.changes.isEmpty)
            }
        }
    }

    /// The kernel of a machine that forwards passes over advertisements; the provider then renumbers.
    @Test func aForwardingGatewayTakesAdvertisementsAndFollowsThem() async throws {
        try await TwoLines.with([["2001:db8:a::1/64", "2001:db8:b::1/64"], []]) { lines in
            let (router, provider) = (lines.router, lines.providers[0])
            try await attend([("line1", .ipv6)], in: router) { (settings: KernelSettings) async throws in
                #expect(try await told.ends(with: "line1 down"))
                let isSet = try await Patience.wait(.seconds(30)) { settings.changes.map(\.value) == ["2"] }
                #expect(isSet)
                try advertise([("2001:db8:a::", 3600)], from: provider)
                let first = try await Patience.wait(.seconds(30)) {
                    told.entries.last?.hasPrefix("line1 2001:db8:a:") == true
                }
                #expect(first)
                #expect(try await router.ip("-6 route show default").contains("dev line1"))
                let own = try #require(told.entries.last?.split(separator: " ").last.map { String($0) })
                #expect(try await reaches("2001:db8:9::9", from: own, over: "line1", in: router))
                try advertise([("2001:db8:a::", 0), ("2001:db8:b::", 3600)], from: provider)
                let second = try await Patience.wait(.seconds(30)) {
                    told.entries.last?.hasPrefix("line1 2001:db8:b:") == true
                }
                #expect(second)
            }
            let setting = try #require(KernelSetting.ipv6("accept_ra", on: "line1"))
            let value = try router.enter { try Sysctl.read(setting) }
            #expect(value == "1")
        }
    }

    @Test func aGatewayThatIsToldToTakeNoAdvertisementsTakesNone() async throws {
        try await TwoLines.with([[], []]) { lines in
            try await lines.router.set(["net/ipv6/conf/line1/accept_ra=0"])
            try await lines.router.set(["net/ipv6/conf/line2/forwarding=0"])
            try await attend([("line1", .ipv6), ("line2", .ipv6)], in: lines.router) {
                (settings: KernelSettings) async throws in
                #expect(try await told.ends(with: "line2 down"))
                #expect(settings.changes.isEmpty)
                // Somebody switches forwarding on.
                try await lines.router.set(["net/ipv6/conf/line2/forwarding=1"])
                let isSet = try await Patience.wait(.seconds(30)) {
                    settings.changes.map(\.setting.path) == ["net/ipv6/conf/line2/accept_ra"]
                }
                #expect(isSet)
            }
        }
    }

    /// Prefixes with their preferred lifetimes, in seconds.
    private func advertise(_ prefixes: [(String, UInt32)], from provider: LabNamespace) throws {
        let options = try prefixes.map { text, preferred in
            NeighborOption.prefix(
                PrefixInformation(
                    address: try #require(IPv6Address(text)),
                    prefixLength: 64,
                    validLifetime: 7200,
                    preferredLifetime: preferred
                )
            )
        }
        let octets = RouterAdvertisement(routerLifetime: 1800, options: options).octets
        try provider.enter { try AccessLinkSocket(device: "access").send(octets, to: .allNodes) }
    }
}
