// SPDX-License-Identifier: Apache-2.0
import Mobility
import Testbed
import Testing
import Wire

/// How registrations are kept alive.
@Suite struct RefreshTests {
    typealias Domain = ExampleDomain

    @Test(arguments: [(8, 5), (60, 40), (120, 80), (3600, 3560)])
    func refreshComesFortySecondsBeforeTheEndOrAfterTwoThirds(_ lifetime: Int, _ expected: Int) throws {
        var settings = Domain.gateway
        settings.lifetime = .seconds(lifetime)
        settings.heartbeatInterval = .seconds(36_000)
        var alone = LoneGateway(settings)
        alone.answer()
        alone.forgetMessages()
        alone.passes(.seconds(expected - 1))
        #expect(alone.updates.isEmpty)
        alone.passes(.milliseconds(1900))
        let refresh = try #require(alone.updates.first)
        #expect(refresh.options.first(HandoffIndicator.self) == .notChanged)
        #expect(refresh.options.first(HomeNetworkPrefix.self)?.prefix == Domain.prefix("2001:db8:1234::/64"))
        #expect(refresh.options.first(GREKey.self)?.key != nil)
    }

    @Test func eachPathRefreshesItselfWhereBulkIsOff() {
        var settings = Domain.gateway
        settings.refreshesInBulk = false
        var talk = Domain.registered(gateway: settings)
        talk.forgetMessages()
        talk.passes(.seconds(3570))
        #expect(talk.updates(from: Domain.lte).count == 1 && talk.updates(from: Domain.dsl).count == 1)
        #expect(
            talk.updates.allSatisfy { $0.options.first(MAGMultipathBinding.self)?.isBulkReregistration == false }
        )
        #expect(talk.gatewaySession.legs.allSatisfy { ($0.expiresAt ?? .zero) > talk.now + .seconds(3000) })
    }

    @Test func unansweredBulkRefreshIsTakenOverByTheOtherPath() {
        var talk = Domain.registered()
        talk.network.dead = [Domain.lte]
        talk.passes(.seconds(3700))
        #expect(talk.anchorSession?.legs.count == 2)
        #expect(talk.atGateway.paths[Domain.path(2)] != nil && talk.atAnchor.paths[Domain.path(2)] != nil)
        #expect(talk.atGateway.faults.isEmpty && talk.atAnchor.faults.isEmpty)
    }

    @Test func answerToAnEarlierAttemptCountsAsWell() {
        var talk = Conversation(anchor: Domain.anchor, gateway: Domain.gateway)
        talk.network.holdsBack(next: 1, .toGateway, by: .milliseconds(1200))
        talk.gatewayStarts()
        talk.up("wan1", Domain.lte)
        talk.passes(.seconds(5))
        #expect(talk.atGateway.paths.count == 1)
        #expect(talk.atGateway.faults.isEmpty && talk.atAnchor.faults.isEmpty)
    }

    @Test func unsolicitedResponseTellsOfARestart() {
        var alone = LoneGateway()
        alone.answer()
        func respond(_ counter: UInt32, to alone: inout LoneGateway) {
            let options = MobilityOptions([MessageIdentifier(alone.now.timestamp), RestartCounter(counter)])
            let heartbeat = Heartbeat(isResponse: true, isUnsolicited: true, sequence: 0, options: options)
            guard let route = SignallingRoute(from: Domain.anchorIPv6, to: Domain.lte) else { return }
            let datagram = Authentication.seal(
                .heartbeat(heartbeat),
                on: route,
                careOf: Domain.lte,
                by: alone.authentication
            )
            alone.tell(.received(datagram))
        }
        respond(1, to: &alone)
        #expect(alone.ledger.paths.count == 1)
        alone.passes(.milliseconds(10))
        respond(2, to: &alone)
        #expect(alone.ledger.paths.isEmpty)
        #expect(alone.ledger.notices.contains(.peerRestarted(Domain.anchorIPv6)))
        // Within three seconds: other gateways have heard it as well.
        alone.passes(.seconds(3))
        #expect(alone.updates.count >= 2)
    }

    @Test func gatewayAnswersOnlyItsAnchor() {
        var alone = LoneGateway()
        alone.answer()
        alone.forgetMessages()
        let stranger = Domain.address("2001:db8:bad::1")
        for source in [stranger, Domain.anchorIPv6] {
            guard let route = SignallingRoute(from: source, to: Domain.lte) else { return }
            for message in [
                MobilityMessage.unknown(type: 77, body: Array(repeating: 0, count: 50)),
                .heartbeat(Heartbeat(isResponse: false, sequence: 1, options: MobilityOptions())),
            ] {
                alone.tell(.received(Authentication.seal(message, on: route, careOf: Domain.lte, by: .none)))
            }
        }
        #expect(alone.sent.map(\.destination) == [Domain.anchorIPv6])
        #expect(alone.drops == [.unknownType: 2, .unknownPeer: 1, .authenticationMissing: 1])
    }
}
