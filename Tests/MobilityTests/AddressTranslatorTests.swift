// SPDX-License-Identifier: Apache-2.0
import Mobility
import Testbed
import Testing
import Wire

/// Address translators between gateway and anchor (RFC 5844 §4.1.3, RFC 5555 §3.2.2): found, crossed, kept awake and
/// followed when they change their mind.
@Suite struct AddressTranslatorTests {
    typealias Domain = ExampleDomain
    private static let home = Domain.address("192.168.1.2")
    private static let outer = Domain.address("203.0.113.7")
    private static let other = Domain.address("203.0.113.99")

    /// Two IPv4 WANs, each with the same private address behind its own translator.
    private static func twins(
        gateway change: (inout GatewaySettings) -> Void = { _ in },
        anchor changeAnchor: (inout AnchorSettings) -> Void = { _ in },
        outers: (IPAddress, IPAddress) = (outer, other)
    ) -> Conversation {
        var gateway = Domain.gateway
        gateway.wans = [
            Domain.wan("wan1", 1, label: 1, .ethernet, .ipv4), Domain.wan("wan2", 2, label: 2, .ethernet, .ipv4),
        ].compactMap(\.self)
        change(&gateway)
        var anchor = Domain.anchor
        changeAnchor(&anchor)
        var talk = Conversation(anchor: anchor, gateway: gateway)
        talk.network.translators["wan1"] = AddressTranslator(outerAddress: outers.0)
        talk.network.translators["wan2"] = AddressTranslator(outerAddress: outers.1, firstPort: 50_000)
        talk.gatewayStarts()
        talk.up("wan1", home)
        talk.up("wan2", home)
        talk.passes(.seconds(2))
        return talk
    }

    @Test func translatorIsFoundAndTheTunnelEndsWhereItIsSeen() throws {
        let talk = Self.twins()
        let update = try #require(talk.updates.first)
        #expect(update.options.first(AlternateIPv4CareOfAddress.self).map { .v4($0.address) } == Self.home)
        let reply = try #require(talk.acknowledgements.first)
        #expect(reply.options.first(NATDetection.self) == NATDetection(forcesUDP: true, refreshTime: .seconds(20)))
        // RFC 6463 §5.3
        #expect(reply.options.first(AlternateIPv4CareOfAddress.self).map { .v4($0.address) } == Self.home)
        #expect(talk.atAnchor.paths[Domain.path(1)]?.remoteAddress == Self.outer)
        #expect(talk.atGateway.paths[Domain.path(1)]?.localAddress == Self.home)
        #expect(talk.anchorSession?.legs.first?.careOfAddress == Self.home)
        #expect(talk.anchorSession?.legs.first?.observedAddress == Self.outer)
    }

    /// RFC 5846 §4: by the addresses and ports of the latest update, reversed.
    @Test func revocationCrossesTheTranslators() throws {
        var talk = Self.twins()
        talk.forgetMessages()
        talk.tellAnchor(.request(.revoke(.binding(try #require(Domain.binding(2)), of: Domain.mobileNode))))
        talk.passes(.seconds(1))
        let indication = try #require(talk.sent.first { $0.datagram.revocationIndication != nil })
        #expect(indication.datagram.destination == Self.other && indication.datagram.ports?.source == 5436)
        #expect(indication.datagram.ports?.destination != 5436)
        #expect(talk.sent.compactMap(\.datagram.revocationAcknowledgement).map(\.status) == [.success])
        #expect(talk.atAnchor.paths.keys.map(\.binding) == [Domain.binding(1)])
        #expect(talk.atGateway.paths.keys.map(\.binding) == [Domain.binding(1)])
        expectSound(talk)
    }

    @Test func sameAddressTwiceMakesTwoPaths() {
        let talk = Self.twins()
        #expect(talk.atAnchor.paths.count == 2 && talk.atGateway.paths.count == 2)
        #expect(talk.atAnchor.paths[Domain.path(2)]?.remoteAddress == Self.other)
        #expect(talk.atGateway.paths.mapValues(\.wan) == [Domain.path(1): "wan1", Domain.path(2): "wan2"])
        expectSound(talk)
    }

    @Test func twoPathsBehindOneTranslatorAreToldApartByTheirPorts() {
        var talk = Self.twins(outers: (Self.outer, Self.outer))
        #expect(talk.atAnchor.paths.count == 2)
        #expect(Set(talk.atAnchor.paths.values.map(\.remoteAddress)) == [Self.outer])
        talk.passes(.seconds(8000))
        #expect(talk.atAnchor.paths.count == 2 && talk.atGateway.paths.count == 2)
        expectSound(talk)
    }

    @Test func translatorIsRemindedInTimeAndTheAnchorGetsThrough() {
        var talk = Self.twins()
        talk.forgetMessages()
        talk.passes(.seconds(1000))
        #expect((95...105).contains(talk.keepalives.count))
        // Both ends ask, and both are answered: nobody seems gone.
        #expect(talk.sent.contains { $0.direction == .toGateway && !isResponse($0.message) })
        #expect(talk.sent.filter { $0.direction == .toAnchor && isResponse($0.message) }.count > 20)
        #expect(!talk.atAnchor.notices.contains(.peerUnreachable(Self.outer)))
        expectSound(talk)
    }

    private func isResponse(_ message: MobilityMessage) -> Bool {
        if case .heartbeat(let heartbeat) = message { heartbeat.isResponse } else { false }
    }

    @Test func operatorMayRemindMoreOftenOrNever() {
        #expect(Self.twins { $0.natKeepalive = .seconds(7) }.atGateway.paths[Domain.path(1)]?.keepalive == .seconds(7))
        #expect(Self.twins { $0.natKeepalive = .seconds(1) }.atGateway.paths[Domain.path(1)]?.keepalive == .seconds(5))
        let untranslated = Domain.registered()
        #expect(untranslated.atGateway.paths[Domain.path(2)]?.keepalive == nil)
    }

    @Test func rebindingIsSurvivedWithoutRegisteringAgain() {
        var talk = Self.twins()
        talk.forgetMessages()
        let new = Domain.address("203.0.113.200")
        talk.network.translators["wan1"]?.rebinds(to: new)
        talk.passes(.seconds(61))
        #expect(talk.updates.isEmpty)
        #expect(talk.atAnchor.notices.contains(.pathMoved(Domain.path(1), to: new)))
        #expect(talk.atAnchor.paths[Domain.path(1)]?.remoteAddress == new)
        #expect(talk.atAnchor.paths[Domain.path(2)]?.remoteAddress == Self.other)
        // The anchor's own messages follow.
        talk.forgetMessages()
        talk.network.translators["wan2"]?.rebinds()
        talk.passes(.seconds(300))
        #expect(talk.updates.isEmpty)
        let asked = talk.sent.filter { $0.direction == .toGateway && !isResponse($0.message) }
        #expect(asked.contains { $0.datagram.destination == new })
        #expect(Set(asked.filter { $0.datagram.destination == Self.other }.suffix(2).map(\.datagram.ports)).count == 1)
        #expect(!talk.atAnchor.notices.contains(.peerUnreachable(Self.other)))
        expectSound(talk)
    }

    @Test func replayedHeartbeatMovesNothing() throws {
        var talk = Self.twins()
        talk.passes(.seconds(120))
        var replay = try #require(
            talk.sent.last { $0.direction == .toAnchor && !isResponse($0.message) && $0.message.type == Heartbeat.type }
        ).datagram
        replay.source = Domain.address("198.51.100.66")
        replay.wan = nil
        talk.tellAnchor(.received(replay))
        #expect(talk.anchor.snapshot.counters.dropped[.replayed] == 1)
        #expect(Set(talk.atAnchor.paths.values.map(\.remoteAddress)) == [Self.outer, Self.other])
    }

    @Test func addressOfOneDeadPathLeavesTheOtherAlone() {
        var talk = Self.twins()
        talk.down("wan1")
        talk.passes(.seconds(2))
        #expect(Set(talk.atAnchor.paths.keys) == [Domain.path(2)])
        #expect(Set(talk.atGateway.paths.keys) == [Domain.path(2)])
        talk.up("wan1", Self.home)
        talk.passes(.seconds(2))
        #expect(talk.atAnchor.paths.count == 2)
        talk.gatewayStops()
        talk.passes(.seconds(20))
        #expect(talk.atAnchor.isEmpty && talk.atGateway.isEmpty)
        expectSound(talk)
    }

    @Test func whoAsksForNoUDPBehindATranslatorGetsIt() {
        let talk = Self.twins(gateway: { $0.wans[0].encapsulation = .ipInIP })
        #expect(talk.atAnchor.paths[Domain.path(1)]?.encapsulation == .udp)
        #expect(talk.atGateway.paths[Domain.path(1)]?.encapsulation == .udp)
        let keyed = Self.twins(gateway: { $0.wans[0].encapsulation = .gre })
        #expect(keyed.acknowledgements.first?.status == .greKeyOptionNotRequired)
        #expect(keyed.atGateway.paths[Domain.path(1)]?.encapsulation == .udp)
        #expect(keyed.atGateway.paths[Domain.path(2)]?.encapsulation == .udpTLVGRE)
        #expect(keyed.atGateway.sessions == keyed.atAnchor.sessions)
    }

    @Test func status129BehindATranslatorWhereUDPIsNotPermitted() {
        let talk = Self.twins(anchor: { $0.permittedEncapsulations = [.gre, .ipInIP] })
        #expect(talk.acknowledgements.allSatisfy { $0.status == .administrativelyProhibited })
        #expect(talk.atAnchor.isEmpty)
    }

    @Test func anchorBehindATranslatorOfItsOwnServes() {
        let own = Domain.address("10.0.0.1")
        var anchor = Domain.anchor
        anchor.addresses = [own]
        var gateway = Domain.gateway
        gateway.wans.removeFirst()
        var talk = Conversation(anchor: anchor, gateway: gateway)
        talk.network.anchorAddresses[Domain.anchorIPv4] = own
        talk.network.translators["wan2"] = AddressTranslator(outerAddress: Self.outer)
        talk.gatewayStarts()
        // The same address as the anchor has in its own network.
        talk.up("wan2", own)
        talk.passes(.seconds(200))
        #expect(talk.atAnchor.paths[Domain.path(2)]?.localAddress == own)
        #expect(talk.atAnchor.paths[Domain.path(2)]?.remoteAddress == Self.outer)
        #expect(talk.atGateway.paths[Domain.path(2)]?.remoteAddress == Domain.anchorIPv4)
        expectSound(talk)
    }

    @Test func twoGatewaysOfTheSamePrivateAddressAreTwo() {
        let second = NodeIdentifier(nai: "mag2@example.net")
        let node = NodeIdentifier(nai: "cpe2@example.net")
        let other = PeerAuthentication.sharedKey(
            SecurityAssociation(spi: 257, key: [1], algorithm: .hmacSHA256_128)
        )
        var settings = Domain.anchor
        settings.gateways.append(
            GatewayPeer(identifier: second, mobileNodes: [node], authentication: other)
        )
        var alone = LoneAnchor(settings)
        for (address, name, mobileNode) in [
            (Self.outer, Domain.gatewayName, Domain.mobileNode), (Self.other, second, node),
        ] {
            let reply = alone.ask {
                $0.source = address
                $0.destination = Domain.anchorIPv4
                $0.careOf = Self.home
                $0.further = [AlternateIPv4CareOfAddress(IPv4Address(192, 168, 1, 2))]
                $0.gateway = name
                $0.mobileNode = mobileNode
                if name == second { $0.authentication = other }
                $0.flags.insert([.forceUDP, .tlvHeader])
            }
            #expect(reply?.status == .accepted)
        }
        #expect(Set(alone.ledger.paths.values.map(\.remoteAddress)) == [Self.outer, Self.other])
    }

    @Test func emptyDatagramsSayNothing() {
        var alone = LoneAnchor()
        alone.ask()
        let before = alone.ledger
        #expect(
            alone.tell(
                .received(Datagram(source: Self.outer, destination: Domain.anchorIPv4, ports: .control, octets: []))
            ).isEmpty
        )
        #expect(alone.ledger == before && alone.drops.isEmpty)
    }

    private func expectSound(_ talk: Conversation) {
        #expect(talk.atGateway.faults.isEmpty && talk.atAnchor.faults.isEmpty)
        #expect(talk.atGateway.sessions == talk.atAnchor.sessions)
    }
}
