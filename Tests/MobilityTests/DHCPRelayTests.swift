// SPDX-License-Identifier: Apache-2.0
import Mobility
import Testing
import Wire

/// The relay agent for nodes on an access link (RFC 5844 §3.4.2, RFC 1542 §4.1, RFC 3046).
@Suite struct DHCPRelayTests {
    private static let home = Node.home.address
    private static let router = IPv4Address(10, 9, 0, 1)
    private static let server = IPv4Address(192, 0, 3, 80)
    private static let gateway = IPv4Address(198, 51, 100, 2)

    private static func service(isServer: Bool = false) -> MobileNodeService {
        var service = Node.service()
        service.homeAddress?.isGatewayDHCPServer = isServer
        return service
    }

    /// The node is served, and there is a server to relay to.
    private static func link(isServed: Bool = true, isServer: Bool = false) -> AccessLinkNodes {
        var link = Node.link { $0.relay = DHCPRelaySettings(server: server, address: gateway) }
        guard isServed else { return link }
        _ = link.handle(.received(Node.solicitation()), at: .zero)
        _ = link.handle(.serve(service(isServer: isServer)), at: .zero)
        return link
    }

    private static func relayed(_ actions: [AccessLinkNodes.Action]) -> [DHCPMessage] {
        actions.compactMap { if case .relay(let message, server) = $0 { message } else { nil } }
    }

    /// What a server makes of what was relayed to it.
    private static func answer(
        _ type: DHCPMessageType,
        to message: DHCPMessage,
        _ address: IPv4Address = home,
        _ change: (inout DHCPMessage) -> Void = { _ in }
    ) -> [UInt8] {
        var reply = DHCPMessage(.reply, transaction: message.transaction, hardwareAddress: message.hardwareAddress)
        reply.relayAddress = message.relayAddress
        reply.wantsBroadcast = message.wantsBroadcast
        reply.type = type
        reply.yourAddress = address
        reply.options.set(.serverIdentifier, [router])
        reply.options.set(.leaseTime, 600)
        reply.options[.relayAgentInformation] = message.options[.relayAgentInformation]
        change(&reply)
        return reply.octets
    }

    private static func renewal(_ address: IPv4Address) -> [UInt8] {
        Node.dhcp(.request) { $0.clientAddress = address }
    }

    private static func selection(_ address: IPv4Address) -> [UInt8] {
        Node.dhcp(.request) { $0.options.set(.requestedAddress, [address]) }
    }

    // MARK: To the server

    @Test func discoverWaitsForTheRegistrationAndIsRelayedThen() throws {
        var link = Self.link(isServed: false)
        let discover = Node.dhcp(.discover) { message in
            message.hops = 2
            message.wantsBroadcast = true
            message.seconds = 9
            message.bootFile = [0x61, 0x62]
            message.options[.clientIdentifier] = [0, 1, 2]
        }
        #expect(link.handle(.received(discover), at: .zero) == [.attached(Node.attachment)])
        let message = try #require(Self.relayed(link.handle(.serve(Self.service()), at: .seconds(1))).first)
        #expect(message.hops == 3 && message.relayAddress == Self.gateway && message.seconds == 9)
        #expect(message.type == .discover && message.wantsBroadcast && message.bootFile == [0x61, 0x62])
        #expect(message.hardwareAddress == Node.mac(1).octets && message.options[.clientIdentifier] == [0, 1, 2])
        // Last of all (RFC 3046 §2.1): the home address, its subnet, and who the node shall think the server is.
        #expect(message.options.all.last?.code == 82)
        #expect(
            message.options[.relayAgentInformation]
                == [2, 4, 10, 9, 0, 7, 5, 4, 10, 9, 0, 0, 11, 4, 10, 9, 0, 1]
        )
        #expect(link.counters.relayed == 1)
    }

    @Test func anchorThatWantsTheGatewayToServeHasIt() throws {
        var link = Self.link(isServer: true)
        let actions = link.handle(.received(Node.dhcp(.discover)), at: .zero)
        #expect(Self.relayed(actions).isEmpty)
        #expect(try Node.answers(actions).first?.message.yourAddress == Self.home)
    }

    @Test func whatIsAboutTheHomeAddressIsRelayed() {
        var link = Self.link()
        let decline = Node.dhcp(.decline) { $0.options.set(.requestedAddress, [Self.home]) }
        let inform = Node.dhcp(.inform) { $0.clientAddress = Self.home }
        for frame in [Node.dhcp(.discover), Self.selection(Self.home), Self.renewal(Self.home), decline, inform] {
            #expect(Self.relayed(link.handle(.received(frame), at: .zero)).count == 1)
        }
    }

    @Test func requestForAnotherAddressIsDroppedAndTold() {
        var link = Self.link()
        let other = IPv4Address(10, 9, 0, 99)
        let mismatch = AddressMismatch(
            node: Node.identifier,
            speaker: .node,
            address: other,
            homeAddress: Self.home,
            untold: 0
        )
        #expect(link.handle(.received(Self.selection(other)), at: .zero) == [.mismatched(mismatch)])
        // Not as often as anybody likes.
        for _ in 0..<4 { #expect(link.handle(.received(Self.renewal(other)), at: .seconds(1)).isEmpty) }
        var again = mismatch
        again.untold = 4
        #expect(link.handle(.received(Self.selection(other)), at: .seconds(11)).last == .mismatched(again))
        #expect(link.counters.mismatched == 6 && link.counters.relayed == 0)
    }

    /// RFC 1542 §4.1.1, RFC 3046 §2.1: loops, and who claims to know the client before us.
    @Test func whatHasBeenRelayedAlreadyIsDropped() {
        var link = Self.link()
        let frames = [
            Node.dhcp(.discover) { $0.hops = 16 },
            Node.dhcp(.discover) { $0.options[.relayAgentInformation] = [2, 4, 10, 9, 0, 99] },
            Node.dhcp(.discover) { $0.relayAddress = IPv4Address(10, 9, 0, 2) },
            Node.dhcp(.discover) { $0.hardwareAddress = Node.mac(2).octets },
            Node.dhcp(.request), Node.dhcp(.offer),
        ]
        for frame in frames { #expect(link.handle(.received(frame), at: .zero).isEmpty) }
        #expect(link.counters.ignored == frames.count)
    }

    // MARK: To the node

    @Test func answersHaveWhatTheNodeMustKnowWhateverTheServerSays() throws {
        var link = Self.link()
        for (type, frame) in [
            (DHCPMessageType.offer, Node.dhcp(.discover)), (.acknowledge, Self.selection(Self.home)),
        ] {
            let message = try #require(Self.relayed(link.handle(.received(frame), at: .zero)).first)
            let octets = Self.answer(type, to: message) { reply in
                reply.options.set(.routers, [IPv4Address(10, 9, 0, 254)])
                reply.options[.interfaceMTU] = [0x05, 0xDC]
            }
            let (answer, sent) = try #require(
                try Node.answers(link.handle(.answered(octets, by: Self.server), at: .zero)).first
            )
            #expect(answer.type == type && answer.yourAddress == Self.home)
            #expect(answer.options[.relayAgentInformation] == nil)
            #expect(answer.options.address(.subnetMask) == IPv4Address(255, 255, 255, 0))
            #expect(answer.options.address(.routers) == Self.router)
            #expect(answer.options[.interfaceMTU] == [0x05, 0x78])
            #expect(answer.options.address(.serverIdentifier) == Self.router)
            #expect(answer.options.address(.leaseTime) == IPv4Address(600))
            #expect(sent.destination == Node.mac(1) && sent.source == .proxyMobileIPv6)
        }
    }

    @Test func answersGoAsTheNodeCanReceiveThem() throws {
        var link = Self.link()
        let cases: [([UInt8], DHCPMessageType, LinkLayerAddress, IPv4Address)] = [
            (Node.dhcp(.discover), .offer, Node.mac(1), IPv4Address(.max)),
            (Node.dhcp(.discover) { $0.wantsBroadcast = true }, .offer, .broadcast, IPv4Address(.max)),
            (Self.renewal(Self.home), .acknowledge, Node.mac(1), Self.home),
            (Self.renewal(Self.home), .refuse, .broadcast, IPv4Address(.max)),
        ]
        for (frame, type, destination, address) in cases {
            let message = try #require(Self.relayed(link.handle(.received(frame), at: .zero)).first)
            let octets = Self.answer(type, to: message)
            let (_, sent) = try #require(
                try Node.answers(link.handle(.answered(octets, by: Self.server), at: .zero)).first
            )
            let header = IPv4Header(sent.payload.span.bytes)
            #expect(sent.destination == destination && header?.destination == address)
            #expect(header?.source == Self.router)
        }
    }

    @Test func anotherAddressThanTheAnchorsIsNotOffered() throws {
        for (type, frame) in [(DHCPMessageType.offer, Node.dhcp(.discover)), (.acknowledge, Self.renewal(Self.home))] {
            var link = Self.link()
            let message = try #require(Self.relayed(link.handle(.received(frame), at: .zero)).first)
            let other = IPv4Address(10, 9, 0, 99)
            let octets = Self.answer(type, to: message, other)
            let mismatch = AddressMismatch(
                node: Node.identifier,
                speaker: .server,
                address: other,
                homeAddress: Self.home,
                untold: 0
            )
            #expect(link.handle(.answered(octets, by: Self.server), at: .zero) == [.mismatched(mismatch)])
            #expect(link.counters.mismatched == 1)
        }
    }

    /// RFC 2131 §4.3.5
    @Test func whoAsksForTheRestAloneIsToldNoAddress() throws {
        var link = Self.link()
        let inform = Node.dhcp(.inform) { $0.clientAddress = Self.home }
        let message = try #require(Self.relayed(link.handle(.received(inform), at: .zero)).first)
        let answers = try Node.answers(
            link.handle(.answered(Self.answer(.acknowledge, to: message, .zero), by: Self.server), at: .zero)
        )
        #expect(answers.first?.message.yourAddress == .zero && answers.first?.message.options[.interfaceMTU] != nil)
        // But who asks for an address is not acknowledged none.
        let request = try #require(Self.relayed(link.handle(.received(Self.selection(Self.home)), at: .zero)).first)
        let none = link.handle(.answered(Self.answer(.acknowledge, to: request, .zero), by: Self.server), at: .zero)
        #expect(try Node.answers(none).isEmpty)
    }

    @Test func onlyTheServersAnswersToTheNodesQuestionAreBelieved() throws {
        var link = Self.link()
        let early = DHCPMessage(.request, transaction: 7, hardwareAddress: Node.mac(1).octets)
        #expect(link.handle(.answered(Self.answer(.offer, to: early), by: Self.server), at: .zero).isEmpty)
        let message = try #require(Self.relayed(link.handle(.received(Node.dhcp(.discover)), at: .zero)).first)
        let offer = Self.answer(.offer, to: message)
        let wrong: [([UInt8], IPv4Address)] = [
            (offer, IPv4Address(192, 0, 3, 81)),
            (Self.answer(.offer, to: message) { $0.transaction += 1 }, Self.server),
            (Self.answer(.offer, to: message) { $0.operation = .request }, Self.server),
            (Self.answer(.offer, to: message) { $0.hardwareType = 6 }, Self.server),
            (Self.answer(.offer, to: message) { $0.hardwareAddress = Node.mac(2).octets }, Self.server),
            (Self.answer(.offer, to: message) { $0.hardwareAddress = [1] }, Self.server),
            (Self.answer(.discover, to: message), Self.server), (Array(offer.prefix(200)), Self.server),
        ]
        for (octets, sender) in wrong { #expect(link.handle(.answered(octets, by: sender), at: .zero).isEmpty) }
        #expect(link.handle(.answered(offer, by: Self.server), at: .zero).count == 1)
        // The anchor changes its mind, or takes the address away.
        _ = link.handle(.serve(Self.service(isServer: true)), at: .zero)
        #expect(link.handle(.answered(offer, by: Self.server), at: .zero).isEmpty)
        _ = link.handle(.stopServing(Node.identifier), at: .zero)
        #expect(link.handle(.answered(offer, by: Self.server), at: .zero).isEmpty)
    }

    // MARK: Giving back

    @Test func releaseIsRelayedAndTold() throws {
        var link = Self.link()
        let other = Node.dhcp(.release) { $0.clientAddress = IPv4Address(10, 9, 0, 99) }
        #expect(Self.relayed(link.handle(.received(other), at: .zero)).isEmpty)
        let release = Node.dhcp(.release) { $0.clientAddress = Self.home }
        let actions = link.handle(.received(release), at: .zero)
        #expect(Self.relayed(actions).map(\.type) == [.release])
        #expect(actions.last == .homeAddressReleased(Node.identifier) && actions.count == 2)
        // A new one is asked for by a DISCOVER, which waits for it.
        #expect(link.handle(.received(Node.dhcp(.discover)), at: .zero) == [.homeAddressWanted(Node.identifier)])
        var service = Self.service()
        service.homeAddress?.address = IPv4Address(10, 9, 0, 8)
        let message = try #require(Self.relayed(link.handle(.serve(service), at: .seconds(1))).first)
        #expect(message.options[.relayAgentInformation]?.prefix(6) == [2, 4, 10, 9, 0, 8])
    }
}
