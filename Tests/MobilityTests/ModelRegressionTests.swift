// SPDX-License-Identifier: Apache-2.0
import Mobility
import Testbed
import Testing
import Wire

/// What lives at random have brought to light, each as the shortest story that shows it.
@Suite struct ModelRegressionTests {
    typealias Domain = ExampleDomain

    private func expectSound(_ talk: Conversation) {
        #expect(talk.atGateway.faults.isEmpty && talk.atAnchor.faults.isEmpty)
        #expect(talk.atGateway.sessions == talk.atAnchor.sessions)
        #expect(Set(talk.atGateway.paths.keys) == Set(talk.atAnchor.paths.keys))
    }

    @Test func pathOutOfForwardingComesBackThoughAnotherRefreshesItInBulk() {
        var settings = Domain.gateway
        settings.lifetime = .seconds(300)
        var talk = Domain.registered(gateway: settings)
        talk.passes(.seconds(61))
        talk.network.dead = [Domain.dsl]
        talk.passes(.seconds(600))
        #expect(talk.atGateway.paths.count == 1)
        talk.network.dead = []
        talk.passes(.seconds(100))
        #expect(talk.atGateway.paths.count == 2)
        expectSound(talk)
    }

    @Test func pathThatTheAnchorForgotIsNotTakenForRefreshedInBulk() {
        var settings = Domain.gateway
        settings.lifetime = .seconds(300)
        var talk = Domain.registered(gateway: settings)
        talk.tellAnchor(.request(.removeSession(Domain.path(1).session)))
        talk.network.dead = [Domain.dsl]
        // Its registration begins a new session, in which the other path asks in vain to be.
        talk.up("wan1", Domain.wlan)
        talk.passes(.seconds(265))
        talk.network.dead = []
        talk.passes(.seconds(40))
        #expect(talk.atAnchor.paths.count == 2)
        expectSound(talk)
    }
}
