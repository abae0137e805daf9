// SPDX-License-Identifier: Apache-2.0
import Mobility
import Testbed
import Testing
import Wire

/// Faults on the way between gateway and anchor, by the numbers that the project gives them.
@Suite struct FaultConversationTests {
    typealias Domain = ExampleDomain

    private func expectSound(_ talk: Conversation) {
        #expect(talk.atGateway.faults.isEmpty && talk.atAnchor.faults.isEmpty)
        #expect(talk.atGateway.sessions == talk.atAnchor.sessions)
        #expect(Set(talk.atGateway.paths.keys) == Set(talk.atAnchor.paths.keys))
        #expect(talk.atGateway.prefixes == talk.atAnchor.prefixes && talk.atAnchor.prefixes.count <= 3)
    }

    private func begun(_ change: (inout VirtualNetwork) -> Void = { _ in }) -> Conversation {
        var talk = Conversation(anchor: Domain.anchor, gateway: Domain.gateway)
        change(&talk.network)
        talk.gatewayStarts()
        talk.up("wan1", Domain.lte)
        talk.up("wan2", Domain.dsl)
        return talk
    }

    // MARK: F1, messages that are lost

    @Test(arguments: [VirtualNetwork.Direction.toAnchor, .toGateway], 0..<6)
    func faultF1ABurstOfThreeLostMessagesDelaysARegistrationByLessThanTenSeconds(
        _ direction: VirtualNetwork.Direction,
        _ before: Int
    ) {
        var talk = begun { network in
            network.holdsBack(next: before, direction, by: .zero)
            network.loses(next: 3, direction)
        }
        talk.passes(.seconds(10))
        #expect(!talk.atGateway.paths.isEmpty)
        talk.passes(.seconds(10))
        #expect(talk.atGateway.paths.count == 2)
        expectSound(talk)
    }

    /// Three lost of ten: four attempts fall into ten seconds on the one path and as many on the other, so one life in
    /// a hundred has to wait longer.
    @Test func faultF1ThreeOfTenMessagesLostDelayFewRegistrationsByMoreThanTenSeconds() {
        var late = 0
        for seed in 0..<300 as Range<UInt64> {
            var talk = begun { network in
                network.weather = Weather(loss: 30, duplication: 0, jitter: .zero, seed: seed)
            }
            talk.passes(.seconds(10))
            late += talk.atGateway.paths.isEmpty ? 1 : 0
            talk.passes(.seconds(110))
            talk.network.weather = nil
            talk.passes(.seconds(70))
            #expect(talk.atGateway.paths.count == 2, "seed \(seed)")
            expectSound(talk)
        }
        #expect(late <= 6)
    }

    @Test func faultF1AttemptsComeAfterOneSecondAndThenTwiceAsLateUpToThirtyTwo() {
        var settings = Domain.gateway
        settings.wans.removeLast()
        var talk = Conversation(anchor: Domain.anchor, gateway: settings)
        talk.network.dead = [Domain.lte]
        talk.gatewayStarts()
        talk.up("wan1", Domain.lte)
        talk.passes(.seconds(130))
        let times = talk.sent.map(\.at)
        let pauses = zip(times.dropFirst(), times).map { ($0 - $1).components.seconds }
        #expect(pauses == [1, 2, 4, 8, 16, 32, 32, 32])
        #expect(Set(talk.updates.map(\.sequence)).count == talk.updates.count)
    }

    // MARK: F2, messages that are doubled or overtaken

    @Test func faultF2ADoubledUpdateIsAnsweredAsBeforeAndChangesNothing() {
        var alone = LoneAnchor()
        let update = HandmadeUpdate().datagram(at: alone.now.timestamp)
        let first = alone.tell(.received(update))
        let (session, ledger) = (alone.session, alone.ledger)
        let second = alone.tell(.received(update))
        #expect(first == second && !first.isEmpty)
        #expect(alone.session == session && alone.ledger == ledger)
    }

    @Test func faultF2AnOvertakenUpdateIsRefusedAndChangesNothing() {
        var alone = LoneAnchor()
        let overtaken = HandmadeUpdate().datagram(at: alone.now.timestamp)
        alone.ask { $0.source = Domain.wlan }
        let (session, paths) = (alone.session, alone.ledger.paths)
        let answer = alone.acknowledgement(in: alone.tell(.received(overtaken)))
        #expect(answer?.status == .timestampLowerThanPreviouslyAccepted)
        #expect(alone.session == session && alone.ledger.paths == paths)
    }

    @Test func faultF2AnOvertakenNumberedUpdateIsRefusedAndChangesNothing() {
        var alone = LoneAnchor()
        alone.ask { ($0.hasTimestamp, $0.sequence) = (false, 9) }
        let (session, paths) = (alone.session, alone.ledger.paths)
        let answer = alone.ask { ($0.hasTimestamp, $0.sequence, $0.source) = (false, 8, Domain.wlan) }
        #expect(answer?.status == .sequenceNumberOutOfWindow && answer?.sequence == 9)
        #expect(alone.session == session && alone.ledger.paths == paths)
    }

    @Test(arguments: 0..<200 as Range<UInt64>)
    func faultF2DoubledAndReorderedMessagesMakeOneBindingAPath(_ seed: UInt64) {
        var talk = begun { network in
            network.weather = Weather(loss: 0, duplication: 50, jitter: .milliseconds(280), seed: seed)
        }
        talk.up("wan1", Domain.wlan)
        talk.passes(.seconds(60))
        #expect(talk.anchorSession?.legs.map(\.state) == ["active", "active"])
        #expect(talk.atAnchor.paths[Domain.path(1)]?.remoteAddress == Domain.wlan)
        expectSound(talk)
    }

    // MARK: F9, two paths at once

    @Test func faultF9TwoPathsOfOneMillisecondHaveTheSamePrefix() throws {
        var alone = LoneAnchor()
        let now = alone.now.timestamp
        var second = HandmadeUpdate()
        second.source = Domain.wlan
        second.multipath?.bindingIdentifier = 2
        let answers = [HandmadeUpdate(), second].map { update in
            alone.acknowledgement(in: alone.tell(.received(update.datagram(at: now))))
        }
        #expect(answers.map { $0?.status } == [.accepted, .accepted])
        let prefixes = answers.map { $0?.options.all(HomeNetworkPrefix.self) }
        #expect(prefixes[0] == prefixes[1] && prefixes[0]?.count == 1)
        let bindings = answers.compactMap { $0?.options.first(MAGMultipathBinding.self)?.bindingIdentifier }
        #expect(bindings == [1, 2])
        #expect(alone.session?.legs.count == 2 && alone.ledger.prefixes.count == 1)
    }

    @Test func faultF9TwoPathsThatComeBackInOneMoment() {
        var talk = Domain.registered()
        talk.down("wan1")
        talk.down("wan2")
        talk.up("wan1", Domain.lte)
        talk.up("wan2", Domain.dsl)
        talk.passes(.seconds(3))
        #expect(talk.anchorSession?.legs.map(\.state) == ["active", "active"])
        expectSound(talk)
    }

    // MARK: F10, a node that moves while its old gateway goes on

    /// Gateway 0 serves the node, then gateway 1 does as well, and the old one has not noticed.
    @Test(arguments: [0, 5, 259_995, 260_000, 260_005])
    func faultF10TheNewestGatewayHasTheNode(_ milliseconds: Int) {
        var domain = VirtualDomain(seed: 10)
        let events: [DomainEvent] = [
            .linkUp(gateway: 0, wan: 0, address: 0), .restart(gateway: 0, node: 0), .pass(milliseconds: milliseconds),
            .linkUp(gateway: 1, wan: 0, address: 0), .restart(gateway: 1, node: 0), .pass(milliseconds: 1_000),
        ]
        for event in events { domain.apply(event) }
        let session = domain.anchors[0].engine.snapshot.sessions.first
        #expect(session?.gateway == domain.gateways[1].settings.identifier)
        // RFC 5846 §8.1: the old one is told, and nobody else.
        let told = domain.anchors[0].engine.snapshot.revocations
        #expect(Set(told.map(\.gateway)) == [domain.gateways[0].settings.identifier])
        #expect(told.first?.trigger == .interMAGHandoverUnknown)
        let asked = domain.gateways.map { gateway in
            gateway.ledger.notices.contains { if case .revocationAnswered = $0 { true } else { false } }
        }
        #expect(asked == [true, false, false])
        #expect(domain.anchors[0].ledger.paths.count == 1 && domain.gateways[1].ledger.paths.count == 1)
        // The old one renews in vain.
        domain.apply(.pass(milliseconds: 265_000))
        #expect(domain.gateways[0].ledger.paths.isEmpty || domain.gateways[1].ledger.paths.isEmpty)
        #expect(domain.anchors[0].engine.snapshot.sessions.count == 1)
        #expect(domain.faults.isEmpty, "\(domain.faults)")
    }

    // MARK: F11, an end that has lost its state

    @Test(arguments: 0..<20 as Range<UInt64>)
    func faultF11EveryGatewayOfAnAnchorThatLostAllRegistersAllItsPathsAgain(_ seed: UInt64) {
        var domain = VirtualDomain(seed: seed)
        for gateway in 0..<VirtualDomain.gatewayCount {
            for wan in 0..<VirtualDomain.wanCount { domain.apply(.linkUp(gateway: gateway, wan: wan, address: 0)) }
            domain.apply(.restart(gateway: gateway, node: gateway))
        }
        domain.apply(.pass(milliseconds: 5_000))
        let (paths, prefixes) = (Set(domain.anchors[0].ledger.paths.keys), domain.anchors[0].ledger.prefixes)
        #expect(paths.count == 5)
        domain.apply(.anchorRestart(0))
        #expect(domain.anchors[0].ledger.isEmpty)
        // A heartbeat tells within its interval.
        domain.apply(.pass(milliseconds: 70_000))
        #expect(Set(domain.anchors[0].ledger.paths.keys) == paths && domain.anchors[0].ledger.prefixes == prefixes)
        #expect(domain.faults.isEmpty, "\(domain.faults)")
    }
}
