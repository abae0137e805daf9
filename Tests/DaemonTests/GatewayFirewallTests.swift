// SPDX-License-Identifier: Apache-2.0
import Daemon
import Lab
import LinuxIO
import Mobility
import Testing
import Wire

/// What passes between a gateway's LAN and its tunnel, by a real kernel. The LAN is the link `near`.
@Suite struct GatewayFirewallTests {
    private let log = LogLines()
    private static let internet = ["2001:db8:9::9/128", "198.51.100.9/32"]
    private static let address = InterfaceAddress(IPv4Address(192, 168, 77, 1), length: 24)

    /// A gateway with 2001:db8:5600::/64, of which the host ::2 is on the LAN.
    private func withGateway(
        refusesInbound: Bool = true,
        allowed: [AllowedService] = [],
        privateAddress: InterfaceAddress? = nil,
        _ body: (TunnelCable, GatewayNetwork) async throws -> Void
    ) async throws {
        try await TunnelCable.with(Self.internet) { cable in
            // What an access network might offer.
            try await cable.router.ip("route add default via 192.0.2.2")
            let before = try await cable.router.imprint()
            let filter = GatewayFilter(
                tunnelDevice: "plait0",
                lanInterfaces: ["near"],
                refusesInbound: refusesInbound,
                allowed: allowed,
                privateNetworks: [privateAddress?.network].compactMap(\.self)
            )
            let (tunnel, lan) = (try cable.index(of: "plait0"), try cable.index(of: "near"))
            let logger = log.logger
            var plan = SiteLAN.Plan()
            plan.privateAddress = privateAddress
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
                return network
            }
            try await cable.onLink.ip("address add 2001:db8:5600::2/64 dev far nodad")
            try await cable.onLink.ip("-6 route add default via 2001:db8:5600::1 src 2001:db8:5600::2")
            try await body(cable, network)
            try cable.router.enter { network.removeAll() }
            try await cable.router.leavesNothing(since: before)
            #expect(try await cable.router.run(["nft", "list", "ruleset"]) == "")
            #expect(log.lines.isEmpty)
        }
    }

    private func perform(_ change: NetworkChange, on network: GatewayNetwork, of cable: TunnelCable) throws {
        nonisolated(unsafe) let network = network
        try cable.router.enter { network.perform(change) }
    }

    @Test func hostsConnectOutwardsAndNobodyConnectsToThem() async throws {
        let service = AllowedService(TransportPorts(.tcp, 443...443), at: IPAddress("2001:db8:5600::2"))
        try await withGateway(allowed: [service]) { cable, _ in
            let (host, internet) = (cable.onLink, cable.behindTunnel)
            let out = try await cable.visitor(from: host, of: internet, port: 80, url: "http://[2001:db8:9::9]/")
            #expect(out == "2001:db8:5600::2")
            #expect(try await cable.hearsOfClosedPort(host, "2001:db8:9::9"))
            #expect(try await cable.reaches(internet, "2001:db8:5600::2"))
            #expect(try await cable.isKeptOut(internet, of: host, port: 80, url: "http://[2001:db8:5600::2]/"))
            let url = "http://[2001:db8:5600::2]:443/"
            #expect(try await cable.visitor(from: internet, of: host, port: 443, url: url) == "2001:db8:9::9")
        }
    }

    @Test func gatewaysOwnServicesAreOpenToTheLANOnly() async throws {
        try await withGateway { cable, _ in
            let (gateway, url) = (cable.router, "http://[2001:db8:5600::1]/")
            #expect(try await cable.isKeptOut(cable.behindTunnel, of: gateway, port: 80, url: url))
            let insider = try await cable.visitor(from: cable.onLink, of: gateway, port: 80, url: url)
            #expect(insider == "2001:db8:5600::2")
            let answersPings = try await cable.reaches(cable.behindTunnel, "2001:db8:5600::1")
            #expect(answersPings)
        }
    }

    @Test func insidersDoNotComeFromOutside() async throws {
        try await withGateway { cable, _ in
            func echoes() async throws -> String {
                let lines = try await cable.onLink.run(["cat", "/proc/net/snmp6"]).split(separator: "\n")
                return lines.first { $0.hasPrefix("Icmp6InEchos ") }.map(String.init) ?? ""
            }
            let before = try await echoes()
            try await cable.behindTunnel.ip("address add 2001:db8:5600::7/128 dev eth0 nodad")
            #expect(try await cable.isCutOff(cable.behindTunnel, "2001:db8:5600::2", as: "2001:db8:5600::7"))
            #expect(try await echoes() == before)
            #expect(try await cable.reaches(cable.behindTunnel, "2001:db8:5600::2", as: "2001:db8:9::9"))
            #expect(try await echoes() != before)
        }
    }

    /// Who is on an access network's segment and routes the site's prefix to the gateway's address there.
    @Test func neighboursOnAccessNetworksDoNotConnectToHosts() async throws {
        let service = AllowedService(TransportPorts(.tcp, 443...443), at: IPAddress("2001:db8:5600::2"))
        try await withGateway(allowed: [service]) { cable, _ in
            let (host, neighbour) = (cable.onLink, LabNamespace("\(cable.router.name)-wan"))
            try await neighbour.create()
            do {
                try await VirtualCable(one: .init(cable.router, "wan0"), other: .init(neighbour, "eth0")).lay()
                try await cable.router.ip("address add 2001:db8:7::1/64 dev wan0 nodad")
                try await neighbour.ip("address add 2001:db8:7::2/64 dev eth0 nodad")
                try await neighbour.ip("-6 route add default via 2001:db8:7::1")
                try await cable.router.ip("-6 route add 2001:db8:9::9 dev plait0")
                let closed = "http://[2001:db8:5600::2]/"
                #expect(try await cable.isKeptOut(neighbour, of: host, port: 80, url: closed))
                #expect(try await cable.isCutOff(neighbour, "2001:db8:5600::2"))
                let open = "http://[2001:db8:5600::2]:443/"
                #expect(try await cable.visitor(from: neighbour, of: host, port: 443, url: open) == "2001:db8:7::2")
                // From the LAN, to the gateway and past the LAN everything is as ever.
                let out = "http://[2001:db8:7::2]/"
                #expect(try await cable.visitor(from: host, of: neighbour, port: 80, url: out) == "2001:db8:5600::2")
                #expect(try await cable.reaches(neighbour, "2001:db8:7::1"))
                #expect(try await cable.reaches(neighbour, "2001:db8:9::9"))
                try await cable.router.ip("-6 route delete 2001:db8:9::9 dev plait0")
                try await cable.router.ip("link delete wan0")
            } catch {
                _ = try? await Command.attempt(["ip", "netns", "delete", neighbour.name])
                throw error
            }
            _ = try await Command.attempt(["ip", "netns", "delete", neighbour.name])
        }
    }

    @Test func transparentGatewayRefusesNothing() async throws {
        try await withGateway(refusesInbound: false) { cable, _ in
            let url = "http://[2001:db8:5600::2]/"
            let outsider = try await cable.visitor(from: cable.behindTunnel, of: cable.onLink, port: 80, url: url)
            #expect(outsider == "2001:db8:9::9")
            let rules = try await cable.router.run(["nft", "list", "ruleset"])
            #expect(rules == "")
        }
    }

    @Test func privateHostsUseTheHomeAddressAndNothingElse() async throws {
        let host = IPv4Address(192, 168, 77, 10)
        let service = AllowedService(TransportPorts(.tcp, 80...80), at: .v4(host))
        try await withGateway(allowed: [service], privateAddress: Self.address) { cable, network in
            #expect(network.icmpSources.ipv4 == IPv4Address(192, 168, 77, 1))
            try await cable.onLink.ip("address add 192.168.77.10/24 dev far")
            try await cable.onLink.ip("route add default via 192.168.77.1 src 192.168.77.10")
            let (host, internet) = (cable.onLink, cable.behindTunnel)
            let url = "http://198.51.100.9/"
            let way = try await cable.router.ip("route get 198.51.100.9 from 192.168.77.10 iif near")
            #expect(way.contains("dev plait0"))
            try perform(.addHomeAddress(IPv4Address(10, 9, 0, 5)), on: network, of: cable)
            #expect(try await cable.router.ip("address show dev plait0").contains("10.9.0.5/32"))
            #expect(try await cable.visitor(from: host, of: internet, port: 80, url: url) == "10.9.0.5")
            #expect(try await cable.hearsOfClosedPort(host, "198.51.100.9"))
            // Its own connections have it, too.
            #expect(try await cable.reaches(cable.router, "198.51.100.9", as: "10.9.0.5"))
            let inward = try await cable.visitor(from: internet, of: host, port: 80, url: "http://10.9.0.5/")
            #expect(inward == "198.51.100.9")
            try perform(.removeHomeAddress(IPv4Address(10, 9, 0, 5)), on: network, of: cable)
            #expect(try await !cable.router.run(["nft", "list", "ruleset"]).contains("masquerade"))
            let stay = try await cable.router.ip("route get 198.51.100.9 from 192.168.77.10 iif near")
            #expect(stay.contains("dev plait0"))
        }
    }

    @Test func delegatedPrefixTakesThePrivateAddressesPlace() async throws {
        try await withGateway(privateAddress: Self.address) { cable, network in
            let prefix = try #require(IPPrefix("10.20.0.0/24"))
            try perform(.addPrefix(prefix), on: network, of: cable)
            let delegated = try await cable.router.ip("address show dev near")
            #expect(delegated.contains("10.20.0.1/24") && !delegated.contains("192.168.77.1"))
            try perform(.removePrefix(prefix), on: network, of: cable)
            let own = try await cable.router.ip("address show dev near")
            #expect(own.contains("192.168.77.1/24") && !own.contains("10.20.0.1"))
        }
    }
}
