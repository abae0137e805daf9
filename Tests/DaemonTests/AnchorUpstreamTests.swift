// SPDX-License-Identifier: Apache-2.0
import Daemon
import Lab
import LinuxIO
import Mobility
import Testing
import Wire

/// The anchor's translations, done by a real kernel for real connections; and sites that talk to each other.
@Suite struct AnchorUpstreamTests {
    private let log = LogLines()

    private func network(_ filter: AnchorFilter, of cable: TunnelCable) throws -> AnchorNetwork {
        let logger = log.logger
        let tunnel = try cable.index(of: "plait0")
        let network = try cable.router.enter {
            let network = AnchorNetwork(
                tunnel: tunnel,
                filter: filter,
                netlink: try NetlinkSocket(),
                logger: logger
            )
            try network.start()
            return network
        }
        return network
    }

    private func filter(hiding pools: [String]) throws -> AnchorFilter {
        var filter = AnchorFilter(tunnelDevice: "plait0", upstreamInterface: "near")
        filter.hidden = try pools.map { try #require(IPPrefix($0)) }
        return filter
    }

    private func stop(_ network: AnchorNetwork, of cable: TunnelCable) async throws {
        nonisolated(unsafe) let network = network
        try cable.router.enter { network.stop() }
        #expect(try await cable.router.run(["nft", "list", "ruleset"]) == "")
        #expect(log.lines.isEmpty)
    }

    @Test func upstreamSeesTheAnchorsAddressInPlaceOfAHiddenPools() async throws {
        try await TunnelCable.with(["10.9.0.1/32", "fd00:1::1/128"]) { cable in
            let network = try network(try filter(hiding: ["10.9.0.0/24", "fd00:1::/48"]), of: cable)
            network.perform(.addHomeAddress(IPv4Address(10, 9, 0, 1)))
            network.perform(.addPrefix(try #require(IPPrefix("fd00:1::/64"))))
            let (site, server) = (cable.behindTunnel, cable.onLink)
            let v4 = try await cable.visitor(from: site, of: server, port: 80, url: "http://192.0.2.2/")
            #expect(v4 == "192.0.2.1")
            let v6 = try await cable.visitor(from: site, of: server, port: 80, url: "http://[2001:db8:1::2]/")
            #expect(v6 == "2001:db8:1::1")
            // ICMP errors find their way back.
            #expect(try await cable.hearsOfClosedPort(site, "192.0.2.2"))
            #expect(try await cable.hearsOfClosedPort(site, "2001:db8:1::2"))
            try await stop(network, of: cable)
        }
    }

    @Test func prefixIsTranslatedBitForBitInBothDirections() async throws {
        try await TunnelCable.with(["fd00:1:0:5::7/128"]) { cable in
            var filter = try filter(hiding: ["fd00:1::/48"])
            filter.translation = IPPrefix("2001:db8:77::/48")
            let network = try network(filter, of: cable)
            network.perform(.addPrefix(try #require(IPPrefix("fd00:1:0:5::/64"))))
            try await cable.onLink.ip("route add 2001:db8:77::/48 via 2001:db8:1::1")
            let (site, server) = (cable.behindTunnel, cable.onLink)
            let out = try await cable.visitor(from: site, of: server, port: 80, url: "http://[2001:db8:1::2]/")
            #expect(out == "2001:db8:77:5::7")
            let back = try await cable.visitor(from: server, of: site, port: 80, url: "http://[2001:db8:77:5::7]/")
            #expect(back == "2001:db8:1::2")
            try await stop(network, of: cable)
        }
    }

    @Test func forwardedPortIsReachedFromUpstreamAndFromItsOwnSite() async throws {
        try await TunnelCable.with(["10.9.0.1/32", "fd00:1::1/128"]) { cable in
            var filter = try filter(hiding: ["10.9.0.0/24", "fd00:1::/48"])
            filter.portForwards = [
                PortForward(TransportPorts(.tcp, 8080...8080), to: .v4(IPv4Address(10, 9, 0, 1)), port: 80),
                PortForward(TransportPorts(.tcp, 8080...8089), to: try #require(IPAddress("fd00:1::1"))),
            ]
            let network = try network(filter, of: cable)
            network.perform(.addHomeAddress(IPv4Address(10, 9, 0, 1)))
            network.perform(.addPrefix(try #require(IPPrefix("fd00:1::/64"))))
            let (site, client) = (cable.behindTunnel, cable.onLink)
            let url = "http://192.0.2.1:8080/"
            #expect(try await cable.visitor(from: client, of: site, port: 80, url: url) == "192.0.2.2")
            // Its own address would be an answer past us.
            #expect(try await cable.visitor(from: site, of: site, port: 80, url: url) == "192.0.2.1")
            let url6 = "http://[2001:db8:1::1]:8081/"
            #expect(try await cable.visitor(from: client, of: site, port: 8081, url: url6) == "2001:db8:1::2")
            #expect(try await cable.isKeptOut(client, of: site, port: 80, url: "http://192.0.2.1/"))
            try await stop(network, of: cable)
        }
    }

    /// Packets out of a device and into it again. The kernel's advice to take a shorter way is the forwarder's to drop.
    @Test func sitesReachEachOtherThroughOneDevice() async throws {
        try await ScratchCable.with { cable in
            try await cable.near.set(["net/ipv4/ip_forward=1", "net/ipv6/conf/all/forwarding=1"])
            let tun = try cable.near.enter {
                let tun = try TUNDevice(name: "plait0")
                try NetlinkSocket().setLink(tun.index, up: true)
                return tun
            }
            let logger = log.logger
            let network = try cable.near.enter { [index = tun.index] in
                AnchorNetwork(tunnel: index, netlink: try NetlinkSocket(), logger: logger)
            }
            for host in 1...2 { network.perform(.addHomeAddress(IPv4Address(10, 9, 0, UInt8(host)))) }
            for site in 1...2 { network.perform(.addPrefix(try #require(IPPrefix("fd00:1:0:\(site)::/64")))) }
            let packets = try await passed(tun, count: 2).filter { !$0.isLinkLocal && !$0.isRedirect }
            #expect(packets.map(\.octets.count).sorted() == [28, 48])
            withExtendedLifetime(tun) {}
        }
    }

    private struct Packet {
        let octets: [UInt8]
        var isRedirect: Bool { octets.first == 0x45 && octets[9] == 1 && octets[20] == 5 }
        var isLinkLocal: Bool { octets.first == 0x60 && octets[8] == 0xFE }
    }

    /// What comes out of the device when each family sends a packet from site 1 to site 2, once both have arrived.
    private func passed(_ tun: TUNDevice, count: Int) async throws -> [Packet] {
        let udp: [UInt8] = [0, 9, 0, 9, 0, 8, 0, 0]
        let v4 = IPv4Header(
            source: IPv4Address(10, 9, 0, 1),
            destination: IPv4Address(10, 9, 0, 2),
            protocolNumber: IPProtocol.udp,
            payloadLength: udp.count,
            dontFragment: false
        )
        let v6 = IPv6Header(
            source: try #require(IPv6Address("fd00:1:0:1::1")),
            destination: try #require(IPv6Address("fd00:1:0:2::1")),
            nextHeader: IPProtocol.udp,
            payloadLength: udp.count
        )
        for header in [v4.octets, v6.octets] { _ = try (header + udp).withUnsafeBytes { try tun.write($0) } }
        var packets: [Packet] = []
        let isComplete = try await Patience.wait(.seconds(30)) {
            var memory = [UInt8](repeating: 0, count: 2048)
            while let octets = try memory.withUnsafeMutableBytes({ try tun.read(into: $0) }) {
                packets.append(Packet(octets: Array(memory.prefix(octets))))
            }
            return packets.count { $0.octets.suffix(8) == udp && $0.octets.count <= 48 } >= count
        }
        #expect(isComplete)
        return packets
    }
}
