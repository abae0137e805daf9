// SPDX-License-Identifier: Apache-2.0
import Daemon
import Lab
import LinuxIO
import Testing
import Wire

/// What of the flow rules the kernel is told, and in which words.
@Suite struct BypassPlanTests {
    private let lines = [
        NetworkExit(number: 1, label: 11, families: [.ipv4, .ipv6]),
        NetworkExit(number: 2, label: 9, families: [.ipv4]),
        NetworkExit(number: 3, label: 9, families: [.ipv4, .ipv6]),
    ]

    private func rule(
        _ treatment: FlowTreatment = .bypass,
        _ selector: TrafficSelector = .ipv4(IPv4TrafficSelector()),
        over paths: FlowPaths = .any,
        isStrict: Bool = false
    ) -> FlowRule {
        FlowRule(
            identifier: 1,
            priority: 1,
            selector: selector,
            treatment: treatment,
            paths: paths,
            isStrict: isStrict
        )
    }

    private func exits(_ rules: [FlowRule], _ lines: [NetworkExit]) -> [UInt8?] {
        BypassPlan(rules, exits: lines).steps.map(\.exit)
    }

    @Test func theFirstLabelThatIsThereTakesThePackets() {
        #expect(exits([rule(over: .labels([9, 11]))], lines) == [2])
        #expect(exits([rule(.bypass, .ipv6(IPv6TrafficSelector()), over: .labels([9, 11]))], lines) == [3])
        #expect(exits([rule(over: .any)], lines) == [1])
        #expect(exits([rule(over: .bindings([3, 1]))], lines) == [3])
        var without = lines
        without[1].families = []
        without[2].families = []
        #expect(exits([rule(over: .labels([9, 11]))], without) == [1])
        // Nothing is there: into the tunnel, which drops what a strict rule means.
        #expect(exits([rule(over: .labels([9]))], without) == [])
        #expect(exits([rule(over: .labels([7]), isStrict: true)], lines) == [])
    }

    @Test func aSilentOrExhaustedLineWaitsForWantOfABetterOne() {
        var poor = lines
        poor[1].isPoor = true
        #expect(exits([rule(over: .labels([9, 11]))], poor) == [3])
        poor[2].isPoor = true
        #expect(exits([rule(over: .labels([9, 11]))], poor) == [1])
        // The tunnel has a better line, but a strict rule may not use it.
        #expect(exits([rule(over: .labels([9]))], poor) == [])
        #expect(exits([rule(over: .labels([9]), isStrict: true)], poor) == [2])
        poor[0].isPoor = true
        #expect(exits([rule(over: .labels([9]))], poor) == [2])
    }

    @Test func rulesBeforeABypassingOneTakeTheirPacketsAway() {
        let rules = [rule(.pin), rule(.bypass), rule(.drop)]
        #expect(exits(rules, lines) == [nil, 1])
        #expect(exits([rule(.pin), rule(.drop)], lines) == [])
        #expect(exits([rule(.bypass, .other(format: 7, octets: []))], lines) == [])
    }

    private func filter(_ rules: [FlowRule]) -> GatewayFilter {
        var filter = GatewayFilter(
            tunnelDevice: "plait0",
            lanInterfaces: ["lan0", "lan1"],
            refusesInbound: false,
            privateNetworks: ["192.168.77.0/24"].compactMap { IPPrefix($0) }
        )
        filter.homeAddress = IPv4Address(10, 9, 0, 5)
        filter.bypass = BypassPlan(rules, exits: Array(lines.prefix(2)))
        return filter
    }

    private func marks(_ rules: [FlowRule]) throws -> [String] {
        try #require(filter(rules).chains.first { $0.name == "marks" }).rules
    }

    @Test func flowsEndWhereTheyBegan() throws {
        #expect(
            try marks([rule(.pin), rule(over: .labels([9]))]) == [
                "iifname != \"lan0\" iifname != \"lan1\" return",
                "ct mark & 0xff000000 == 0x1000000 ct status snat meta mark set meta mark & 0xffffff | 0x1000000 return",
                "meta nfproto ipv4 ct mark & 0xff000000 == 0x2000000 ct status snat "
                    + "meta mark set meta mark & 0xffffff | 0x2000000 return",
                "ct status confirmed ct mark & 0xff000000 == 0x0 return",
                "ct status confirmed ct status ! snat return",
                "fib daddr oifname != \"plait0\" return",
                "tcp flags & (syn | ack) != syn return",
                "meta nfproto ipv4 return",
                "meta nfproto ipv4 meta mark set meta mark & 0xffffff | 0x2000000 "
                    + "ct mark set ct mark & 0xffffff | 0x2000000 return",
            ]
        )
        let sources = try #require(filter([rule()]).chains.first { $0.name == "sources" }).rules
        #expect(
            sources.contains(
                "oifname != \"plait0\" oifname != \"lan0\" oifname != \"lan1\" oifname != \"lo\" "
                    + "meta mark & 0xff000000 != 0 masquerade"
            )
        )
        #expect(GatewayFilter(tunnelDevice: "a", lanInterfaces: [], refusesInbound: false).chains.isEmpty)
    }

    private func packets(_ selector: TrafficSelector) throws -> [String] {
        let rules = try marks([rule(.pin, selector), rule()]).dropFirst(7).dropLast()
        return rules.map { String($0.dropLast(" return".count)) }
    }

    /// The correspondent, who is the source for RFC 6088, is the destination of what the site sends.
    @Test func everyFieldOfASelectorIsSaidToNft() throws {
        var four = IPv4TrafficSelector()
        four.sourceAddresses = SelectorRange(IPv4Address(198, 51, 100, 0), through: IPv4Address(198, 51, 100, 255))
        four.destinationAddresses = SelectorRange(IPv4Address(10, 20, 0, 2))
        four.sourcePorts = SelectorRange(80, through: 90)
        four.destinationPorts = SelectorRange(5000)
        four.codePoints = SelectorRange(DifferentiatedServicesCodePoint(46))
        #expect(
            try packets(.ipv4(four)) == [
                "meta nfproto ipv4 ip daddr 198.51.100.0-198.51.100.255 ip saddr 10.20.0.2 ip dscp 46 "
                    + "meta l4proto { 6, 17 } th dport 80-90 th sport 5000"
            ]
        )
        var six = IPv6TrafficSelector()
        six.sourceAddresses = SelectorRange(try #require(IPv6Address("2001:db8:9::9")))
        six.destinationAddresses = SelectorRange(try #require(IPv6Address("2001:db8:1::1")))
        six.flowLabels = SelectorRange(FlowLabel(5), through: FlowLabel(9))
        six.codePoints = SelectorRange(DifferentiatedServicesCodePoint(8), through: DifferentiatedServicesCodePoint(10))
        six.securityParameterIndexes = SelectorRange(256, through: 257)
        let head = "meta nfproto ipv6 ip6 daddr 2001:db8:9::9 ip6 saddr 2001:db8:1::1 ip6 dscp 8-10 ip6 flowlabel 5-9"
        #expect(try packets(.ipv6(six)) == ["\(head) esp spi 256-257", "\(head) ah spi 256-257"])
        six.nextHeaders = SelectorRange(50)
        #expect(try packets(.ipv6(six)) == ["\(head) esp spi 256-257"])
        // Nothing has both.
        six.sourcePorts = SelectorRange(80)
        #expect(try packets(.ipv6(six)) == [])
        six = IPv6TrafficSelector()
        six.nextHeaders = SelectorRange(58)
        #expect(try packets(.ipv6(six)) == ["meta nfproto ipv6 meta l4proto 58"])
        six.sourcePorts = SelectorRange(80)
        #expect(try packets(.ipv6(six)) == [])
        six.nextHeaders = SelectorRange(6, through: 7)
        #expect(try packets(.ipv6(six)) == ["meta nfproto ipv6 meta l4proto { 6 } th dport 80"])
    }

    /// The anchor knows hosts with private addresses by the home address only.
    @Test func theHomeAddressMeansThePrivateNetworksToo() throws {
        var selector = IPv4TrafficSelector()
        selector.destinationAddresses = SelectorRange(IPv4Address(10, 9, 0, 0), through: IPv4Address(10, 9, 0, 255))
        #expect(
            try packets(.ipv4(selector)) == ["meta nfproto ipv4 ip saddr { 10.9.0.0-10.9.0.255, 192.168.77.0/24 }"]
        )
        selector.destinationAddresses = SelectorRange(IPv4Address(10, 9, 1, 0))
        #expect(try packets(.ipv4(selector)) == ["meta nfproto ipv4 ip saddr 10.9.1.0"])
    }

    @Test func nftTakesEveryField() async throws {
        var four = IPv4TrafficSelector()
        four.sourceAddresses = SelectorRange(IPv4Address(0), through: IPv4Address(255, 255, 255, 255))
        four.destinationAddresses = SelectorRange(IPv4Address(10, 9, 0, 0), through: IPv4Address(10, 9, 0, 255))
        four.codePoints = SelectorRange(.init(0), through: .init(63))
        four.protocols = SelectorRange(0, through: 255)
        four.sourcePorts = SelectorRange(0, through: 65535)
        four.destinationPorts = SelectorRange(5, through: 5)
        var six = IPv6TrafficSelector()
        six.sourceAddresses = SelectorRange(IPv6Address(high: 0, low: 0), through: IPv6Address(high: .max, low: .max))
        six.destinationAddresses = SelectorRange(IPv6Address(high: 1, low: 0))
        six.codePoints = SelectorRange(.init(10), through: .init(20))
        six.flowLabels = SelectorRange(FlowLabel(0), through: FlowLabel(.max))
        six.securityParameterIndexes = SelectorRange(0, through: .max)
        var icmp = IPv6TrafficSelector()
        icmp.nextHeaders = SelectorRange(58)
        let selectors: [TrafficSelector] = [.ipv4(four), .ipv6(six), .ipv6(icmp), .ipv4(IPv4TrafficSelector())]
        let chains = filter(selectors.flatMap { [rule(.pin, $0), rule(.bypass, $0)] }).chains
        try await ScratchCable.with { cable in
            try cable.near.enter { try FilterTable(tunnelDevice: "plait0").install(chains) }
            #expect(try await cable.near.run(["nft", "list", "ruleset"]).contains("ip6 flowlabel"))
        }
    }
}
