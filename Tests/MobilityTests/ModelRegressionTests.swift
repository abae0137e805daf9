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

    // MARK: Whole domains

    /// A gateway with both links, for the first node.
    private static let first: [DomainEvent] = [
        .linkUp(gateway: 0, wan: 0, address: 0), .linkUp(gateway: 0, wan: 1, address: 0),
        .restart(gateway: 0, node: 0), .pass(milliseconds: 500),
    ]

    private func expectSound(_ events: [DomainEvent], in variant: DomainVariant = DomainVariant()) {
        let faults = VirtualDomain.faults(of: events, in: variant, seed: 1)
        #expect(faults.isEmpty, "\(faults)")
    }

    /// RFC 6463 §5.2: the answer to the first path comes when the second one is registered already.
    @Test func redirectionIsForSessionsThatBegin() {
        var variant = DomainVariant()
        variant.anchorCount = 2
        variant.redirection = Redirection(above: 0, to: Domain.otherAnchorIPv6)
        expectSound(
            [
                .linkUp(gateway: 0, wan: 0, address: 0), .linkUp(gateway: 0, wan: 1, address: 0),
                .silence(gateway: 0, wan: 0, isDead: true), .restart(gateway: 0, node: 0), .pass(milliseconds: 2_466),
                .silence(gateway: 0, wan: 0, isDead: false), .pass(milliseconds: 3_000),
            ],
            in: variant
        )
    }

    /// RFC 5844 §4.1.3.1: 129 does not say that a tunnel in UDP, which was granted before, is wanted no longer.
    @Test func refusalWhileAnUnheardRevocationGoesOnIsNotAboutTheTunnel() {
        expectSound([
            .linkUp(gateway: 1, wan: 0, address: 2), .restart(gateway: 1, node: 1), .pass(milliseconds: 1_000),
            .silence(gateway: 1, wan: 0, isDead: true), .linkUp(gateway: 1, wan: 0, address: 1),
            .pass(milliseconds: 13), .revoke(anchor: 0, .realm), .pass(milliseconds: 1_100),
            .silence(gateway: 1, wan: 0, isDead: false), .pass(milliseconds: 3_000),
        ])
    }

    /// RFC 5846 §8.1: the session is revoked, and with it the path that waits for its end.
    @Test func pathThatLeftDoesNotComeBackWhileItsSessionIsRevoked() {
        expectSound(
            Self.first + [
                .linkDown(gateway: 0, wan: 1), .pass(milliseconds: 1_472), .revoke(anchor: 0, .node(0)),
                .linkUp(gateway: 0, wan: 1, address: 1),
            ]
        )
    }

    /// The other gateway's registration asks the old one for the whole session.
    @Test func operatorsRevocationOfAPathOutlivesAHandOff() {
        expectSound(
            Self.first + [
                .linkUp(gateway: 2, wan: 1, address: 0), .revoke(anchor: 0, .binding(2, node: 0)),
                .restart(gateway: 2, node: 0),
            ]
        )
    }

    /// RFC 5213 §5.4.1.2: the first session ends by the same revocation, and the update has its turn.
    @Test func updateThatHasWaitedIsRefusedWhileItsSessionIsRevoked() {
        var variant = DomainVariant()
        variant.handoffs = [.wait, .wait]
        let second: [DomainEvent] = [
            .linkUp(gateway: 2, wan: 0, address: 1), .restart(gateway: 2, node: 0), .pass(milliseconds: 3_000),
        ]
        let again: [DomainEvent] = [
            .restart(gateway: 2, node: 0), .pass(milliseconds: 100), .revoke(anchor: 0, .realm),
        ]
        expectSound(Self.first + second + again, in: variant)
    }

    @Test func revocationOfAHomeAddressIsNotTheNextSessions() {
        expectSound(
            Self.first + [
                .linkUp(gateway: 2, wan: 0, address: 0), .revoke(anchor: 0, .homeAddress(node: 0)),
                .removeSession(anchor: 0, node: 0), .restart(gateway: 2, node: 0),
            ]
        )
    }

    /// The gateway lets go of it, and nobody hears that: the refresh tells.
    @Test func homeAddressWhoseRevocationTheAnchorForgotIsGivenBack() {
        expectSound(Self.first + [.revoke(anchor: 0, .homeAddress(node: 0)), .anchorCrash(0)])
    }

    /// Its second path, which hears nothing, was replaced, and the first one's registration takes the node back.
    @Test func nodeThatComesBackByOnePathGetsTheOtherOneBackAsWell() {
        expectSound(
            Self.first + [
                .stop(gateway: 0), .linkUp(gateway: 2, wan: 1, address: 1), .restart(gateway: 2, node: 1),
                .pass(milliseconds: 20), .restart(gateway: 0, node: 1), .pass(milliseconds: 1_000),
                .condition(gateway: 0, wan: 1, isAlive: false), .pass(milliseconds: 3_000),
                .silence(gateway: 0, wan: 0, isDead: true), .linkUp(gateway: 0, wan: 0, address: 1),
                .pass(milliseconds: 100), .linkUp(gateway: 2, wan: 1, address: 0), .pass(milliseconds: 100),
                .silence(gateway: 0, wan: 0, isDead: false), .pass(milliseconds: 300_000),
            ]
        )
    }
}
