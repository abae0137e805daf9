// SPDX-License-Identifier: Apache-2.0
import Mobility
import Testbed
import Testing
import Wire

/// Links that come, go and fall silent; messages that are lost, doubled and overtaken; ends that die.
@Suite struct PathEventTests {
    typealias Domain = ExampleDomain

    private func expectSound(_ talk: Conversation) {
        #expect(talk.atGateway.faults.isEmpty && talk.atAnchor.faults.isEmpty)
        #expect(talk.atGateway.sessions == talk.atAnchor.sessions)
        #expect(Set(talk.atGateway.paths.keys) == Set(talk.atAnchor.paths.keys))
    }

    @Test(arguments: ["wan1", "wan2"])
    func lostLinkIsTakenOutAtOnceAndDeregisteredOverTheOther(_ interface: String) throws {
        var talk = Domain.registered()
        talk.forgetMessages()
        let lost = interface == "wan1" ? Domain.lte : Domain.dsl
        let other = interface == "wan1" ? Domain.dsl : Domain.lte
        talk.down(interface)
        #expect(talk.atGateway.paths.count == 1)
        let farewell = try #require(talk.updates(from: other).first)
        #expect(farewell.lifetime.isZero && farewell.options.first(HandoffIndicator.self) == .unknown)
        let named =
            farewell.options.first(AlternateCareOfAddress.self).map { IPAddress.v6($0.address) }
            ?? farewell.options.first(AlternateIPv4CareOfAddress.self).map { IPAddress.v4($0.address) }
        #expect(named == lost)
        talk.passes(.seconds(1))
        #expect(talk.acknowledgements.map(\.status) == [.accepted])
        #expect(talk.atAnchor.paths.count == 1)
        #expect(talk.atGateway.prefixes == talk.atAnchor.prefixes && talk.atAnchor.prefixes.count == 3)
        expectSound(talk)
        talk.up(interface, lost)
        talk.passes(.seconds(1))
        #expect(talk.atAnchor.paths.count == 2)
        expectSound(talk)
    }

    @Test func leaveOfADeadPathIsRepeatedUntilAnswered() {
        var talk = Domain.registered()
        talk.network.loses(next: 2, .toAnchor)
        talk.down("wan1")
        talk.passes(.seconds(3))
        #expect(talk.atAnchor.paths.count == 1)
        expectSound(talk)
    }

    @Test func newAddressMovesThePath() {
        var talk = Domain.registered()
        talk.up("wan1", Domain.wlan)
        talk.passes(.seconds(1))
        #expect(talk.atAnchor.paths[Domain.path(1)]?.remoteAddress == Domain.wlan)
        #expect(talk.atGateway.paths[Domain.path(1)]?.localAddress == Domain.wlan)
        #expect(talk.anchorSession?.legs.count == 2)
        expectSound(talk)
    }

    @Test func pathDeadAtStartDoesNotStopTheOther() {
        var talk = Conversation(anchor: Domain.anchor, gateway: Domain.gateway)
        talk.network.dead = [Domain.lte]
        talk.gatewayStarts()
        talk.up("wan1", Domain.lte)
        talk.up("wan2", Domain.dsl)
        talk.passes(.seconds(4))
        #expect(talk.atGateway.paths.keys.map(\.binding) == [Domain.binding(2)])
        talk.network.dead = []
        talk.passes(.seconds(40))
        #expect(talk.atGateway.paths.count == 2)
        expectSound(talk)
    }

    @Test func slowPathIsNotTakenForAWrongClock() {
        var talk = Conversation(anchor: Domain.anchor, gateway: Domain.gateway)
        talk.network.holdsBack(next: 1, .toAnchor, by: .milliseconds(500))
        talk.gatewayStarts()
        talk.up("wan1", Domain.lte)
        talk.passes(.seconds(3))
        #expect(talk.acknowledgements.map(\.status) == [.timestampMismatch, .accepted])
        #expect(talk.atGateway.paths.count == 1)
    }

    @Test func retransmissionsDoubleToThirtyTwoSecondsWithFreshStampAndNumber() {
        var talk = Conversation(anchor: Domain.anchor, gateway: Domain.gateway)
        talk.network.dead = [Domain.lte]
        talk.gatewayStarts()
        talk.up("wan1", Domain.lte)
        talk.passes(.seconds(200))
        let times = talk.sent.map { ($0.at - talk.sent[0].at).components.seconds }
        #expect(Array(times.prefix(9)) == [0, 1, 3, 7, 15, 31, 63, 95, 127])
        #expect(Set(talk.updates.map(\.sequence)).count == talk.updates.count)
        let stamps = talk.updates.compactMap { $0.options.first(TimestampOption.self)?.timestamp }
        #expect(Set(stamps).count == talk.updates.count && stamps == stamps.sorted())
    }

    @Test func pathThatComesAliveIsNotKeptWaiting() {
        var talk = Domain.registered()
        talk.tell(.pathCondition(Domain.path(1), .alive))
        talk.tell(.pathCondition(Domain.path(1), .silent))
        talk.network.dead = [Domain.lte, Domain.dsl]
        talk.passes(.seconds(3590))
        talk.network.dead = []
        talk.forgetMessages()
        talk.tell(.pathCondition(Domain.path(1), .alive))
        talk.tell(.pathCondition(Domain.path(2), .silent))
        talk.tell(.pathCondition(Domain.path(2), .alive))
        #expect(!talk.updates.isEmpty)
        talk.passes(.seconds(1))
        #expect(talk.gatewaySession.legs.map(\.state) == ["registered", "registered"])
        expectSound(talk)
    }

    @Test func silentPathStaysRegisteredByTheOther() {
        var talk = Domain.registered()
        talk.network.dead = [Domain.lte]
        talk.tell(.pathCondition(Domain.path(1), .silent))
        talk.passes(.seconds(3 * 3600))
        #expect(talk.anchorSession?.legs.count == 2)
        talk.network.dead = []
        talk.tell(.pathCondition(Domain.path(1), .alive))
        talk.passes(.seconds(200))
        #expect(talk.atGateway.paths.count == 2)
        expectSound(talk)
    }

    @Test(arguments: 0..<300 as Range<UInt64>)
    func signallingSurvivesLossDuplicationAndReordering(_ seed: UInt64) {
        var talk = Conversation(anchor: Domain.anchor, gateway: Domain.gateway, seed: seed)
        var dice = SeededGenerator(seed: seed)
        for _ in 0..<6 {
            let direction: VirtualNetwork.Direction = Bool.random(using: &dice) ? .toAnchor : .toGateway
            switch Int.random(in: 0..<3, using: &dice) {
            case 0: talk.network.loses(next: 1, direction)
            case 1: talk.network.duplicates(next: 2, direction)
            default:
                talk.network.holdsBack(next: 1, direction, by: .milliseconds(Int64.random(in: 0...1500, using: &dice)))
            }
        }
        talk.gatewayStarts()
        talk.up("wan1", Domain.lte)
        talk.up("wan2", Domain.dsl)
        talk.passes(.seconds(40))
        #expect(talk.atGateway.paths.count == 2)
        expectSound(talk)
        talk.network.quietens()
        talk.gatewayStops()
        talk.passes(.seconds(20))
        #expect(talk.atGateway.isEmpty && talk.atAnchor.isEmpty && talk.atGateway.faults.isEmpty)
    }

    @Test func bindingsExpireAtBothEnds() {
        var talk = Domain.registered()
        talk.network.dead = [Domain.lte, Domain.dsl]
        talk.passes(.seconds(3700))
        #expect(talk.atAnchor.isEmpty && talk.anchor.snapshot.sessions.isEmpty)
        #expect(talk.atGateway.isEmpty)
        talk.network.dead = []
        talk.passes(.seconds(60))
        // The prefixes are asked for by name, so the site keeps them.
        #expect(talk.atGateway.prefixes.contains(Domain.prefix("2001:db8:1234::/64")))
        #expect(talk.atGateway.paths.count == 2)
        expectSound(talk)
    }

    @Test func onePathExpiresAlone() {
        var alone = LoneAnchor()
        alone.ask { $0.lifetime = BindingLifetime(.seconds(60)) }
        alone.ask {
            $0.source = Domain.wlan
            $0.multipath?.bindingIdentifier = 2
        }
        alone.passes(.seconds(61))
        #expect(alone.session?.legs.map(\.identifier) == [Domain.path(2)])
        #expect(alone.ledger.paths.count == 1 && alone.ledger.prefixes.count == 1)
        #expect(alone.ledger.notices.contains(.bindingRemoved(Domain.path(1), reason: .expired)))
    }

    @Test(arguments: [5, 300, 4000])
    func anchorRestartIsNoticedAndTheSiteKeepsItsPrefixes(_ seconds: Int) {
        var talk = Domain.registered()
        let prefixes = talk.atGateway.prefixes
        talk.passes(.seconds(seconds))
        var settings = Domain.anchor
        settings.restartCounter = 2
        talk.anchorRestarts(settings)
        talk.tell(.pathCondition(Domain.path(1), .silent))
        talk.tell(.pathCondition(Domain.path(2), .silent))
        talk.passes(.seconds(3))
        #expect(talk.atGateway.notices.contains { if case .peerRestarted = $0 { true } else { false } })
        #expect(talk.atGateway.paths.count == 2)
        #expect(talk.atGateway.prefixes == prefixes && talk.atAnchor.prefixes == prefixes)
        expectSound(talk)
    }

    @Test func anchorRestartIsNoticedByHeartbeatsAlone() {
        var talk = Domain.registered()
        var settings = Domain.anchor
        settings.restartCounter = 2
        talk.anchorRestarts(settings)
        talk.passes(.seconds(61))
        #expect(talk.atGateway.paths.count == 2)
        expectSound(talk)
    }

    @Test func anchorThatForgotUsBeforeWeKnewItIsToldAgain() {
        var talk = Domain.registered()
        talk.anchorRestarts(Domain.anchor)
        talk.tell(.pathCondition(Domain.path(1), .silent))
        talk.tell(.pathCondition(Domain.path(2), .silent))
        talk.passes(.seconds(3))
        #expect(talk.atAnchor.paths.count == 2)
        expectSound(talk)
    }

    @Test func newSessionAtTheAnchorBringsTheOtherPathsAlong() {
        var talk = Domain.registered()
        talk.anchorRestarts(Domain.anchor)
        // Only one path is known to be in trouble; its refresh comes back with another key.
        talk.tell(.pathCondition(Domain.path(2), .silent))
        talk.passes(.seconds(3))
        #expect(talk.atAnchor.paths.count == 2)
        expectSound(talk)
    }

    @Test func gatewayRestartIsNoticedByTheAnchor() {
        var talk = Domain.registered()
        talk.passes(.seconds(61))
        // It comes back, answers heartbeats, but does not register (its node is not configured to start).
        var settings = Domain.gateway
        settings.restartCounter = 2
        talk.gatewayRestarts(settings)
        talk.up("wan1", Domain.lte)
        talk.passes(.seconds(120))
        #expect(talk.atAnchor.isEmpty)
        #expect(talk.atAnchor.notices.contains { if case .peerRestarted = $0 { true } else { false } })
        #expect(talk.atAnchor.faults.isEmpty)
    }

    @Test func unansweredHeartbeatsTakeOnePathOutAndBringItBack() {
        var talk = Domain.registered()
        talk.passes(.seconds(61))
        talk.network.dead = [Domain.dsl]
        talk.passes(.seconds(330))
        #expect(talk.atGateway.paths.keys.map(\.binding) == [Domain.binding(1)])
        #expect(talk.atAnchor.paths.keys.map(\.binding) == [Domain.binding(1)])
        #expect(talk.atAnchor.notices.contains(.peerUnreachable(Domain.dsl)))
        #expect(talk.anchorSession?.legs.count == 2)
        talk.network.dead = []
        talk.passes(.seconds(100))
        #expect(talk.atGateway.paths.count == 2)
        expectSound(talk)
    }

    @Test func unknownMessageIsAnsweredByABindingError() throws {
        var alone = LoneAnchor()
        alone.ask()
        let stranger = HandmadeUpdate().seal(.unknown(type: 99, body: Array(repeating: 0, count: 50)))
        let answers = alone.tell(.received(stranger))
        let message = try MobilityHeader(decoding: try #require(answers.first).octets).message
        guard case .bindingError(let error) = message else {
            Issue.record("no Binding Error")
            return
        }
        #expect(error.status == BindingError.unknownMobilityHeaderType && error.homeAddress == Domain.lte.mappedToIPv6)
        #expect(error.options.all.last is MessageAuthentication)
        // Not more than a few: the next comes too soon.
        #expect(alone.tell(.received(stranger)).isEmpty)
    }

    @Test func peerWithoutHeartbeatsIsLeftInPeace() {
        var alone = LoneAnchor()
        alone.ask()
        alone.passes(.seconds(61))
        let error = BindingError(status: BindingError.unknownMobilityHeaderType, homeAddress: .zero)
        alone.tell(.received(HandmadeUpdate().seal(.bindingError(error))))
        alone.passes(.seconds(500))
        // Nor after a refresh: the peer is still the same (RFC 5847 §3).
        alone.ask { $0.handoff = .notChanged }
        alone.passes(.seconds(500))
        #expect(alone.anchor.snapshot.counters.sent["Heartbeat Request"] == 1)
        #expect(alone.ledger.paths.count == 1)
    }

    @Test func oneBindingOfAnotherGatewayReplacesAllPaths() {
        var settings = Domain.anchor
        let second = SecurityAssociation(spi: 400, key: [4], algorithm: .hmacSHA256_128)
        let name = NodeIdentifier(nai: "mag2@example.net")
        settings.gateways.append(
            GatewayPeer(identifier: name, mobileNodes: [Domain.mobileNode], authentication: .sharedKey(second))
        )
        var alone = LoneAnchor(settings)
        alone.ask()
        let uplink = alone.ledger.sessions.values.first?.uplinkKey
        func fromSecond(_ update: inout HandmadeUpdate) {
            update.source = Domain.wlan
            update.gateway = name
            update.authentication = .sharedKey(second)
        }
        let late = alone.ask {
            fromSecond(&$0)
            $0.handoff = .notChanged
        }
        #expect(late?.status == .reasonUnspecified)
        #expect(alone.ask(fromSecond)?.status == .accepted)
        #expect(alone.session?.gateway == name)
        #expect(alone.ledger.paths.values.map(\.remoteAddress) == [Domain.wlan])
        #expect(alone.ledger.sessions.values.first?.uplinkKey == uplink)
        // The old gateway's farewell comes too late to matter.
        #expect(alone.ask { $0.lifetime = .zero } == nil)
        #expect(alone.drops == [.deregistrationOfNothing: 1])
    }

    @Test func deletePendingBindingIsRevived() {
        var alone = LoneAnchor()
        alone.ask()
        alone.ask { $0.lifetime = .zero }
        #expect(alone.ledger.paths.isEmpty && alone.ledger.prefixes.count == 1)
        alone.passes(.seconds(5))
        alone.ask()
        alone.passes(.seconds(20))
        #expect(alone.ledger.paths.count == 1)
        #expect(alone.ask { ($0.lifetime, $0.source) = (.zero, Domain.wlan) } == nil)
    }

    @Test func operatorEndsSessions() {
        var talk = Domain.registered()
        talk.tellAnchor(.request(.removeSession(Domain.path(1).session)))
        #expect(talk.atAnchor.isEmpty && talk.atAnchor.faults.isEmpty)
        talk = Domain.registered()
        talk.tellAnchor(.request(.stop))
        #expect(talk.atAnchor.isEmpty && talk.anchor.nextDeadline == nil)
    }

    @Test func sameInputsGiveTheSameOutputs() {
        func run() -> ([Datagram], Ledger, Ledger) {
            var talk = Domain.registered()
            talk.down("wan1")
            talk.passes(.seconds(4000))
            return (talk.sent.map(\.datagram), talk.atGateway, talk.atAnchor)
        }
        let (first, second) = (run(), run())
        #expect(first.0 == second.0 && first.1 == second.1 && first.2 == second.2)
    }

    @Test func singleBindingMovesWhenItsPathFallsSilent() {
        var gateway = Domain.gateway
        gateway.isMultipathWanted = false
        var talk = Domain.registered(gateway: gateway)
        #expect(talk.atGateway.paths.values.map(\.localAddress) == [Domain.lte])
        talk.network.dead = [Domain.lte]
        talk.tell(.pathCondition(Domain.path(nil), .silent))
        talk.passes(.seconds(1))
        #expect(talk.atGateway.paths.values.map(\.localAddress) == [Domain.dsl])
        #expect(talk.atAnchor.paths.values.map(\.remoteAddress) == [Domain.dsl])
        expectSound(talk)
    }
}
