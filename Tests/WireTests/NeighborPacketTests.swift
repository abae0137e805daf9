// SPDX-License-Identifier: Apache-2.0
import Testing
import Wire

@Suite struct NeighborPacketTests {
    private static let host = IPv6Address("2001:db8::12:3456") ?? .zero
    private static let link = LinkLayerAddress(octets: [2, 0, 0x5E, 0, 0x53, 9]) ?? .broadcast
    private static let target: [UInt8] = [0x20, 0x01, 0x0D, 0xB8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x12, 0x34, 0x56]

    @Test func solicitationOfANeighborBothWays() throws {
        let solicitation = NeighborSolicitation(target: Self.host, options: [.sourceLinkLayerAddress(Self.link)])
        let octets = [135, 0, 0, 0, 0, 0, 0, 0] + Self.target + [1, 1, 2, 0, 0x5E, 0, 0x53, 9]
        #expect(solicitation.octets == octets)
        #expect(try NeighborSolicitation(decoding: octets) == solicitation)
        #expect(solicitation.namesLinkLayerAddress)
        #expect(!NeighborSolicitation(target: Self.host).namesLinkLayerAddress)
    }

    @Test func advertisementOfANeighborBothWays() throws {
        let advertisement = NeighborAdvertisement(
            flags: [.router, .solicited],
            target: Self.host,
            options: [.targetLinkLayerAddress(Self.link)]
        )
        let octets = [136, 0, 0, 0, 0xC0, 0, 0, 0] + Self.target + [2, 1, 2, 0, 0x5E, 0, 0x53, 9]
        #expect(advertisement.octets == octets)
        #expect(try NeighborAdvertisement(decoding: octets) == advertisement)
        // Reserved bits mean nothing.
        var reserved = octets
        reserved[4] |= 0x1F
        reserved[7] = 9
        #expect(try NeighborAdvertisement(decoding: reserved) == advertisement)
    }

    @Test func groupIsNoTarget() {
        var octets = NeighborSolicitation(target: Self.host).octets
        octets[8] = 0xFF
        #expect(throws: DecodeError.self) { try NeighborSolicitation(decoding: octets) }
        octets[0] = 136
        #expect(throws: DecodeError.self) { try NeighborAdvertisement(decoding: octets) }
    }

    @Test func truncatedNeighborMessagesAreUnreadable() {
        let octets = NeighborSolicitation(target: Self.host, options: [.sourceLinkLayerAddress(Self.link)]).octets
        for count in octets.indices where count != 24 {
            let part = Array(octets.prefix(count))
            #expect(throws: DecodeError.self) { try NeighborSolicitation(decoding: part) }
            #expect(throws: DecodeError.self) { try NeighborAdvertisement(decoding: [136] + part.dropFirst()) }
        }
    }

    @Test func addressResolutionBothWays() throws {
        let request = ARPPacket(
            .request,
            senderLink: Self.link,
            sender: IPv4Address(192, 0, 2, 1),
            targetLink: try #require(LinkLayerAddress(octets: [0, 0, 0, 0, 0, 0])),
            target: IPv4Address(192, 0, 2, 7)
        )
        let octets: [UInt8] =
            [0, 1, 8, 0, 6, 4, 0, 1] + [2, 0, 0x5E, 0, 0x53, 9, 192, 0, 2, 1] + [0, 0, 0, 0, 0, 0, 192, 0, 2, 7]
        #expect(request.octets == octets)
        #expect(try ARPPacket(decoding: octets + [0, 0, 0]) == request)
        for count in octets.indices {
            #expect(throws: DecodeError.self) { try ARPPacket(decoding: Array(octets.prefix(count))) }
        }
        for index in [1, 2, 4, 5, 7] {
            var wrong = octets
            wrong[index] = 77
            #expect(throws: DecodeError.self) { try ARPPacket(decoding: wrong) }
        }
    }

    @Test func frameBothWays() throws {
        let frame = EthernetFrame(destination: .broadcast, source: Self.link, kind: .arp, payload: [1, 2])
        let octets: [UInt8] = [255, 255, 255, 255, 255, 255, 2, 0, 0x5E, 0, 0x53, 9, 8, 6, 1, 2]
        #expect(frame.octets == octets)
        #expect(try EthernetFrame(decoding: octets) == frame)
        for count in 0..<14 {
            #expect(throws: DecodeError.self) { try EthernetFrame(decoding: Array(octets.prefix(count))) }
        }
        // IEEE 802.1Q
        #expect(throws: DecodeError.self) { try EthernetFrame(decoding: octets.prefix(12) + [0x81, 0]) }
    }

    @Test func packetIsOfItsLinkAndIntact() throws {
        let group = Self.host.solicitedNodeGroup
        #expect("\(group)" == "ff02::1:ff12:3456")
        #expect("\(LinkLayerAddress(group: group))" == "33:33:ff:12:34:56")
        let packet = NeighborPacket(
            from: .zero,
            to: group,
            message: NeighborSolicitation(target: Self.host).octets
        )
        let octets = packet.octets
        #expect(try NeighborPacket(decoding: octets + [0, 0]) == packet)
        for (index, value) in [(0, UInt8(0x45)), (6, 6), (7, 254), (42, 0), (60, 1)] {
            var wrong = octets
            wrong[index] = value == octets[index] ? value ^ 1 : value
            #expect(throws: DecodeError.self, "octet \(index)") { try NeighborPacket(decoding: wrong) }
        }
    }

    @Test func mutatedNeighborFramesNeverTrap() {
        let packet = NeighborPacket(from: .zero, to: .allNodes, message: NeighborSolicitation(target: Self.host).octets)
        let frame = EthernetFrame(destination: .broadcast, source: Self.link, kind: .ipv6, payload: packet.octets)
        var generator = SeededGenerator()
        for _ in 0..<1000 {
            let octets = generator.mutation(of: frame.octets)
            guard let frame = try? EthernetFrame(decoding: octets) else { continue }
            _ = try? NeighborPacket(decoding: frame.payload)
            _ = try? NeighborSolicitation(decoding: frame.payload)
            _ = try? NeighborAdvertisement(decoding: frame.payload)
            _ = try? ARPPacket(decoding: frame.payload)
        }
    }
}
