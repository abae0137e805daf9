// SPDX-License-Identifier: Apache-2.0
import Glibc
import LinuxIO
import Testing
import Wire

@Suite struct NetlinkTests {
    private func socket(_ network: ScratchNetwork) throws -> NetlinkSocket {
        try network.left.run { try NetlinkSocket() }
    }

    @Test func linksAreListedAndChanged() throws {
        let network = try ScratchNetwork()
        let netlink = try socket(network)
        let wire = try #require(try netlink.link(named: "wire"))
        #expect(wire.isUp && wire.isRunning && wire.isLowerUp)
        #expect(wire.mtu == 1500)
        let shown = try shell("ip -n \(network.leftName) link show wire")
        #expect(shown.contains("link/ether \(try #require(wire.linkLayerAddress))"))
        #expect(shown.contains("\(wire.index): wire"))
        try netlink.setMTU(1400, of: wire.index)
        try netlink.setLink(wire.index, up: false)
        let changed = try #require(try netlink.link(named: "wire"))
        #expect(!changed.isUp && !changed.isRunning)
        #expect(changed.mtu == 1400)
        try netlink.setLink(wire.index, up: true)
        #expect(try #require(try netlink.link(named: "wire")).isUp)
        #expect(try netlink.link(named: "none") == nil)
        #expect(try netlink.links().map(\.name).sorted() == ["lo", "wire"])
    }

    @Test func refusalsCarryTheKernelsExplanation() throws {
        let network = try ScratchNetwork()
        let netlink = try socket(network)
        let error = #expect(throws: SystemError.self) { try netlink.setLink(InterfaceIndex(9999), up: true) }
        #expect(error?.errno == ENODEV)
        let wire = try #require(try netlink.link(named: "wire"))
        let tooSmall = #expect(throws: SystemError.self) { try netlink.setMTU(1, of: wire.index) }
        #expect(tooSmall.map { "\($0)".contains("mtu less than device minimum") } == true)
        // Still usable.
        #expect(try netlink.link(named: "wire")?.mtu == 1500)
    }

    @Test func addressesAreAddedListedAndRemoved() throws {
        let network = try ScratchNetwork()
        let netlink = try socket(network)
        let wire = try #require(try netlink.link(named: "wire")).index
        let v6 = try #require(IPAddress("2001:db8::99"))
        let v4 = try #require(IPAddress("198.51.100.7"))
        try netlink.addAddress(v6, prefixLength: 64, on: wire, detectsDuplicates: false)
        try netlink.addAddress(v6, prefixLength: 64, on: wire, detectsDuplicates: false)
        try netlink.addAddress(v4, prefixLength: 24, on: wire, scope: .link)
        let shown = try shell("ip -n \(network.leftName) address show dev wire")
        #expect(shown.contains("inet6 2001:db8::99/64 scope global nodad"))
        #expect(shown.contains("inet 198.51.100.7/24 scope link"))
        let all = try netlink.addresses(on: wire)
        let listed6 = try #require(all.first { $0.address == v6 })
        #expect(listed6.prefixLength == 64 && listed6.scope == .global && !listed6.isTentative && !listed6.isDuplicate)
        #expect(try #require(all.first { $0.address == v4 }).scope == .link)
        #expect(all.contains { $0.isLinkLocal && $0.scope == .link })
        #expect(try netlink.addresses().contains { $0.address == IPAddress("::1") && $0.scope == .host })
        try netlink.removeAddress(v6, prefixLength: 64, on: wire)
        try netlink.removeAddress(v4, prefixLength: 24, on: wire)
        #expect(try !netlink.addresses(on: wire).contains { $0.address == v6 || $0.address == v4 })
        let error = #expect(throws: SystemError.self) { try netlink.removeAddress(v4, prefixLength: 24, on: wire) }
        #expect(error?.errno == EADDRNOTAVAIL)
    }

    @Test func duplicateAddressesAreSeen() throws {
        let network = try ScratchNetwork()
        let netlink = try socket(network)
        let wire = try #require(try netlink.link(named: "wire")).index
        let taken = try #require(IPAddress("2001:db8::2"))
        try netlink.addAddress(taken, prefixLength: 64, on: wire)
        #expect(try #require(try netlink.addresses(on: wire).first { $0.address == taken }).isTentative)
        let duplicate = try poll { try netlink.addresses(on: wire).first { $0.address == taken && $0.isDuplicate } }
        #expect(duplicate != nil)
    }

    @Test func routesAreAddedListedAndRemoved() throws {
        let network = try ScratchNetwork()
        let netlink = try socket(network)
        let wire = try #require(try netlink.link(named: "wire")).index
        let routes = [
            Route(to: try #require(IPPrefix("2001:db8:1::/64")), by: wire),
            Route(
                to: try #require(IPPrefix("2001:db8:2::/48")),
                by: wire,
                gateway: IPAddress("2001:db8::2"),
                table: RoutingTable(1000),
                metric: 50
            ),
            Route(
                to: try #require(IPPrefix("::/0")),
                by: wire,
                gateway: IPAddress("2001:db8::2"),
                table: RoutingTable(100)
            ),
            Route(to: try #require(IPPrefix("2001:db8:3::/48")), kind: .unreachable),
            Route(to: try #require(IPPrefix("198.51.100.0/24")), by: wire),
            Route(
                to: try #require(IPPrefix("0.0.0.0/0")),
                by: wire,
                gateway: IPAddress("192.0.2.2"),
                preferredSource: IPAddress("192.0.2.1"),
                table: RoutingTable(100),
                metric: 7
            ),
            Route(to: try #require(IPPrefix("203.0.113.0/24")), kind: .unreachable),
        ]
        for route in routes { try netlink.addRoute(route) }
        let listed = try netlink.routes()
        for route in routes {
            let found = try #require(listed.first { $0.prefix == route.prefix && $0.table == route.table }, "\(route)")
            #expect(found.kind == route.kind && found.owner == .plait && found.gateway == route.gateway)
            #expect(found.preferredSource == route.preferredSource)
            if route.kind == .unicast { #expect(found.interface == route.interface) }
            if let metric = route.metric { #expect(found.metric == metric) }
        }
        let shown = try shell("ip -n \(network.leftName) -6 route show table 1000")
        #expect(shown.contains("2001:db8:2::/48 via 2001:db8::2 dev wire proto 213 metric 50"))
        #expect(try netlink.routes(in: RoutingTable(100)).count == 2)
        try netlink.removeRoute(routes[0])
        let error = #expect(throws: SystemError.self) { try netlink.removeRoute(routes[0]) }
        #expect(error?.errno == ESRCH)
        for route in routes.dropFirst() { try netlink.removeRoute(route) }
        #expect(try !netlink.routes().contains { $0.owner == .plait })
        #expect(try netlink.routes().contains { $0.owner == .kernel }, "what is not ours stays")
    }

    @Test func addingARouteAgainReplacesIt() throws {
        let network = try ScratchNetwork()
        let netlink = try socket(network)
        let wire = try #require(try netlink.link(named: "wire")).index
        let loopback = try #require(try netlink.link(named: "lo")).index
        for prefix in ["2001:db8:1::/64", "198.51.100.0/24"] {
            let prefix = try #require(IPPrefix(prefix))
            try netlink.addRoute(Route(to: prefix, by: loopback, metric: 5))
            try netlink.addRoute(Route(to: prefix, by: wire, metric: 5))
            #expect(try netlink.routes().filter { $0.prefix == prefix }.map(\.interface) == [wire])
        }
    }

    @Test func aRouteOfSomebodyElseIsNotReplaced() throws {
        let network = try ScratchNetwork()
        let netlink = try socket(network)
        let loopback = try #require(try netlink.link(named: "lo")).index
        for prefix in ["2001:db8:1::/64", "198.51.100.0/24", "0.0.0.0/0", "::/0"] {
            let family = prefix.contains(":") ? "-6" : "-4"
            try shell("ip -n \(network.leftName) \(family) route add \(prefix) dev wire")
            let prefix = try #require(IPPrefix(prefix))
            let before = try netlink.routes()
            let error = #expect(throws: SystemError.self) { try netlink.addRoute(Route(to: prefix, by: loopback)) }
            #expect(error?.errno == EEXIST)
            #expect(throws: SystemError.self) { try netlink.removeRoute(Route(to: prefix)) }
            #expect(try netlink.routes() == before)
        }
    }

    @Test func rulesAreAddedListedAndRemoved() throws {
        let network = try ScratchNetwork()
        let netlink = try socket(network)
        let rules = [
            RoutingRule(family: .ipv6, priority: 1000, from: IPPrefix("2001:db8:1::/64"), table: RoutingTable(1000)),
            RoutingRule(family: .ipv6, priority: 999, table: .main, suppressedPrefixLength: 0),
            RoutingRule(family: .ipv4, priority: 1000, from: IPPrefix("198.51.100.0/24"), table: RoutingTable(100)),
            RoutingRule(family: .ipv4, priority: 1001, incomingInterface: "wire", table: RoutingTable(101)),
            RoutingRule(
                family: .ipv4,
                priority: 1002,
                mark: PacketMark(0x0201_0000, mask: 0xFF00_0000),
                table: RoutingTable(102)
            ),
        ]
        for rule in rules { try netlink.addRule(rule) }
        try netlink.addRule(rules[0])
        let listed = try netlink.rules()
        for rule in rules { #expect(listed.filter { $0 == rule }.count == 1, "\(rule)") }
        let shown = try shell("ip -n \(network.leftName) -6 rule")
        #expect(shown.contains("999:\tfrom all lookup main suppress_prefixlength 0 proto 213"))
        #expect(shown.contains("1000:\tfrom 2001:db8:1::/64 lookup 1000 proto 213"))
        let marked = try shell("ip -n \(network.leftName) rule")
        #expect(marked.contains("1002:\tfrom all fwmark 0x2000000/0xff000000 lookup 102 proto 213"))
        try netlink.removeRule(rules[0])
        #expect(try !netlink.rules().contains(rules[0]))
        for rule in rules.dropFirst() { try netlink.removeRule(rule) }
        #expect(try netlink.rules().count == listed.count - rules.count)
    }

    @Test func neighborsAreListedAndTheirChangesHeard() throws {
        let network = try ScratchNetwork()
        let netlink = try socket(network)
        let monitor = try network.left.run { try NeighborMonitor() }
        let wire = try #require(try netlink.link(named: "wire")).index
        func isReadable() -> Bool {
            var wanted = pollfd(fd: monitor.fd, events: Int16(POLLIN), revents: 0)
            return Glibc.poll(&wanted, 1, 0) == 1
        }
        monitor.drain()
        #expect(!isReadable())
        let mac = try #require(LinkLayerAddress(octets: [2, 0, 0, 0, 0, 9]))
        let expected: [IPAddress] = [.v4(IPv4Address(192, 0, 2, 9)), try #require(IPAddress("2001:db8::9"))]
        for address in expected {
            try shell("ip -n \(network.leftName) neigh add \(address) lladdr \(mac) dev wire nud stale")
        }
        try shell("ip -n \(network.leftName) neigh add 192.0.2.10 dev wire nud failed")
        #expect(isReadable())
        monitor.drain()
        #expect(!isReadable())
        let found = try netlink.neighbors(on: wire)
        #expect(found.filter { $0.linkLayerAddress == mac }.map(\.address) == expected)
        #expect(!found.contains { $0.address == .v4(IPv4Address(192, 0, 2, 10)) })
        #expect(try netlink.neighbors(on: InterfaceIndex(1)).isEmpty)
        try shell("ip -n \(network.leftName) neigh del 192.0.2.9 dev wire")
        #expect(try netlink.neighbors(on: wire).filter { $0.linkLayerAddress == mac }.map(\.address) == [expected[1]])
    }

    @Test func theMonitorSeesLinksAddressesAndRoutes() throws {
        let network = try ScratchNetwork()
        let monitor = try network.left.run { try NetworkMonitor() }
        let netlink = try socket(network)
        let wire = try #require(try netlink.link(named: "wire")).index
        var seen: [NetworkEvent] = []
        func sees(_ matches: (NetworkEvent) -> Bool) -> Bool {
            poll {
                seen += monitor.receive()
                return seen.contains(where: matches) ? true : nil
            } ?? false
        }
        let address = try #require(IPAddress("192.0.2.1"))
        try shell("ip -n \(network.leftName) address del 192.0.2.1/24 dev wire")
        #expect(sees { if case .addressRemoved(let it) = $0 { it.address == address } else { false } })
        try shell("ip -n \(network.leftName) address add 2001:db8::77/64 dev wire nodad")
        #expect(sees { if case .address(let it) = $0 { it.address == IPAddress("2001:db8::77") } else { false } })
        try shell("ip -n \(network.leftName) route add 2001:db8:5::/64 dev wire")
        let prefix = IPPrefix("2001:db8:5::/64")
        #expect(sees { if case .route(let it) = $0 { it.prefix == prefix } else { false } })
        try shell("ip -n \(network.leftName) route del 2001:db8:5::/64 dev wire")
        #expect(sees { if case .routeRemoved(let it) = $0 { it.prefix == prefix } else { false } })
        // The far end goes down: here the carrier is lost while the link stays set up.
        try shell("ip -n \(network.rightName) link set wire down")
        #expect(sees { if case .link(let it) = $0 { it.index == wire && it.isUp && !it.isRunning } else { false } })
        try shell("ip -n \(network.leftName) link set wire down")
        #expect(sees { if case .link(let it) = $0 { it.index == wire && !it.isUp } else { false } })
        try shell("ip -n \(network.leftName) link del wire")
        #expect(sees { $0 == .linkRemoved(index: wire) })
    }

    @Test func anOverflowIsToldAndTheMonitorGoesOn() throws {
        let network = try ScratchNetwork()
        let monitor = try network.left.run { try NetworkMonitor() }
        let netlink = try socket(network)
        let loopback = try #require(try netlink.link(named: "lo")).index
        // Each link event takes a few KiB of the monitor's 2 MiB.
        for _ in 0..<2000 {
            try netlink.setMTU(30000, of: loopback)
            try netlink.setMTU(40000, of: loopback)
        }
        var seen: [NetworkEvent] = []
        for _ in 0..<200 { seen += monitor.receive() }
        #expect(seen.contains(.overflow))
        try netlink.setMTU(50000, of: loopback)
        let last = poll {
            monitor.receive().contains { if case .link(let it) = $0 { it.mtu == 50000 } else { false } } ? true : nil
        }
        #expect(last == true)
    }

    @Test func malformedMessagesAreLeftOut() {
        let whole: [UInt8] = [
            0, 0, 1, 0, 3, 0, 0, 0, 0x43, 0, 1, 0, 0, 0, 0, 0, 8, 0, 3, 0, 97, 98, 99, 0, 8, 0, 4, 0, 0, 5, 0, 0,
        ]
        #expect(LinkState(whole[...])?.name == "abc")
        #expect(LinkState(whole[...])?.mtu == 1280)
        for count in 0..<24 { #expect(LinkState(whole[..<count]) == nil) }
        for index in whole.indices {
            for value in [0, 1, 3, 255] as [UInt8] {
                var changed = whole
                changed[index] = value
                _ = LinkState(changed[...])
                _ = AddressState(changed[...])
                _ = Route(changed[...])
                _ = RoutingRule(changed[...])
                _ = NetlinkMessage.split(changed[...])
            }
        }
    }
}
