// SPDX-License-Identifier: Apache-2.0
import Glibc
import LinuxIO
import Testing
import Wire

@Suite struct AccessLinkSocketTests {
    @Test func solicitationsComeInAndAdvertisementsGoOut() throws {
        let network = try ScratchNetwork()
        // The host: the kernel itself solicits when its link comes up, and configures itself by the answer.
        try shell("ip -n \(network.rightName) link set wire down")
        for name in [network.leftName, network.rightName] {
            try shell("ip netns exec \(name) sysctl -qw net.ipv6.conf.wire.accept_dad=0 net.ipv6.conf.wire.accept_ra=2")
        }
        try shell("ip -n \(network.leftName) link set wire down && ip -n \(network.leftName) link set wire up")
        let router = try network.left.run { try AccessLinkSocket(device: "wire") }
        try shell("ip -n \(network.rightName) link set wire up")
        let solicitation = try #require(poll { router.receive().first })
        #expect(solicitation.octets.first == 133)
        #expect(solicitation.hopLimit == 255)
        // Router lifetime 1800, one prefix 2001:db8:1::/64 on-link and autonomous.
        var advertisement: [UInt8] = [134, 0, 0, 0, 64, 0, 7, 8, 0, 0, 0, 0, 0, 0, 0, 0]
        advertisement += [3, 4, 64, 0xC0, 0, 0, 14, 16, 0, 0, 14, 16, 0, 0, 0, 0]
        advertisement += try #require(IPv6Address("2001:db8:1::")).octets
        #expect(send(advertisement, to: .allNodes, by: router))
        let configured = try poll {
            try shell("ip -n \(network.rightName) -6 address show dev wire").contains("2001:db8:1:") ? true : nil
        }
        // The kernel accepts only hop limit 255, a right checksum and a link-local source.
        #expect(configured == true)
        #expect(try shell("ip -n \(network.rightName) -6 route").contains("default via fe80:"))
    }

    @Test func otherICMPIsNotDelivered() throws {
        let network = try ScratchNetwork()
        let router = try network.left.run { try AccessLinkSocket(device: "wire") }
        try shell("ip netns exec \(network.rightName) ping -6 -c 2 -i 0.01 2001:db8::1")
        #expect(router.receive().allSatisfy { $0.octets.first == 133 })
    }

    @Test func aSolicitationIsAnsweredToItsSender() throws {
        let network = try ScratchNetwork()
        let router = try network.left.run { try AccessLinkSocket(device: "wire") }
        let host = try network.right.run { try NetlinkSocket() }
        let wire = try #require(try host.link(named: "wire")).index
        let hosts = try poll { try host.addresses(on: wire).first { $0.isLinkLocal && !$0.isTentative } }
        guard case .v6(let address) = try #require(hosts).address else { return }
        let advertisement: [UInt8] = [134, 0, 0, 0, 64, 0, 7, 8, 0, 0, 0, 0, 0, 0, 0, 0]
        #expect(send(advertisement, to: address, by: router))
        let configured = try poll {
            try shell("ip -n \(network.rightName) -6 route").contains("default via fe80:") ? true : nil
        }
        #expect(configured == true)
    }

    /// The router's own address may still be tentative.
    private func send(_ advertisement: [UInt8], to address: IPv6Address, by router: AccessLinkSocket) -> Bool {
        let sent: Bool? = poll {
            do {
                try router.send(advertisement, to: address)
                return true
            } catch {
                #expect((error as? SystemError)?.errno == EADDRNOTAVAIL)
                return nil
            }
        }
        return sent == true
    }

    @Test func aDeviceThatIsMissingIsAClearError() {
        let error = #expect(throws: SystemError.self) { try AccessLinkSocket(device: "linuxio-none") }
        #expect(error.map { "\($0)" } == "if_nametoindex of linuxio-none: No such device")
    }
}
