// SPDX-License-Identifier: Apache-2.0
import Mobility
import Testbed
import Testing
import Wire

/// Who is believed (RFC 4285).
@Suite struct AuthenticationTests {
    typealias Domain = ExampleDomain

    /// A proxy binding update whose authenticator was computed by another program (key 00…0f, SPI 256).
    private static let recorded = """
        3b 0f 05 00 b1 bc 00 0b 82 00 03 84 08 11 01 63
        70 65 31 40 65 78 61 6d 70 6c 65 2e 6e 65 74 01
        03 00 00 00 16 12 00 40 20 01 0d b8 12 34 00 01
        00 00 00 00 00 00 00 00 17 02 00 01 18 02 00 01
        01 00 1b 08 00 00 65 53 f1 00 80 00 3f 06 08 0b
        01 00 00 00 40 12 01 00 6d 61 67 31 40 65 78 61
        6d 70 6c 65 2e 6e 65 74 01 03 00 00 00 09 11 01
        00 00 01 00 12 15 3d e0 dc b9 84 3c 15 1d 29 2e
        """

    private static var octets: [UInt8] {
        recorded.split(whereSeparator: \.isWhitespace).compactMap { UInt8($0, radix: 16) }
    }

    private static let sha1 = SecurityAssociation(spi: 256, key: Domain.key, algorithm: .hmacSHA1_96)

    @Test func recordedUpdateIsAuthentic() throws {
        let message = try MobilityHeader(decoding: Self.octets).message
        #expect(
            Authentication.verdict(on: Self.octets, decoded: message, careOf: Domain.lte, association: Self.sha1)
                == .authentic
        )
        #expect(
            Authentication.verdict(on: Self.octets, decoded: message, careOf: Domain.wlan, association: Self.sha1)
                == .wrong
        )
    }

    @Test(arguments: SecurityAssociation.Algorithm.allCases)
    func sealedMessageIsAuthenticUntilAnOctetChanges(_ algorithm: SecurityAssociation.Algorithm) throws {
        let association = SecurityAssociation(spi: 256, key: Domain.key, algorithm: algorithm)
        var message = try MobilityHeader(decoding: Self.octets).message
        message.options = MobilityOptions(message.options.all.dropLast())
        let route = try #require(SignallingRoute(from: Domain.lte, to: Domain.anchorIPv6))
        let sealed = Authentication.seal(message, on: route, careOf: Domain.lte, by: .sharedKey(association)).octets
        func verdict(_ octets: [UInt8]) throws -> Authentication.Verdict {
            Authentication.verdict(
                on: octets,
                decoded: try MobilityHeader(decoding: octets).message,
                careOf: Domain.lte,
                association: association
            )
        }
        #expect(try verdict(sealed) == .authentic)
        for position in [6, 12, 40, sealed.count - 1] {
            var spoilt = sealed
            spoilt[position] ^= 1
            #expect(try verdict(spoilt) != .authentic)
        }
    }

    @Test(arguments: SecurityAssociation.Algorithm.allCases)
    func bothAlgorithmsCarryASession(_ algorithm: SecurityAssociation.Algorithm) {
        let association = SecurityAssociation(spi: 300, key: Domain.key, algorithm: algorithm)
        var anchor = Domain.anchor
        var gateway = Domain.gateway
        anchor.gateways[0].authentication = .sharedKey(association)
        gateway.anchors[0].authentication = .sharedKey(association)
        var talk = Domain.registered(anchor: anchor, gateway: gateway)
        talk.passes(.seconds(130))
        #expect(talk.atGateway.paths.count == 2)
        #expect(talk.sent.allSatisfy { $0.message.options.all.last is MessageAuthentication })
        #expect(talk.sent.allSatisfy { $0.datagram.octets.count % 8 == 0 })
        #expect(talk.heartbeats.contains { $0.isResponse })
        #expect(talk.anchor.snapshot.counters.dropped.isEmpty && talk.gateway.snapshot.counters.dropped.isEmpty)
    }

    @Test func withoutAuthenticationWhereBothSidesSaySo() {
        var anchor = Domain.anchor
        var gateway = Domain.gateway
        anchor.gateways[0].authentication = .none
        gateway.anchors[0].authentication = .none
        var talk = Domain.registered(anchor: anchor, gateway: gateway)
        talk.passes(.seconds(130))
        #expect(talk.atGateway.paths.count == 2)
        #expect(talk.sent.allSatisfy { $0.message.options.first(MessageAuthentication.self) == nil })
        #expect(talk.anchor.snapshot.counters.dropped.isEmpty && talk.gateway.snapshot.counters.dropped.isEmpty)
    }

    @Test func wrongKeyServesNobody() {
        var gateway = Domain.gateway
        let wrong = SecurityAssociation(spi: 256, key: [1], algorithm: .hmacSHA256_128)
        gateway.anchors[0].authentication = .sharedKey(wrong)
        let talk = Domain.registered(gateway: gateway)
        #expect(talk.atAnchor.isEmpty && talk.atGateway.isEmpty)
        #expect(talk.acknowledgements.allSatisfy { $0.status == .authenticationFailure })
        #expect(talk.gateway.snapshot.counters.dropped[.authenticationWrong] == 1)
    }

    @Test func unknownAssociationIsNotAnswered() {
        var alone = LoneAnchor()
        let unknown = SecurityAssociation(spi: 999, key: Domain.key, algorithm: .hmacSHA256_128)
        #expect(alone.ask { $0.authentication = .sharedKey(unknown) } == nil)
        #expect(alone.drops == [.unknownPeer: 1])
    }

    @Test func gatewaysWithTheSameIndexAreToldApartByTheirKeys() {
        var settings = Domain.anchor
        let second = SecurityAssociation(spi: 256, key: [7, 7], algorithm: .hmacSHA1_96)
        settings.gateways.insert(
            GatewayPeer(
                identifier: NodeIdentifier(nai: "mag2@example.net"),
                mobileNodes: [],
                authentication: .sharedKey(second)
            ),
            at: 0
        )
        var alone = LoneAnchor(settings)
        #expect(alone.ask()?.status == .accepted)
    }

    @Test func gatewaysWithTheSameKeyAreToldApartByWhatTheySay() {
        var settings = Domain.anchor
        settings.gateways.insert(
            GatewayPeer(
                identifier: NodeIdentifier(nai: "mag2@example.net"),
                mobileNodes: [],
                authentication: .sharedKey(Domain.association)
            ),
            at: 0
        )
        var alone = LoneAnchor(settings)
        #expect(alone.ask()?.status == .accepted)
    }

    @Test func authenticatorThatIsNotLastDoesNotCount() {
        var alone = LoneAnchor()
        let reply = alone.ask {
            $0.further = [
                MessageAuthentication(spi: 256, authenticator: Array(repeating: 0, count: 16)), RestartCounter(1),
            ]
            $0.authentication = .none
        }
        #expect(reply == nil)
        #expect(alone.drops == [.authenticationMissing: 1])
    }

    @Test func gatewayBelievesNoUnsignedAnswer() {
        var alone = LoneGateway()
        alone.answer(by: PeerAuthentication.none)
        #expect(alone.drops == [.authenticationMissing: 1])
        alone.answer(by: .sharedKey(SecurityAssociation(spi: 256, key: [3], algorithm: .hmacSHA256_128)))
        #expect(alone.drops[.authenticationWrong] == 1)
        alone.answer(by: .sharedKey(SecurityAssociation(spi: 257, key: Domain.key, algorithm: .hmacSHA256_128)))
        #expect(alone.drops[.unknownPeer] == 1)
        #expect(alone.ledger.isEmpty)
        alone.answer()
        #expect(alone.ledger.paths.count == 1)
    }

    @Test func recordedUpdateComesToNothingLater() {
        var alone = LoneAnchor()
        let update = HandmadeUpdate().datagram(at: alone.now.timestamp)
        alone.tell(.received(update))
        alone.ask { $0.lifetime = .zero }
        alone.passes(.seconds(11))
        let answer = alone.acknowledgement(in: alone.tell(.received(update)))
        #expect(answer?.status == .timestampMismatch)
        #expect(alone.session == nil)
    }

    @Test func replayedHeartbeatIsNotAnswered() throws {
        var alone = LoneAnchor()
        alone.ask()
        let options = MobilityOptions([MessageIdentifier(alone.now.timestamp)])
        let request = HandmadeUpdate().seal(.heartbeat(Heartbeat(isResponse: false, sequence: 4, options: options)))
        #expect(alone.tell(.received(request)).count == 1)
        #expect(alone.tell(.received(request)).isEmpty)
        #expect(alone.drops == [.replayed: 1])
        alone.passes(.seconds(20))
        #expect(alone.tell(.received(request)).isEmpty)
    }

    @Test func responseOfAnotherGatewaySaysNothingOfOurs() {
        let otherKey = PeerAuthentication.sharedKey(
            SecurityAssociation(spi: 257, key: [9], algorithm: .hmacSHA256_128)
        )
        var settings = Domain.anchor
        settings.gateways.append(
            GatewayPeer(
                identifier: NodeIdentifier(nai: "mag2@example.net"),
                mobileNodes: [NodeIdentifier(nai: "cpe2@example.net")],
                authentication: otherKey
            )
        )
        var alone = LoneAnchor(settings)
        alone.ask()
        func respond(_ counter: UInt32, by authentication: PeerAuthentication) {
            alone.passes(.milliseconds(10))
            let options = MobilityOptions([MessageIdentifier(alone.now.timestamp), RestartCounter(counter)])
            var sender = HandmadeUpdate()
            sender.authentication = authentication
            let response = Heartbeat(isResponse: true, isUnsolicited: true, sequence: 0, options: options)
            alone.tell(.received(sender.seal(.heartbeat(response))))
        }
        respond(1, by: HandmadeUpdate().authentication)
        respond(2, by: otherKey)
        #expect(alone.drops == [.unknownPeer: 1])
        #expect(alone.ledger.paths.count == 1)
        respond(2, by: HandmadeUpdate().authentication)
        #expect(alone.ledger.paths.isEmpty)
        #expect(alone.ledger.notices.contains(.peerRestarted(Domain.lte)))
    }

    /// What a stranger can have done without a proof must not grow with the bindings of the pair that he writes on it.
    @Test func heartbeatWithoutProofCostsTheSameHoweverManyBindings() {
        func cost(of bindings: Int) -> Duration {
            let nodes = (0..<bindings).map { NodeIdentifier(nai: "cpe\($0)@example.net") }
            var settings = Domain.anchor
            settings.gateways[0] = GatewayPeer(
                identifier: Domain.gatewayName,
                mobileNodes: nodes,
                authentication: .sharedKey(Domain.association)
            )
            var alone = LoneAnchor(settings)
            for node in nodes { alone.ask { $0.mobileNode = node } }
            #expect(alone.ledger.paths.count == bindings)
            var stranger = HandmadeUpdate()
            stranger.authentication = .none
            let heartbeat = Heartbeat(isResponse: false, sequence: 1, options: MobilityOptions())
            let datagram = stranger.seal(.heartbeat(heartbeat))
            // The quickest of some: whatever else runs here may come between, but not each time.
            let times = (0..<10).map { _ in
                ContinuousClock().measure {
                    for _ in 0..<50 { alone.tell(.received(datagram)) }
                }
            }
            #expect(alone.drops == [.authenticationMissing: 500])
            return times.min() ?? .zero
        }
        let few = cost(of: 2)
        #expect(cost(of: 500) < few * 10 + .milliseconds(200))
    }

    @Test func probeKeyNeedsBothAnnouncements() {
        var silent = Domain.anchor
        silent.announcesProbes = false
        #expect(Domain.registered().atGateway.sessions.values.allSatisfy { $0.probeKey != nil })
        let talk = Domain.registered(anchor: silent)
        #expect(talk.atGateway.sessions.values.allSatisfy { $0.probeKey == nil })
        #expect(talk.atAnchor.sessions.values.allSatisfy { $0.probeKey == nil })
    }

    private static func announcement(_ number: UInt64?) -> VendorSpecific {
        let octets = number.map { value in (0..<8).map { UInt8(truncatingIfNeeded: value >> (56 - 8 * $0)) } } ?? []
        return VendorSpecific(vendor: VendorSpecific.plait, subtype: 1, content: [1, 1] + octets)
    }

    @Test func reportsNeedBothAnnouncements() {
        var silent = Domain.anchor
        silent.announcesProbes = false
        let talk = Domain.registered()
        #expect(talk.atGateway.sessions.values.allSatisfy { $0.hasReports })
        #expect(talk.atAnchor.sessions.values.allSatisfy { $0.hasReports })
        let without = Domain.registered(anchor: silent)
        #expect(!without.atGateway.sessions.values.contains { $0.hasReports })
        #expect(!without.atAnchor.sessions.values.contains { $0.hasReports })
    }

    @Test func sizeProbesNeedBothAnnouncements() {
        var silent = Domain.anchor
        silent.announcesProbes = false
        let talk = Domain.registered()
        #expect(talk.atGateway.sessions.values.allSatisfy { $0.hasSizeProbes })
        #expect(talk.atAnchor.sessions.values.allSatisfy { $0.hasSizeProbes })
        let without = Domain.registered(anchor: silent)
        #expect(!without.atGateway.sessions.values.contains { $0.hasSizeProbes })
        #expect(!without.atAnchor.sessions.values.contains { $0.hasSizeProbes })
    }

    /// An older gateway knows probes alone, and a capability of reports without probes means nothing.
    @Test(arguments: [0x01, 0x08, 0x09] as [UInt8]) func onlyProbesAndReportsTogetherMakeReports(_ capabilities: UInt8)
    {
        var alone = LoneAnchor()
        let reply = alone.ask {
            $0.further = [
                VendorSpecific(
                    vendor: VendorSpecific.plait,
                    subtype: 1,
                    content: [1, capabilities, 0, 0, 0, 0, 0, 0, 0, 7]
                )
            ]
        }
        let ours = reply?.options.first(VendorSpecific.self)?.content ?? []
        #expect((ours.count > 1 ? ours[1] & 0x08 : 0) == (capabilities == 0x09 ? 0x08 : 0))
        #expect(alone.ledger.sessions.values.first?.hasReports == (capabilities == 0x09))
    }

    /// Without GRE nothing else tells one life of a gateway from the next.
    @Test func probeKeyIsAnotherOneAfterANewStart() throws {
        var alone = LoneAnchor()
        func register(_ number: UInt64?, path: UInt8 = 1) -> (key: SipKey?, ours: [UInt8]?) {
            let reply = alone.ask {
                $0.greKey = nil
                $0.source = path == 1 ? Domain.lte : Domain.wlan
                $0.multipath?.bindingIdentifier = path
                $0.further = [Self.announcement(number)]
            }
            let option = reply?.options.first(VendorSpecific.self)
            return (alone.ledger.sessions.values.first?.probeKey, option.map { Array($0.content) })
        }
        let first = register(7)
        #expect(first.key != nil && first.ours?.prefix(2) == [1, 3] && first.ours?.count == 10)
        // The same life: the same key on all paths and in every refresh.
        #expect(register(7) == first)
        #expect(register(7, path: 2) == first)
        let second = register(8)
        #expect(second.key != first.key && second.ours != first.ours)
        // An old announcement does not bring the old key back.
        #expect(register(7).key != first.key)
        // An older version announces without a number, and knows the key without.
        #expect(register(nil).key == register(nil).key)
        #expect(register(nil).ours == [1, 3] + Array(repeating: 0, count: 8))
    }

    @Test func probeKeyIsAnotherOneInANewSession() {
        var alone = LoneAnchor()
        var keys: Set<SipKey?> = []
        for _ in 0..<3 {
            alone.ask {
                $0.greKey = nil
                $0.further = [Self.announcement(7)]
            }
            keys.insert(alone.ledger.sessions.values.first?.probeKey)
            alone.ask { $0.lifetime = .zero }
            alone.passes(.seconds(20))
            #expect(alone.ledger.isEmpty)
        }
        #expect(keys.count == 3 && !keys.contains(nil))
    }

    @Test func bothEndsComeToTheSameProbeKey() {
        let talk = Domain.registered()
        let keys = [talk.atGateway, talk.atAnchor].map { $0.sessions.values.first?.probeKey }
        #expect(keys[0] != nil && keys[0] == keys[1])
    }

    @Test func gatewayAnnouncesTheSameNumberInItsWholeLife() {
        var alone = LoneGateway()
        alone.answer()
        alone.tell(.wanChanged("wan2", .up(careOfAddress: Domain.dsl)))
        alone.passes(.seconds(3600))
        let announced = alone.updates.map { $0.options.first(VendorSpecific.self)?.content }
        #expect(announced.count > 2 && Set(announced.map { $0.map(Array.init) }).count == 1)
        #expect(announced.first??.count == 10)
    }
}
