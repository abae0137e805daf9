// SPDX-License-Identifier: Apache-2.0
import Mobility
import Testing
import Wire

/// DHCP for the home addresses of nodes on an access link (RFC 5844 §3.4).
@Suite struct AccessNodeAssignmentTests {
    private let home = Node.home.address
    private let router = IPv4Address(10, 9, 0, 1)

    @Test func discoverWaitsForTheRegistration() throws {
        var link = Node.link()
        #expect(link.handle(.received(Node.dhcp(.discover)), at: .zero) == [.attached(Node.attachment)])
        let (offer, frame) = try #require(try Node.answers(link.handle(.serve(Node.service()), at: .seconds(1))).first)
        #expect(offer.type == .offer && offer.yourAddress == home)
        #expect(offer.options.address(.serverIdentifier) == router)
        #expect(offer.options.address(.routers) == router)
        #expect(offer.options.address(.subnetMask) == IPv4Address(255, 255, 255, 0))
        #expect(offer.options[.interfaceMTU] == [0x05, 0x78])
        #expect(frame.destination == Node.mac(1) && frame.source == .proxyMobileIPv6)
    }

    @Test func requestIsAcknowledgedWithTheHomeAddress() throws {
        var link = Node.served()
        let (answer, _) = try #require(try Node.answers(link.handle(.received(selection(home)), at: .zero)).first)
        #expect(answer.type == .acknowledge && answer.yourAddress == home)
        // Another server's offer was taken.
        let other = Node.dhcp(.request) { message in
            message.options.set(.requestedAddress, [IPv4Address(10, 9, 0, 7)])
            message.options.set(.serverIdentifier, [IPv4Address(10, 9, 0, 2)])
        }
        #expect(link.handle(.received(other), at: .zero).isEmpty)
    }

    @Test func renewalAfterAHandOverIsAcknowledgedAndRefusedOnceTheAddressIsAnother() throws {
        var link = Node.link()
        #expect(link.handle(.received(renewal(home)), at: .zero) == [.attached(Node.attachment)])
        let (answer, _) = try #require(try Node.answers(link.handle(.serve(Node.service()), at: .zero)).first)
        #expect(answer.type == .acknowledge && answer.yourAddress == home)
        var service = Node.service()
        service.homeAddress?.address = IPv4Address(10, 9, 0, 200)
        _ = link.handle(.serve(service), at: .seconds(1))
        let (refusal, frame) = try #require(try Node.answers(link.handle(.received(renewal(home)), at: .zero)).first)
        #expect(refusal.type == .refuse && frame.destination == .broadcast)
    }

    @Test func releaseTakesTheAddressAndLeavesThePrefixes() throws {
        var link = Node.served()
        let release = Node.dhcp(.release) { $0.clientAddress = Node.home.address }
        #expect(link.handle(.received(release), at: .zero) == [.homeAddressReleased(Node.identifier)])
        #expect(link.handle(.received(release), at: .zero).isEmpty)
        // Nobody stands for the subnet of an address that is not used.
        #expect(link.handle(.received(Node.request(of: router)), at: .zero).isEmpty)
        _ = link.handle(.received(Node.solicitation()), at: .seconds(60))
        #expect(try Node.advertised(link.handle(.deadline, at: .seconds(61))).allSatisfy { $0.routerLifetime > 0 })
        // The anchor is asked for another, and until it has answered the node waits.
        let discover = Node.dhcp(.discover)
        #expect(
            link.handle(.received(discover), at: .seconds(62)).contains(.homeAddressWanted(Node.identifier))
        )
        // Not as often as anybody likes.
        #expect(link.handle(.received(discover), at: .seconds(62)).isEmpty)
        #expect(link.handle(.received(discover), at: .seconds(63)) == [.homeAddressWanted(Node.identifier)])
        var service = Node.service()
        service.homeAddress = nil
        #expect(try Node.answers(link.handle(.serve(service), at: .seconds(62))).isEmpty)
        service.homeAddress = Node.home
        service.homeAddress?.address = IPv4Address(10, 9, 0, 8)
        let (offer, _) = try #require(try Node.answers(link.handle(.serve(service), at: .seconds(63))).first)
        #expect(offer.yourAddress == IPv4Address(10, 9, 0, 8))
        #expect(try Node.sent(link.handle(.received(Node.request(of: router)), at: .seconds(64))).count == 1)
    }

    @Test func nodeWithoutIPv6LeavesWithItsAddress() {
        var link = Node.served { settings in
            settings.nodes[Node.mac(1)] = AccessNodeProfile(Node.identifier, wantsIPv4: true, wantsIPv6: false)
        }
        var service = Node.service()
        service.homeNetworkPrefixes = []
        _ = link.handle(.serve(service), at: .zero)
        let release = Node.dhcp(.release) { $0.clientAddress = Node.home.address }
        #expect(link.handle(.received(release), at: .zero).first == .detached(Node.identifier))
    }

    @Test func whoIsNotToHaveIPv4IsNotAnswered() {
        var link = Node.served { $0.nodes[Node.mac(1)] = AccessNodeProfile(Node.identifier) }
        #expect(link.handle(.received(Node.dhcp(.discover)), at: .zero).isEmpty)
    }

    @Test func nobodyAsksForAnotherOrThroughARelay() {
        var link = Node.served()
        let other = Node.dhcp(.discover) { $0.hardwareAddress = Node.mac(2).octets }
        let relayed = Node.dhcp(.discover) { $0.relayAddress = IPv4Address(10, 9, 0, 2) }
        for frame in [other, relayed] { #expect(link.handle(.received(frame), at: .zero).isEmpty) }
    }

    private func selection(_ address: IPv4Address) -> [UInt8] {
        Node.dhcp(.request) { message in
            message.options.set(.requestedAddress, [address])
            message.options.set(.serverIdentifier, [router])
        }
    }

    private func renewal(_ address: IPv4Address) -> [UInt8] { Node.dhcp(.request) { $0.clientAddress = address } }
}
