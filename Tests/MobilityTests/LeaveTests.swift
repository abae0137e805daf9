// SPDX-License-Identifier: Apache-2.0
import Mobility
import Testbed
import Testing
import Wire

/// Paths that go before, while and after they are registered; all of them at once.
@Suite struct LeaveTests {
    typealias Domain = ExampleDomain

    private func expectSound(_ talk: Conversation) {
        #expect(talk.atGateway.faults.isEmpty && talk.atAnchor.faults.isEmpty)
        #expect(Set(talk.atGateway.paths.keys) == Set(talk.atAnchor.paths.keys))
        #expect(talk.atGateway.sessions == talk.atAnchor.sessions)
    }

    @Test func pathThatGoesBeforeItsAnswerCameIsTakenBackOverTheOther() {
        var talk = Conversation(anchor: Domain.anchor, gateway: Domain.gateway)
        talk.gatewayStarts()
        talk.up("wan1", Domain.lte)
        talk.passes(.seconds(1))
        talk.network.loses(next: 1, .toGateway)
        talk.up("wan2", Domain.dsl)
        talk.passes(.milliseconds(100))
        #expect(talk.atAnchor.paths.count == 2 && talk.atGateway.paths.count == 1)
        talk.down("wan2")
        talk.passes(.seconds(1))
        #expect(talk.atAnchor.paths.keys.map(\.binding) == [Domain.binding(1)])
        expectSound(talk)
    }

    @Test func repeatedLeaveDoesNotTakeThePathThatHasComeBack() {
        var talk = Domain.registered()
        // The first leave is lost; the path is back just before the second would go out, its answer still under way.
        talk.network.loses(next: 1, .toAnchor)
        talk.down("wan1")
        talk.passes(.milliseconds(990))
        talk.up("wan1", Domain.lte)
        talk.passes(.seconds(5))
        #expect(talk.anchorSession?.legs.map(\.state) == ["active", "active"])
        #expect(talk.atAnchor.paths.count == 2)
        expectSound(talk)
    }

    @Test func leaveCarriesNoKeyAndIsAnsweredWithoutOne() throws {
        var talk = Domain.registered()
        talk.forgetMessages()
        talk.down("wan1")
        talk.passes(.seconds(1))
        let (leave, answer) = (try #require(talk.updates.first), try #require(talk.acknowledgements.first))
        #expect(leave.lifetime.isZero && leave.options.first(GREKey.self) == nil)
        #expect(answer.status == .accepted && answer.options.first(GREKey.self) == nil)
    }

    @Test func stopTakesBackWhatWasNotAnswered() {
        var talk = Conversation(anchor: Domain.anchor, gateway: Domain.gateway)
        talk.network.loses(next: 1, .toGateway)
        talk.gatewayStarts()
        talk.up("wan1", Domain.lte)
        talk.passes(.milliseconds(100))
        #expect(talk.atAnchor.paths.count == 1)
        talk.gatewayStops()
        talk.passes(.seconds(12))
        #expect(talk.atAnchor.isEmpty && talk.atGateway.isEmpty)
        #expect(talk.gateway.isStopped)
    }

    @Test func allLinksGoAndComeBack() {
        var talk = Domain.registered()
        talk.down("wan1")
        talk.down("wan2")
        #expect(talk.atGateway.paths.isEmpty && !talk.atGateway.prefixes.isEmpty)
        talk.passes(.seconds(30))
        talk.up("wan2", Domain.dsl)
        talk.up("wan1", Domain.lte)
        talk.passes(.seconds(5))
        #expect(talk.atGateway.paths.count == 2)
        expectSound(talk)
    }

    @Test func lifetimeEndsWhileNoLinkIsUp() {
        var talk = Domain.registered()
        let prefixes = talk.atGateway.prefixes
        talk.down("wan1")
        talk.down("wan2")
        talk.passes(.seconds(4000))
        #expect(talk.atGateway.isEmpty && talk.atAnchor.isEmpty)
        #expect(talk.gateway.nextDeadline == nil)
        talk.up("wan2", Domain.dsl)
        talk.up("wan1", Domain.lte)
        talk.passes(.seconds(5))
        #expect(talk.atGateway.paths.count == 2 && talk.atGateway.prefixes == prefixes)
        expectSound(talk)
    }

    @Test func addressThatChangesWhileRegisteringIsTheOneRegistered() {
        var talk = Conversation(anchor: Domain.anchor, gateway: Domain.gateway)
        talk.gatewayStarts()
        talk.up("wan1", Domain.lte)
        talk.passes(.milliseconds(5))
        talk.up("wan1", Domain.wlan)
        talk.passes(.seconds(3))
        #expect(talk.atAnchor.paths.values.map(\.remoteAddress) == [Domain.wlan])
        expectSound(talk)
    }
}
