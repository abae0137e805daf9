// SPDX-License-Identifier: Apache-2.0
import Daemon
import Glibc
import Lab
import LinuxIO
import Mobility
import Testing
import Wire

/// Traffic that leaves by an access network while no anchor answers, by a real kernel. 198.51.100.9 and 2001:db8:9::9 are
/// behind the tunnel and behind the access network alike, and say who they think asks.
@Suite struct GatewayBreakOutTests {
    private let log = LogLines()
    private static let address = InterfaceAddress(IPv4Address(192, 168, 77, 1), length: 24)

    private func with(
        _ body: (_ cable: TunnelCable, _ wan: LabNamespace, _ network: GatewayNetwork) async throws -> Void
    ) async throws {
        try await TunnelCable.with(["2001:db8:9::9/128", "198.51.100.9/32"]) { cable in
            let wan = LabNamespace("\(cable.router.name)-wan")
            try await wan.create()
            do {
                try await lay(cable, wan)
                let before = try await cable.router.imprint()
                let network = try gateway(cable)
                try await cable.onLink.ip("address add 2001:db8:5600::2/64 dev far nodad")
                try await cable.onLink.ip("-6 route add default via 2001:db8:5600::1 src 2001:db8:5600::2")
                try await cable.onLink.ip("address add 192.168.77.10/24 dev far")
                try await cable.onLink.ip("route add default via 192.168.77.1 src 192.168.77.10")
                try await body(cable, wan, network)
                nonisolated(unsafe) let ended = network
                try cable.router.enter { ended.removeAll() }
                try await cable.router.leavesNothing(since: before)
                #expect(try await cable.router.run(["nft", "list", "ruleset"]) == "")
                #expect(log.lines.isEmpty)
            } catch {
                _ = try? await Command.attempt(["ip", "netns", "delete", wan.name])
                throw error
            }
            _ = try await Command.attempt(["ip", "netns", "delete", wan.name])
        }
    }

    private func lay(_ cable: TunnelCable, _ wan: LabNamespace) async throws {
        try await VirtualCable(one: .init(cable.router, "wan0"), other: .init(wan, "eth0")).lay()
        try await cable.router.ip("address add 2001:db8:7::1/64 dev wan0 nodad")
        try await cable.router.ip("address add 192.0.7.1/24 dev wan0")
        try await cable.router.ip("-6 route add default via 2001:db8:7::2")
        try await cable.router.ip("route add default via 192.0.7.2")
        try await wan.ip("address add 2001:db8:7::2/64 dev eth0 nodad")
        try await wan.ip("address add 192.0.7.2/24 dev eth0")
        try await wan.ip("address add 2001:db8:9::9/128 dev lo nodad")
        try await wan.ip("address add 198.51.100.9/32 dev lo")
    }

    private func gateway(_ cable: TunnelCable) throws -> GatewayNetwork {
        let filter = GatewayFilter(
            tunnelDevice: "plait0",
            lanInterfaces: ["near"],
            refusesInbound: true,
            privateNetworks: [Self.address?.network].compactMap(\.self),
            mayBreakOut: true
        )
        let (tunnel, lan, logger) = (try cable.index(of: "plait0"), try cable.index(of: "near"), log.logger)
        var plan = SiteLAN.Plan()
        plan.privateAddress = Self.address
        nonisolated(unsafe) let network = try cable.router.enter { [plan] in
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
            return network
        }
        return network
    }

    private func perform(_ change: NetworkChange, on network: GatewayNetwork, of cable: TunnelCable) throws {
        nonisolated(unsafe) let network = network
        try cable.router.enter { network.perform(change) }
    }

    /// Rules of one priority stand in no order.
    private func rules(of cable: TunnelCable) async throws -> Set<Substring> {
        Set((try await cable.router.ip("rule") + cable.router.ip("-6 rule")).split(separator: "\n"))
    }

    @Test func hostsReachTheWorldByTheAccessNetworkUntilTheSessionIsBack() async throws {
        try await with { cable, wan, network in
            let host = cable.onLink
            let (url6, url4) = ("http://[2001:db8:9::9]/", "http://198.51.100.9/")
            let rules = try await self.rules(of: cable)
            #expect(try await cable.isKeptOut(host, of: wan, port: 80, url: url6))
            try perform(.beginBreakOut, on: network, of: cable)
            #expect(try await cable.visitor(from: host, of: wan, port: 80, url: url6) == "2001:db8:7::1")
            #expect(try await cable.visitor(from: host, of: wan, port: 80, url: url4) == "192.0.7.1")
            // Nobody comes in, and the hosts have kept their addresses.
            let inward = "http://[2001:db8:5600::2]/"
            try await wan.ip("-6 route add 2001:db8:5600::/64 via 2001:db8:7::1")
            #expect(try await cable.isKeptOut(wan, of: host, port: 80, url: inward))
            #expect(try await cable.router.ip("address show dev near").contains("2001:db8:5600::1/64"))
            try perform(.endBreakOut, on: network, of: cable)
            #expect(try await self.rules(of: cable) == rules)
            let internet = cable.behindTunnel
            #expect(try await cable.visitor(from: host, of: internet, port: 80, url: url6) == "2001:db8:5600::2")
            #expect(try await cable.visitor(from: host, of: internet, port: 80, url: url4) == "10.9.0.5")
        }
    }

    /// A host that keeps sending from one port would keep the kernel's memory of the other way alive for ever.
    @Test func conversationsWithoutAnEndChangeTheirWayAtOnce() async throws {
        try await with { cable, wan, network in
            let (host, internet) = (cable.onLink, cable.behindTunnel)
            let servers = [try UDPEcho(in: wan), try UDPEcho(in: internet)]
            defer { for server in servers { server.end() } }
            #expect(try await UDPEcho.ask(from: host, port: 5000) == "10.9.0.5")
            try perform(.beginBreakOut, on: network, of: cable)
            #expect(try await UDPEcho.ask(from: host, port: 5000) == "192.0.7.1")
            try perform(.endBreakOut, on: network, of: cable)
            #expect(try await UDPEcho.ask(from: host, port: 5000) == "10.9.0.5")
            try perform(.beginBreakOut, on: network, of: cable)
            #expect(try await UDPEcho.ask(from: host, port: 5000) == "192.0.7.1")
        }
    }

    @Test func whatComesAndGoesMeanwhileIsTreatedAlike() async throws {
        try await with { cable, wan, network in
            let prefix = try #require(IPPrefix("10.20.0.0/24"))
            try perform(.beginBreakOut, on: network, of: cable)
            try perform(.addPrefix(prefix), on: network, of: cable)
            #expect(try await !cable.router.ip("rule").contains("10.20.0.0/24"))
            #expect(try await cable.router.run(["nft", "list", "ruleset"]).contains("10.20.0.0/24 masquerade"))
            try perform(.removeHomeAddress(IPv4Address(10, 9, 0, 5)), on: network, of: cable)
            #expect(try await !cable.router.run(["nft", "list", "ruleset"]).contains("10.9.0.5"))
            try perform(.endBreakOut, on: network, of: cable)
            #expect(try await cable.router.ip("rule").contains("10.20.0.0/24"))
            #expect(try await !cable.router.run(["nft", "list", "ruleset"]).contains("masquerade"))
        }
    }
}
