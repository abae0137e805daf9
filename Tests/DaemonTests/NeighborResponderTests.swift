// SPDX-License-Identifier: Apache-2.0
import Daemon
import Testing
import Wire

/// Which questions of the upstream link are answered, and how.
@Suite struct NeighborResponderTests {
    private let own = LinkLayerAddress(octets: [2, 0, 0, 0, 0, 1]) ?? .broadcast
    private let asking = LinkLayerAddress(octets: [2, 0, 0, 0, 0, 2]) ?? .broadcast
    private let server = IPv6Address("2001:db8:1::80") ?? .zero
    private let host = IPv6Address("2001:db8:1:5::1234:5678") ?? .zero

    private func responder() throws -> NeighborResponder {
        var responder = NeighborResponder(linkLayerAddress: own)
        responder.add(try #require(IPPrefix("2001:db8:1:5::/64")))
        responder.add(try #require(IPPrefix("192.0.2.77/32")))
        return responder
    }

    private func solicitation(
        from source: IPv6Address,
        to destination: IPv6Address? = nil,
        target: IPv6Address? = nil,
        options: [NeighborOption]
    ) -> EthernetFrame {
        let target = target ?? host
        let destination = destination ?? target.solicitedNodeGroup
        let message = NeighborSolicitation(target: target, options: options).octets
        return EthernetFrame(
            destination: LinkLayerAddress(group: destination),
            source: asking,
            kind: .ipv6,
            payload: NeighborPacket(from: source, to: destination, message: message).octets
        )
    }

    private func request(_ target: IPv4Address, from sender: IPv4Address = IPv4Address(192, 0, 2, 2)) -> EthernetFrame {
        let packet = ARPPacket(.request, senderLink: asking, sender: sender, targetLink: own, target: target)
        return EthernetFrame(destination: .broadcast, source: asking, kind: .arp, payload: packet.octets)
    }

    @Test func solicitationForAnAssignedAddressIsAnswered() throws {
        var responder = try responder()
        func ask(_ octets: [UInt8]) -> [UInt8]? { responder.answer(to: octets, at: .zero) }
        let frame = solicitation(from: server, options: [.sourceLinkLayerAddress(asking)])
        let answer = try EthernetFrame(decoding: try #require(ask(frame.octets)))
        #expect(answer.destination == asking && answer.source == own)
        let packet = try NeighborPacket(decoding: answer.payload)
        #expect(packet.source == host && packet.destination == server)
        let advertisement = try NeighborAdvertisement(decoding: packet.message)
        #expect(advertisement.target == host)
        #expect(advertisement.flags == [.router, .solicited])
        #expect(advertisement.options == [.targetLinkLayerAddress(own)])
    }

    @Test func probeForAnAssignedAddressIsAnsweredToEverybody() throws {
        var responder = try responder()
        func ask(_ octets: [UInt8]) -> [UInt8]? { responder.answer(to: octets, at: .zero) }
        let frame = solicitation(from: .zero, options: [])
        let answer = try EthernetFrame(decoding: try #require(ask(frame.octets)))
        #expect("\(answer.destination)" == "33:33:00:00:00:01")
        let packet = try NeighborPacket(decoding: answer.payload)
        #expect(packet.destination == .allNodes)
        #expect(try NeighborAdvertisement(decoding: packet.message).flags == [.router])
        // RFC 4861 §7.1.1: neither to another group, nor with a link-layer address.
        let stray = solicitation(from: .zero, to: .allNodes, options: [])
        let named = solicitation(from: .zero, options: [.sourceLinkLayerAddress(asking)])
        for frame in [stray, named] { #expect(ask(frame.octets) == nil) }
    }

    @Test func whatIsNotAssignedIsNotAnswered() throws {
        var responder = try responder()
        func ask(_ octets: [UInt8]) -> [UInt8]? { responder.answer(to: octets, at: .zero) }
        let other = try #require(IPv6Address("2001:db8:1:6::1"))
        #expect(ask(solicitation(from: server, target: other, options: []).octets) == nil)
        #expect(ask(request(IPv4Address(192, 0, 2, 78)).octets) == nil)
        responder.remove(try #require(IPPrefix("2001:db8:1:5::/64")))
        responder.remove(try #require(IPPrefix("192.0.2.77/32")))
        #expect(ask(solicitation(from: server, options: []).octets) == nil)
        #expect(ask(request(IPv4Address(192, 0, 2, 77)).octets) == nil)
    }

    @Test func requestForAnAssignedAddressIsAnswered() throws {
        var responder = try responder()
        func ask(_ octets: [UInt8]) -> [UInt8]? { responder.answer(to: octets, at: .zero) }
        // The second asks whether the address is free (RFC 5227 §2.1.1).
        for sender in [IPv4Address(192, 0, 2, 2), .zero] {
            let frame = request(IPv4Address(192, 0, 2, 77), from: sender)
            let answer = try EthernetFrame(decoding: try #require(ask(frame.octets)))
            #expect(answer.destination == asking && answer.source == own)
            let reply = try ARPPacket(decoding: answer.payload)
            #expect(reply.operation == .reply)
            #expect(reply.sender == IPv4Address(192, 0, 2, 77) && reply.senderLink == own)
            #expect(reply.target == sender && reply.targetLink == asking)
        }
        let announcement = request(IPv4Address(192, 0, 2, 77), from: IPv4Address(192, 0, 2, 77))
        #expect(ask(announcement.octets) == nil)
    }

    @Test func spoiltAndOwnFramesAreNotAnswered() throws {
        var responder = try responder()
        func ask(_ octets: [UInt8]) -> [UInt8]? { responder.answer(to: octets, at: .zero) }
        let good = solicitation(from: server, options: [])
        for offset in [14 + 7, 14 + 42, 14 + 70] where offset < good.octets.count {
            var octets = good.octets
            octets[offset] ^= 1
            #expect(ask(octets) == nil)
        }
        var own = good
        own.source = self.own
        #expect(ask(own.octets) == nil)
        var grouped = request(IPv4Address(192, 0, 2, 77))
        grouped.payload[8] |= 1
        #expect(ask(grouped.octets) == nil)
    }

    @Test func floodIsAnsweredAtABoundedRate() throws {
        var flooded = try responder()
        let frame = request(IPv4Address(192, 0, 2, 77)).octets
        let first = (0..<5000).count { _ in flooded.answer(to: frame, at: .zero) != nil }
        let second = (0..<5000).count { _ in flooded.answer(to: frame, at: .zero + .seconds(1)) != nil }
        #expect(first == NeighborResponder.rate && second == NeighborResponder.rate)
    }
}
