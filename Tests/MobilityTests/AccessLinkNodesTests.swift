// SPDX-License-Identifier: Apache-2.0
import Mobility
import Testing
import Wire

@Suite struct AccessLinkNodesTests {
    // MARK: Coming and going

    @Test func nodeIsAttachedAtItsFirstSignByItsProfile() {
        for sign in [
            Node.solicitation(), Node.probe(), Node.report(), Node.request(of: .zero), Node.dhcp(.discover),
        ] {
            var link = Node.link()
            #expect(link.handle(.received(sign), at: .zero) == [.attached(Node.attachment)])
            #expect(link.handle(.received(sign), at: .zero).isEmpty)
            #expect(link.counters.attached == 1)
        }
    }

    @Test func whoHasNoProfileGetsNothing() {
        var link = Node.link()
        #expect(link.handle(.received(Node.solicitation(from: Node.mac(9))), at: .zero).isEmpty)
        #expect(link.counters.strangers == 1 && link.identifiers.isEmpty && link.nextDeadline == nil)
    }

    @Test func strangersAreNamedByTheirAddressesIfTheOperatorWantsThem() {
        var link = Node.link { $0.strangers = StrangerProfile(realm: "example.net", wantsIPv4: true) }
        #expect(
            link.handle(.received(Node.solicitation(from: Node.mac(9))), at: .zero) == [
                .attached(
                    MobileNodeAttachment(
                        identifier: NodeIdentifier(nai: "02-00-00-00-00-09@example.net"),
                        linkLayerAddress: Node.mac(9),
                        handoff: .unknown,
                        wantsIPv4: true,
                        wantsIPv6: true
                    )
                )
            ]
        )
    }

    @Test func floodOfStrangersCostsBoundedMemory() {
        var link = Node.link { $0.strangers = StrangerProfile(realm: "example.net") }
        for number in 0..<5000 { _ = link.handle(.received(Node.solicitation(from: Node.mac(number))), at: .zero) }
        #expect(link.identifiers.count == AccessLinkNodes.mostUnserved)
        for identifier in link.identifiers { _ = link.handle(.serve(Node.service(of: identifier)), at: .zero) }
        // Whom the anchor takes makes room, up to the end.
        for number in 0..<5000 {
            for case .attached(let node) in link.handle(.received(Node.solicitation(from: Node.mac(number))), at: .zero)
            {
                _ = link.handle(.serve(Node.service(of: node.identifier)), at: .zero)
            }
        }
        #expect(link.identifiers.count == AccessLinkNodes.mostNodes)
        #expect(link.counters.refused > 0)
    }

    @Test func quietNodeIsAskedThreeTimesAndThenGone() throws {
        var link = Node.served()
        _ = link.handle(.deadline, at: .seconds(29))
        let probes = try Node.sent(link.handle(.deadline, at: .seconds(30)))
        // Whatever it is likely to answer, to it alone.
        #expect(probes.map(\.destination) == [Node.mac(1), Node.mac(1)])
        let solicitation = try NeighborSolicitation(
            decoding: try NeighborPacket(decoding: probes[0].payload).message
        )
        #expect(solicitation.target == Node.linkLocal)
        #expect(try ARPPacket(decoding: probes[1].payload).target == Node.home.address)
        for second in 31...32 { #expect(try Node.probes(link.handle(.deadline, at: .seconds(Int64(second)))) == 1) }
        let last = link.handle(.deadline, at: .seconds(33))
        #expect(last.first == .detached(Node.identifier))
        // It may still be reachable (RFC 5213 §6.9.1.4).
        #expect(try Node.advertised(last).map(\.routerLifetime) == [0])
        #expect(link.identifiers.isEmpty && link.nextDeadline == nil)
        #expect(link.handle(.received(Node.solicitation()), at: .seconds(40)) == [.attached(Node.attachment)])
    }

    @Test func nodeThatHasComeToAnotherLinkIsForgotten() {
        var link = Node.served()
        #expect(link.handle(.moved(Node.identifier), at: .seconds(1)).isEmpty)
        #expect(link.identifiers.isEmpty && link.nextDeadline == nil)
    }

    @Test func answerKeepsTheNode() throws {
        var link = Node.served()
        _ = link.handle(.deadline, at: .seconds(30))
        _ = link.handle(.deadline, at: .seconds(31))
        #expect(link.handle(.received(Node.advertisement()), at: .seconds(31)).isEmpty)
        #expect(try Node.probes(link.handle(.deadline, at: .seconds(60))) == 0)
        #expect(try Node.probes(link.handle(.deadline, at: .seconds(61))) == 1)
        #expect(link.identifiers == [Node.identifier])
    }

    @Test func whoIsThereAlreadyIsCalled() throws {
        var link = Node.link()
        let frame = try #require(try Node.sent(link.handle(.linkFound, at: .zero)).first)
        #expect(frame.destination == LinkLayerAddress(group: .allNodes) && frame.source == .proxyMobileIPv6)
        let decoded = IPv6Header(frame.payload.span.bytes)
        let header = try #require(decoded)
        #expect(header.destination == .allNodes && header.hopLimit == 1 && header.nextHeader == 0)
        // Hop-by-hop options with Router Alert, then the query.
        #expect(Array(frame.payload[40..<48]) == [IPProtocol.icmpv6, 0, 5, 2, 0, 0, 1, 0])
        #expect(frame.payload[48] == 130 && frame.payload.count == 40 + 8 + 28)
        #expect(Array(frame.payload[52..<54]) == [0x01, 0xF4])
        var checksum = Checksum()
        checksum.addPseudoHeader(
            source: .v6(header.source),
            destination: .v6(header.destination),
            protocolNumber: IPProtocol.icmpv6,
            length: 28
        )
        checksum.add(Array(frame.payload[48...]))
        #expect(checksum.value == 0)
    }

    @Test func lostLinkDetachesAllAndSendsNothing() {
        var link = Node.served()
        #expect(link.handle(.linkLost, at: .seconds(1)) == [.detached(Node.identifier)])
        #expect(link.nextDeadline == nil)
    }

    @Test func whomTheOperatorDetachesStaysAwayUntilAttached() throws {
        var link = Node.served()
        let actions = link.handle(.detach(Node.identifier), at: .seconds(1))
        #expect(actions.first == .detached(Node.identifier))
        #expect(try Node.advertised(actions).count == 1)
        #expect(link.handle(.received(Node.solicitation()), at: .seconds(2)).isEmpty)
        #expect(link.handle(.attach(Node.identifier), at: .seconds(3)) == [.attached(Node.attachment)])
        #expect(link.handle(.attach(NodeIdentifier(nai: "nobody")), at: .seconds(3)).isEmpty)
    }

    @Test func handedOverNodeIsToldAndAskedAtOnceAndTakenUpAgainWhenItReturns() throws {
        var link = Node.served()
        let told = try Node.advertised(link.handle(.stopServing(Node.identifier), at: .seconds(5)))
        #expect(told.map(\.routerLifetime) == [0])
        #expect(try Node.prefixes(#require(told.first)).map(\.preferredLifetime) == [0, 0])
        #expect(link.nextDeadline == .seconds(5))
        _ = link.handle(.deadline, at: .seconds(5))
        // What any neighbour says is no arrival.
        #expect(link.handle(.received(Node.advertisement()), at: .seconds(6)).isEmpty)
        #expect(link.handle(.received(Node.solicitation()), at: .seconds(6)) == [.attached(Node.attachment)])
        #expect(link.handle(.received(Node.solicitation()), at: .seconds(9)).isEmpty)
        #expect(try Node.advertised(link.handle(.serve(Node.service()), at: .seconds(9))).count == 1)
    }

    /// RFC 6543 §3: it takes the router of the other gateway's link for this one, and would believe it of that.
    @Test func whomAnotherGatewayHasIsToldThatItsPrefixesAreGoneOnlyIfItStays() throws {
        var link = Node.served()
        #expect(link.handle(.stopServing(Node.identifier, isElsewhere: true), at: .seconds(5)).isEmpty)
        var (gone, back) = (link, link)
        _ = link.handle(.deadline, at: .seconds(5))
        _ = link.handle(.received(Node.advertisement()), at: .seconds(6))
        #expect(link.nextDeadline == .seconds(9))
        let told = try Node.advertised(link.handle(.deadline, at: .seconds(9)))
        #expect(told.map(\.routerLifetime) == [0])
        #expect(try Node.prefixes(#require(told.first)).map(\.preferredLifetime) == [0, 0])
        // It answers nobody.
        var actions: [AccessLinkNodes.Action] = []
        while let deadline = gone.nextDeadline, deadline < .seconds(60) {
            actions += gone.handle(.deadline, at: deadline)
        }
        #expect(actions.last == .detached(Node.identifier))
        #expect(try Node.advertised(actions).allSatisfy { $0.routerLifetime > 0 })
        // It is this gateway's again.
        _ = back.handle(.serve(Node.service()), at: .seconds(7))
        actions = []
        while let deadline = back.nextDeadline, deadline < .seconds(30) {
            actions += back.handle(.deadline, at: deadline)
            _ = back.handle(.received(Node.advertisement()), at: deadline)
        }
        #expect(try Node.advertised(actions).allSatisfy { $0.routerLifetime > 0 })
    }

    @Test func spoiltFramesDoNothing() {
        var link = Node.link()
        let sound = [Node.solicitation(), Node.request(of: .zero), Node.dhcp(.discover)]
        for frame in sound {
            for count in 0..<min(42, frame.count) {
                #expect(link.handle(.received(Array(frame.prefix(count))), at: .zero).isEmpty)
            }
        }
        // From a group, and our own.
        for source in [LinkLayerAddress.broadcast, .proxyMobileIPv6] {
            #expect(link.handle(.received(Node.solicitation(from: source)), at: .zero).isEmpty)
        }
        #expect(link.counters.ignored > 0 && link.counters.strangers == 0)
    }

    // MARK: Router advertisements

    @Test func nothingIsAdvertisedBeforeTheRegistrationAndThenAtOnceToTheNodeAlone() throws {
        var link = Node.link()
        #expect(try Node.advertised(link.handle(.received(Node.solicitation()), at: .zero)).isEmpty)
        #expect(link.handle(.deadline, at: .seconds(10)).isEmpty)
        let actions = link.handle(.serve(Node.service()), at: .seconds(10))
        let frame = try #require(try Node.sent(actions).first)
        #expect(frame.destination == Node.mac(1) && frame.source == .proxyMobileIPv6)
        let packet = try NeighborPacket(decoding: frame.payload)
        #expect(packet.source == IPv6Address("fe80::200:5eff:fe00:5213"))
        #expect(packet.destination == Node.linkLocal)
        let advertisement = try RouterAdvertisement(decoding: packet.message)
        #expect(advertisement.routerLifetime > 0)
        #expect(advertisement.options.contains(.sourceLinkLayerAddress(.proxyMobileIPv6)))
        #expect(advertisement.options.contains(.mtu(1400)))
        #expect(
            Node.prefixes(advertisement).map(\.address) == [
                IPv6Address("2001:db8:1:1::"), IPv6Address("2001:db8:1:2::"),
            ]
        )
        #expect(Node.prefixes(advertisement).allSatisfy { $0.preferredLifetime > 0 && $0.isAutonomous })
    }

    @Test func solicitationOfAServedNodeIsAnsweredWithinHalfASecond() throws {
        var link = Node.served(at: .seconds(100))
        _ = link.handle(.deadline, at: .seconds(140))
        let actions = link.handle(.received(Node.solicitation()), at: .seconds(141))
        // Another gateway may have had it meanwhile.
        #expect(actions == [.attached(Node.attachment)])
        let next = try #require(link.nextDeadline)
        #expect(next <= .seconds(141) + .milliseconds(500))
        #expect(try Node.advertised(link.handle(.deadline, at: next)).count == 1)
    }

    @Test func lostPrefixIsWithdrawnAtOnce() throws {
        var link = Node.served()
        var service = Node.service()
        service.homeNetworkPrefixes.removeFirst()
        let advertisement = try #require(try Node.advertised(link.handle(.serve(service), at: .seconds(1))).first)
        let lifetimes = Node.prefixes(advertisement).map { ($0.address, $0.preferredLifetime > 0) }
        #expect(lifetimes.count == 2)
        #expect(lifetimes.contains { $0 == (IPv6Address("2001:db8:1:1::") ?? .zero, false) })
        #expect(lifetimes.contains { $0 == (IPv6Address("2001:db8:1:2::") ?? .zero, true) })
    }

    @Test func routerHasTheAddressThatTheAnchorAssigned() throws {
        var link = Node.link()
        _ = link.handle(.received(Node.solicitation()), at: .zero)
        var service = Node.service()
        service.linkLocalAddress = IPv6Address("fe80::77")
        let frame = try #require(try Node.sent(link.handle(.serve(service), at: .zero)).first)
        #expect(try NeighborPacket(decoding: frame.payload).source == IPv6Address("fe80::77"))
    }

    @Test func stopTellsEveryNode() throws {
        var link = Node.served()
        #expect(try Node.advertised(link.handle(.stop, at: .seconds(1))).map(\.routerLifetime) == [0])
        #expect(link.handle(.received(Node.solicitation()), at: .seconds(2)).isEmpty)
    }

    // MARK: ARP

    @Test func arpIsAnsweredForTheRouterAndTheHomeSubnetByTheFixedAddress() throws {
        var link = Node.served()
        for target in [IPv4Address(10, 9, 0, 1), IPv4Address(10, 9, 0, 99)] {
            let frame = try #require(try Node.sent(link.handle(.received(Node.request(of: target)), at: .zero)).first)
            let reply = try ARPPacket(decoding: frame.payload)
            #expect(reply.operation == .reply && reply.sender == target && reply.senderLink == .proxyMobileIPv6)
            #expect(frame.destination == Node.mac(1))
        }
        // Its own address it tries, or announces; another network's is nobody's business here.
        for target in [Node.home.address, IPv4Address(10, 8, 0, 1)] {
            #expect(link.handle(.received(Node.request(of: target)), at: .zero).isEmpty)
        }
    }

    @Test func anotherNodeOfTheLinkAnswersForItself() {
        var link = Node.served()
        _ = link.handle(.received(Node.solicitation(from: Node.mac(2))), at: .zero)
        var other = Node.service(of: Node.other)
        other.homeAddress?.address = IPv4Address(10, 9, 0, 8)
        _ = link.handle(.serve(other), at: .zero)
        #expect(link.handle(.received(Node.request(of: IPv4Address(10, 9, 0, 8))), at: .zero).isEmpty)
    }
}
