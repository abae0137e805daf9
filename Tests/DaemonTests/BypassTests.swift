// SPDX-License-Identifier: Apache-2.0
import Daemon
import Glibc
import Lab
import LinuxIO
import Mobility
import Testing
import Wire

/// Traffic past the anchor by a real kernel: 198.51.100.9 and 2001:db8:9::9 are behind the tunnel and behind two access
/// networks alike, and say who they think asks.
@Suite struct BypassTests {
    private static let address = InterfaceAddress(IPv4Address(192, 168, 77, 1), length: 24)
    private static let urls = (six: "http://[2001:db8:9::9]", four: "http://198.51.100.9")

    private let log = LogLines()
    private let folder: ScratchFolder

    init() throws { folder = try ScratchFolder() }

    /// What a gateway has of it; belongs to whoever is in the router's network.
    private final class Gateway: @unchecked Sendable {
        let network: GatewayNetwork
        let preparation: WANPreparation
        let settings: KernelSettings
        private var families: [UInt8: Set<AddressFamily>] = [:]

        init(_ network: GatewayNetwork, _ preparation: WANPreparation, _ settings: KernelSettings) {
            (self.network, self.preparation, self.settings) = (network, preparation, settings)
            preparation.exitsFound = { [unowned self] in self.families = $0 }
            preparation.hasExits = true
        }

        /// As the access networks are now.
        func follow(_ rules: [FlowRule]) throws {
            let netlink = try NetlinkSocket()
            let wans = try [UInt8(1), 2].map { number in
                WANPreparation.WAN(
                    network: AccessNetwork(like: "wan\(number)", number: number, .ipv6),
                    link: try netlink.link(named: "wan\(number)"),
                    state: .down
                )
            }
            preparation.settle(wans)
            let exits = [UInt8(1), 2].map { number in
                NetworkExit(number: number, label: 10 + number, families: families[number] ?? [])
            }
            network.bypass(BypassPlan(rules, exits: exits))
        }
    }

    private func with(
        _ body: (_ cable: TunnelCable, _ wans: [LabNamespace], _ gateway: Gateway) async throws -> Void
    ) async throws {
        try await TunnelCable.with(["2001:db8:9::9/128", "198.51.100.9/32"]) { cable in
            let wans = [1, 2].map { LabNamespace("\(cable.router.name)-wan\($0)") }
            do {
                for (index, wan) in wans.enumerated() { try await lay(cable, wan, index + 1) }
                let before = try await cable.router.imprint()
                let gateway = try gateway(cable)
                try await cable.onLink.ip("address add 2001:db8:5600::2/64 dev far nodad")
                try await cable.onLink.ip("-6 route add default via 2001:db8:5600::1 src 2001:db8:5600::2")
                try await cable.onLink.ip("address add 192.168.77.10/24 dev far")
                try await cable.onLink.ip("route add default via 192.168.77.1 src 192.168.77.10")
                try await body(cable, wans, gateway)
                try await cable.router.ip("link set wan2 up")
                try cable.router.enter {
                    gateway.network.removeAll()
                    gateway.preparation.stop()
                    gateway.settings.restoreAll()
                }
                #expect(try await cable.router.run(["nft", "list", "ruleset"]) == "")
                let left = try await cable.router.imprint()
                #expect(!left.contains("proto 213") && left.contains("fwmark") == before.contains("fwmark"))
                #expect(log.count("error") == 0, "\(log.lines)")
            } catch {
                for wan in wans { _ = try? await Command.attempt(["ip", "netns", "delete", wan.name]) }
                throw error
            }
            for wan in wans { _ = try await Command.attempt(["ip", "netns", "delete", wan.name]) }
        }
    }

    private func lay(_ cable: TunnelCable, _ wan: LabNamespace, _ number: Int) async throws {
        try await wan.create()
        try await VirtualCable(one: .init(cable.router, "wan\(number)"), other: .init(wan, "eth0")).lay()
        // As many systems have it: answers to bypassed packets would be refused.
        try await cable.router.set(["net/ipv4/conf/wan\(number)/rp_filter=1"])
        try await cable.router.ip("address add 2001:db8:7\(number)::1/64 dev wan\(number) nodad")
        try await cable.router.ip("address add 192.0.7\(number).1/24 dev wan\(number)")
        try await cable.router.ip("-6 route add default via 2001:db8:7\(number)::2 metric \(number)")
        try await cable.router.ip("route add default via 192.0.7\(number).2 metric \(number)")
        try await wan.ip("address add 2001:db8:7\(number)::2/64 dev eth0 nodad")
        try await wan.ip("address add 192.0.7\(number).2/24 dev eth0")
        try await wan.ip("address add 2001:db8:9::9/128 dev lo nodad")
        try await wan.ip("address add 198.51.100.9/32 dev lo")
    }

    private func gateway(_ cable: TunnelCable) throws -> Gateway {
        let filter = GatewayFilter(
            tunnelDevice: "plait0",
            lanInterfaces: ["near"],
            refusesInbound: true,
            privateNetworks: [Self.address?.network].compactMap(\.self)
        )
        let (tunnel, lan, logger) = (try cable.index(of: "plait0"), try cable.index(of: "near"), log.logger)
        let socket = "\(folder.path)/mag.sock"
        var plan = SiteLAN.Plan()
        plan.privateAddress = Self.address
        return try cable.router.enter { [plan] in
            let settings = KernelSettings(try Journal.waited(beside: socket), logger: logger)
            let network = GatewayNetwork(
                tunnel: tunnel,
                lans: [(plan, lan)],
                filter: filter,
                netlink: try NetlinkSocket(),
                logger: logger
            )
            try network.start()
            network.perform(.addPrefix(try #require(IPPrefix("2001:db8:5600::/64"))))
            network.perform(.addHomeAddress(IPv4Address(10, 9, 0, 5)))
            let preparation = try WANPreparation(tunnel: tunnel, settings: settings, logger: logger)
            return Gateway(network, preparation, settings)
        }
    }

    /// Port 80 of both families, and UDP 7, over label 12, else 11.
    private var rules: [FlowRule] {
        var (four, six, udp) = (IPv4TrafficSelector(), IPv6TrafficSelector(), IPv4TrafficSelector())
        four.sourcePorts = SelectorRange(80)
        six.sourcePorts = SelectorRange(80)
        udp.sourcePorts = SelectorRange(7)
        return [TrafficSelector.ipv4(four), .ipv6(six), .ipv4(udp)].enumerated().map { index, selector in
            FlowRule(
                identifier: UInt16(index + 1),
                priority: UInt16(index + 1),
                selector: selector,
                treatment: .bypass,
                paths: .labels([12, 11])
            )
        }
    }

    private func follow(_ rules: [FlowRule], _ gateway: Gateway, of cable: TunnelCable) throws {
        try cable.router.enter { try gateway.follow(rules) }
    }

    @Test func whatARuleMeansLeavesByTheLineOfTheLabelAndTheRestByTheTunnel() async throws {
        try await with { cable, wans, gateway in
            let (host, internet) = (cable.onLink, cable.behindTunnel)
            try follow(rules, gateway, of: cable)
            let (six, four) = ("\(Self.urls.six)/", "\(Self.urls.four)/")
            #expect(try await cable.visitor(from: host, of: wans[1], port: 80, url: six) == "2001:db8:72::1")
            #expect(try await cable.visitor(from: host, of: wans[1], port: 80, url: four) == "192.0.72.1")
            let (six81, four81) = ("\(Self.urls.six):81/", "\(Self.urls.four):81/")
            #expect(try await cable.visitor(from: host, of: internet, port: 81, url: six81) == "2001:db8:5600::2")
            #expect(try await cable.visitor(from: host, of: internet, port: 81, url: four81) == "10.9.0.5")
            // The line goes, and with it its route: the next label.
            try await cable.router.ip("link set wan2 down")
            try follow(rules, gateway, of: cable)
            #expect(try await cable.visitor(from: host, of: wans[0], port: 80, url: six) == "2001:db8:71::1")
            #expect(try await cable.visitor(from: host, of: wans[0], port: 80, url: four) == "192.0.71.1")
            try follow([], gateway, of: cable)
            #expect(try await cable.visitor(from: host, of: internet, port: 80, url: six) == "2001:db8:5600::2")
            #expect(try await cable.visitor(from: host, of: internet, port: 80, url: four) == "10.9.0.5")
        }
    }

    /// The gateway's own packets, and those between its links, are nobody's flows.
    @Test func anEarlierRuleOfAnotherKindKeepsItsPackets() async throws {
        try await with { cable, wans, gateway in
            var https = IPv4TrafficSelector()
            https.sourceAddresses = SelectorRange(IPv4Address(198, 51, 100, 9))
            let pinned = FlowRule(identifier: 9, priority: 1, selector: .ipv4(https), treatment: .pin)
            try follow([pinned] + rules, gateway, of: cable)
            let (host, internet) = (cable.onLink, cable.behindTunnel)
            let (six, four) = ("\(Self.urls.six)/", "\(Self.urls.four)/")
            #expect(try await cable.visitor(from: host, of: internet, port: 80, url: four) == "10.9.0.5")
            #expect(try await cable.visitor(from: host, of: wans[1], port: 80, url: six) == "2001:db8:72::1")
            #expect(try await cable.visitor(from: cable.router, of: wans[0], port: 80, url: four) == "192.0.71.1")
            let own = "http://192.168.77.1/"
            #expect(try await cable.visitor(from: host, of: cable.router, port: 80, url: own) == "192.168.77.10")
        }
    }

    @Test func aFlowEndsWhereItBeganAsLongAsTheLineIsThere() async throws {
        try await with { cable, wans, gateway in
            let servers = try (wans + [cable.behindTunnel]).map { try UDPEcho(in: $0) }
            defer { for server in servers { server.end() } }
            #expect(try await UDPEcho.ask(from: cable.onLink, port: 5000) == "10.9.0.5")
            try follow(rules, gateway, of: cable)
            #expect(try await UDPEcho.ask(from: cable.onLink, port: 5000) == "10.9.0.5")
            #expect(try await UDPEcho.ask(from: cable.onLink, port: 5001) == "192.0.72.1")
            try follow([], gateway, of: cable)
            #expect(try await UDPEcho.ask(from: cable.onLink, port: 5001) == "192.0.72.1")
            #expect(try await UDPEcho.ask(from: cable.onLink, port: 5002) == "10.9.0.5")
            try follow(rules, gateway, of: cable)
            try await cable.router.ip("link set wan2 down")
            try follow(rules, gateway, of: cable)
            #expect(try await UDPEcho.ask(from: cable.onLink, port: 5001) == "192.0.71.1")
        }
    }
}
