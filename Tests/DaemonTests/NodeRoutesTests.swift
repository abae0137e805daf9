// SPDX-License-Identifier: Apache-2.0
import Daemon
import Glibc
import Lab
import LinuxIO
import Mobility
import Testing
import Wire

/// What the kernel does for mobile nodes on an access link, judged by the system's own tools.
@Suite struct NodeRoutesTests {
    private let log = LogLines()
    private let mac = LinkLayerAddress(octets: [2, 0, 0x5E, 0x10, 0, 1]) ?? .broadcast
    private let service = MobileNodeService(
        identifier: NodeIdentifier(nai: "phone@example.net"),
        homeNetworkPrefixes: ["2001:db8:1234:5::/64"].compactMap { IPPrefix($0) },
        homeAddress: HomeAddressAssignment(
            address: IPv4Address(10, 9, 0, 7),
            subnetLength: 24,
            defaultRouter: IPv4Address(10, 9, 0, 1),
            isGatewayDHCPServer: true
        )
    )

    /// What a program of the system's prints, run where the thread is.
    private static func tool(_ words: String) throws -> String {
        try FinishedProgram(running: words.split(separator: " ").map(String.init), input: "").output
    }

    private static func device() throws -> TUNDevice {
        let device = try TUNDevice(name: "plait0")
        try NetlinkSocket().setLink(device.index, up: true)
        return device
    }

    private func prepare(_ space: LabNamespace) async throws {
        try await space.set(["net/ipv4/ip_forward=1", "net/ipv6/conf/all/forwarding=1"])
        try await space.ip("link add wan1 type veth peer name wan1-port")
        try await space.ip("link set wan1 up")
        try await space.ip("route add default dev wan1")
        try await space.ip("-6 route add default dev wan1")
    }

    @Test func allThatComesFromAnAccessLinkGoesIntoTheTunnelOrNowhereAndNothingIsLeft() async throws {
        let (service, mac, logger) = (service, mac, log.logger)
        try await ScratchCable.with { cable in
            let space = cable.near
            try await prepare(space)
            let before = try await space.imprint()
            try space.enter {
                let tun = try Self.device()
                let netlink = try NetlinkSocket()
                let near = try #require(try netlink.link(named: "near"))
                let routes = NodeRoutes(tunnel: tun.index, tunnelDevice: "plait0", netlink: netlink, logger: logger)
                try routes.start(on: ["near"])
                // Nobody is served yet.
                #expect(try Self.tool("nft list ruleset").contains(#"iifname "near" drop"#))
                routes.serve(service, at: mac, on: near)
                routes.settleFilter()
                for (to, from) in [("198.51.100.1", "10.9.0.7"), ("2001:db8:ffff::1", "2001:db8:1234:5::9")] {
                    #expect(try Self.tool("ip route get \(to) from \(from) iif near").contains("dev plait0"))
                }
                #expect(try Self.tool("ip route get 10.9.0.7").contains("dev near"))
                // By its profile, so that nobody need be asked who has the address.
                #expect(try Self.tool("ip route get 2001:db8:1234:5::9").contains("via fe80::5eff:fe10:1 dev near"))
                let rules = try Self.tool("nft list ruleset")
                #expect(rules.contains(#"iifname "near" ether saddr \#(mac) ip saddr 10.9.0.7 accept"#))
                #expect(rules.contains(#"iifname "near" ether saddr \#(mac) ip6 saddr 2001:db8:1234:5::/64 accept"#))
                // DHCP is the gateway's own business, whomever it is sent to: before all that passes.
                let lines = rules.split(separator: "\n")
                let dhcp = try #require(lines.firstIndex { $0.contains(#"iifname "near" udp dport 67 drop"#) })
                let sender = try #require(lines.firstIndex { $0.contains("saddr \(mac) ip saddr 10.9.0.7 accept") })
                #expect(dhcp < sender)
                #expect(routes.icmpSources.ipv4 == IPv4Address(10, 9, 0, 1))
                routes.stopServing(service.identifier)
                routes.settleFilter()
                #expect(!(try Self.tool("nft list ruleset")).contains("10.9.0.7"))
                #expect(try Self.tool("ip route get 10.9.0.7").contains("dev wan1"))
                routes.removeAll()
                #expect(!(try Self.tool("nft list ruleset")).contains("plait"))
            }
            try await space.leavesNothing(since: before)
        }
        #expect(log.lines.isEmpty)
    }

    @Test func aKilledGatewayLeavesNoWayOutAndTheNextOneCleansUp() async throws {
        let (service, mac, logger) = (service, mac, log.logger)
        try await ScratchCable.with { cable in
            let space = cable.near
            try await prepare(space)
            let before = try await space.imprint()
            try space.enter {
                let netlink = try NetlinkSocket()
                let near = try #require(try netlink.link(named: "near"))
                do {
                    let tun = try Self.device()
                    let routes = NodeRoutes(
                        tunnel: tun.index,
                        tunnelDevice: "plait0",
                        netlink: netlink,
                        logger: logger
                    )
                    try routes.start(on: ["near"])
                    routes.serve(service, at: mac, on: near)
                }
                // What another test starts at this moment has the device until it is a program of its own.
                var patience = 1000
                while patience > 0, try netlink.link(named: "plait0") != nil {
                    usleep(5000)
                    patience -= 1
                }
                #expect(!(try Self.tool("ip route get 198.51.100.1 from 10.9.0.7 iif near")).contains("wan1"))
                try NodeRoutes.removeLeftovers(netlink, logger: logger)
                try NodeRoutes.requirePossible(tunnelDevice: "plait0")
            }
            try await space.leavesNothing(since: before)
        }
    }

    @Test(arguments: [false, true])
    func theLinkHasTheFixedAddressWhileTheGatewayRuns(isKilled: Bool) async throws {
        let logger = log.logger
        try await ScratchCable.with { cable in
            let space = cable.near
            let folder = try ScratchFolder()
            try space.enter {
                // Whether it works by now is the other end's affair.
                func own() throws -> [Substring] {
                    try Self.tool("ip link show dev near").split(separator: "\n").filter { $0.contains("link/ether") }
                }
                let before = try own()
                let netlink = try NetlinkSocket()
                let near = try #require(try netlink.link(named: "near"))
                do {
                    let journal = try Journal(beside: "\(folder.path)/mag.sock")
                    let link = try BorrowedLink(near, hasFixedAddress: true, journal, netlink: netlink)
                    #expect(link.linkLayerAddress == .proxyMobileIPv6)
                    try link.hold(AccessLinkNodes.fixedLinkLocalAddress)
                    for text in ["192.0.2.9", "fe80::9"] {
                        try link.addNeighbor(try #require(IPAddress(text)), at: link.linkLayerAddress)
                    }
                    #expect(try netlink.link(named: "near")?.linkLayerAddress == .proxyMobileIPv6)
                    #expect(try Self.tool("ip address show dev near").contains("fe80::200:5eff:fe00:5213"))
                    let neighbors = try Self.tool("ip neigh show dev near")
                    #expect(neighbors.contains("192.0.2.9") && neighbors.contains("fe80::9"))
                    if !isKilled { link.giveBack(logger: logger) }
                }
                if isKilled {
                    let journal = try Journal(beside: "\(folder.path)/mag.sock")
                    try LentAddresses.removeLeftovers(of: journal, netlink, logger: logger)
                    try BorrowedLink.removeLeftovers(of: journal, netlink, logger: logger)
                }
                #expect(try own() == before)
                #expect(!(try Self.tool("ip neigh show dev near nud permanent")).contains("9"))
                #expect(!(try Self.tool("ip address show dev near")).contains("fe80::200:5eff:fe00:5213"))
            }
        }
    }
}
