// SPDX-License-Identifier: Apache-2.0
import Glibc
import LinuxIO
import Testing
import Wire

@Suite struct PathSizeTests {
    @Test func theLinkIsTheLimitWhereNothingElseIsKnown() throws {
        let network = try ScratchNetwork()
        try shell("ip -n \(network.leftName) link set wire mtu 1480")
        for (near, far) in [("192.0.2.1", "192.0.2.2"), ("2001:db8::1", "2001:db8::2")] {
            let (near, far) = (try #require(IPAddress(near)), try #require(IPAddress(far)))
            for device in [nil, "wire"] {
                let size = try network.left.run { try PathSize.octets(to: far, from: near, device: device) }
                #expect(size == 1480)
            }
        }
    }

    @Test func withoutAWayThereIsNoSize() throws {
        let network = try ScratchNetwork()
        let (near, far) = (try #require(IPAddress("2001:db8::1")), try #require(IPAddress("2001:db8:ff::1")))
        #expect(throws: SystemError.self) { try network.left.run { try PathSize.octets(to: far, from: near) } }
    }

    /// RFC 5213 §6.9.5: a router whose next link is narrower says so to an echo request, and then the kernel knows.
    @Test(arguments: [false, true]) func aNarrowerLinkBehindARouterIsHeardOf(isIPv4: Bool) throws {
        let network = try ScratchNetwork()
        let far = try narrowLink(behind: network)
        defer { _ = try? shell("ip netns delete \(far)") }
        let near = try #require(IPAddress(isIPv4 ? "192.0.2.1" : "2001:db8::1"))
        let away = try #require(IPAddress(isIPv4 ? "198.51.100.2" : "2001:db8:2::2"))
        func size() throws -> Int { try network.left.run { try PathSize.octets(to: away, from: near, device: "wire") } }
        #expect(try size() == 1500)
        let heard = try poll { () -> Int? in
            try? network.left.run { try PathSize.probe(1500, to: away, from: near, device: "wire") }
            let size = try size()
            return size < 1500 ? size : nil
        }
        #expect(heard == 1400)
        // Now the kernel itself refuses what is larger.
        #expect(throws: SystemError.self) {
            try network.left.run { try PathSize.probe(1401, to: away, from: near, device: "wire") }
        }
    }

    @Test func aTunnelsPacketThatIsTooLargeIsHeardOf() throws {
        let network = try ScratchNetwork()
        let far = try narrowLink(behind: network)
        defer { _ = try? shell("ip netns delete \(far)") }
        let (near, away) = (try #require(IPAddress("2001:db8::1")), try #require(IPv6Address("2001:db8:2::2")))
        let (end, complaints) = try network.left.run {
            (TunnelSocketTests.End(try TunnelSocket(.gre, over: .ipv6)), try TooBigSocket())
        }
        let octets = UnsafeRawBufferPointer(rebasing: end.slot(0)[..<1440])
        let heard = poll { () -> [IPv6Address]? in
            #expect(end.sending.append(octets, from: near, to: .v6(away)))
            _ = end.sending.flush(on: end.socket)
            let destinations = complaints.receive()
            return destinations.isEmpty ? nil : destinations
        }
        #expect(heard?.allSatisfy { $0 == away } == true)
    }

    /// The right end becomes a router; behind it a link of 1400 octets.
    private func narrowLink(behind network: ScratchNetwork) throws -> String {
        let far = network.rightName + "-far"
        try shell("ip netns add \(far)")
        try shell("ip -n \(network.rightName) link add next mtu 1400 type veth peer name next mtu 1400 netns \(far)")
        for setting in ["net.ipv6.conf.all.forwarding=1", "net.ipv4.ip_forward=1"] {
            try shell("ip netns exec \(network.rightName) sysctl -qw \(setting)")
        }
        for (name, host) in [(network.rightName, 1), (far, 2)] {
            try shell("ip -n \(name) link set next up")
            try shell("ip -n \(name) address add 2001:db8:2::\(host)/64 dev next nodad")
            try shell("ip -n \(name) address add 198.51.100.\(host)/24 dev next")
        }
        try shell("ip -n \(far) -6 route add default via 2001:db8:2::1")
        try shell("ip -n \(far) -4 route add default via 198.51.100.1")
        try shell("ip -n \(network.leftName) -6 route add 2001:db8:2::/64 via 2001:db8::2")
        try shell("ip -n \(network.leftName) -4 route add 198.51.100.0/24 via 192.0.2.2")
        return far
    }
}
