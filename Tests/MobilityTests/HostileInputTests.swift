// SPDX-License-Identifier: Apache-2.0
import Mobility
import Testbed
import Testing
import Wire

/// Octets from anybody: no trap, and no effect without the key.
@Suite struct HostileInputTests {
    typealias Domain = ExampleDomain

    @Test(arguments: 0..<20 as Range<UInt64>)
    func mutatedMessagesChangeNothingAtTheAnchor(_ seed: UInt64) {
        let talk = Domain.registered()
        var dice = SeededGenerator(seed: seed)
        let originals = talk.sent.map(\.datagram)
        for _ in 0..<200 {
            guard let original = originals.randomElement(using: &dice) else { return }
            var copy = talk
            var forged = original
            if original.source.isIPv4 { forged.ports = original.ports }
            forged.octets = original.octets.mutated(using: &dice)
            // Checksum and reserved fields are not covered; the same octets are a duplicate.
            guard forged.octets != original.octets else { continue }
            let before = copy.anchor.snapshot.sessions
            copy.tellAnchor(.received(forged.repaired))
            #expect(copy.anchor.snapshot.sessions == before, "seed \(seed)")
            let gatewayBefore = copy.gateway.snapshot.session
            copy.tell(.received(forged.repaired))
            #expect(copy.gateway.snapshot.session == gatewayBefore, "seed \(seed)")
        }
    }

    /// With the key, anything may be asked; the engine has to stay sound.
    @Test(arguments: 0..<40 as Range<UInt64>)
    func authenticNonsenseDoesNotTrap(_ seed: UInt64) {
        var settings = Domain.anchor
        settings.gateways[0].authentication = .none
        var alone = LoneAnchor(settings)
        var dice = SeededGenerator(seed: seed)
        for _ in 0..<100 {
            alone.passes(.milliseconds(1))
            var update = HandmadeUpdate()
            update.authentication = .none
            update.source = [Domain.lte, Domain.wlan].randomElement(using: &dice) ?? Domain.lte
            update.multipath?.bindingIdentifier = UInt8.random(in: 0...3, using: &dice)
            update.multipath?.isBulkReregistration = Bool.random(using: &dice)
            update.multipath?.isOverwrite = Int.random(in: 0..<4, using: &dice) == 0
            if Int.random(in: 0..<5, using: &dice) == 0 { (update.multipath, update.gateway) = (nil, nil) }
            if Int.random(in: 0..<4, using: &dice) == 0 { update.lifetime = .zero }
            update.further = [DelegatedMobileNetworkPrefix.requestIPv6]
            var datagram = update.datagram(at: alone.now.timestamp)
            if Bool.random(using: &dice) { datagram.octets = datagram.octets.mutated(using: &dice) }
            alone.tell(.received(datagram.repaired))
        }
        #expect(alone.ledger.faults.isEmpty, "seed \(seed)")
        alone.passes(.seconds(300_000))
        #expect(alone.ledger.isEmpty, "seed \(seed)")
        #expect(alone.ledger.faults.isEmpty && alone.anchor.nextDeadline == nil, "seed \(seed)")
    }

    @Test func randomOctetsAreDropped() {
        var alone = LoneAnchor()
        var gateway = LoneGateway()
        var dice = SeededGenerator(seed: 1)
        for _ in 0..<2000 {
            let count = Int.random(in: 0..<200, using: &dice)
            let octets = (0..<count).map { _ in UInt8.random(in: 0...255, using: &dice) }
            let datagram = Datagram(source: Domain.dsl, destination: Domain.anchorIPv4, ports: .control, octets: octets)
            alone.tell(.received(datagram))
            let back = Datagram(source: Domain.anchorIPv4, destination: Domain.dsl, ports: .control, octets: octets)
            gateway.tell(.received(back))
        }
        #expect(alone.ledger.isEmpty && gateway.ledger.isEmpty)
    }

    @Test func spoiltHeadersAreCountedByTheirFault() {
        var alone = LoneAnchor()
        let good = HandmadeUpdate().datagram(at: alone.now.timestamp)
        func tell(_ change: (inout Datagram) -> Void, repairing: Bool = true) {
            var datagram = good
            change(&datagram)
            alone.tell(.received(repairing ? datagram.repaired : datagram))
        }
        tell({ $0.octets[4] ^= 1 }, repairing: false)
        tell { $0.octets[0] = 17 }
        tell { $0.octets[1] = 200 }
        tell { $0.source = .v6(.allNodes) }
        tell { $0.octets[2] = BindingAcknowledgement.type }
        #expect(
            alone.drops == [
                .badChecksum: 1, .badPayloadProtocol: 1, .malformed: 1, .sourceNotUnicast: 1, .unexpectedType: 1,
            ]
        )
    }

    /// RFC 6275 §9.2: that the codec reads them for captures does not make them known here; the sender learns that.
    @Test(arguments: [HandoverInitiate.type, HandoverAcknowledge.type])
    func handoverBetweenGatewaysIsAnsweredAsUnknown(type: UInt8) throws {
        var alone = LoneAnchor()
        var datagram = HandmadeUpdate().datagram(at: alone.now.timestamp)
        datagram.octets = [59, 1, type, 0, 0, 0] + [0, 1, 0x30, 0] + [1, 4, 0, 0, 0, 0]
        // A Binding Error would be longer than that.
        #expect(alone.tell(.received(datagram.repaired)).isEmpty)
        datagram.octets = [59, 2, type, 0, 0, 0] + [0, 1, 0x30, 0] + [1, 12] + Array(repeating: 0, count: 12)
        let answer = try #require(alone.tell(.received(datagram.repaired)).first)
        #expect(try MobilityHeader(decoding: answer.octets).message.type == BindingError.type)
        #expect(alone.drops == [.unknownType: 2] && alone.ledger.isEmpty)
    }

    @Test func clientRegistrationIsNotForUs() {
        var alone = LoneAnchor()
        #expect(alone.ask { $0.flags = .acknowledge } == nil)
        #expect(alone.ask { $0.further = [UnknownOption(optionType: LinkLocalAddress.type, data: [1])] } == nil)
        #expect(alone.drops == [.notProxyRegistration: 1, .malformedOption: 1])
    }
}
