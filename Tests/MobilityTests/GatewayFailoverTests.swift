// SPDX-License-Identifier: Apache-2.0
import Mobility
import Testbed
import Testing
import Wire

/// A gateway with several anchors: which it registers with, and when it turns to another.
@Suite struct GatewayFailoverTests {
    typealias Domain = ExampleDomain

    private static let first = Set([Domain.anchorIPv6, Domain.anchorIPv4])
    private static let second = Set([Domain.otherAnchorIPv6, Domain.otherAnchorIPv4])

    private func group(sharesPools: Bool = true, dead: Set<Int> = []) -> AnchorGroup {
        let anchors = [Domain.anchor, Domain.otherAnchor(sharesPools: sharesPools)]
        var group = AnchorGroup(Domain.gatewayOfTwo, anchors: anchors)
        group.dead = dead
        group.begins()
        return group
    }

    @Test func firstAnchorOfTheListIsUsedWhileItAnswers() {
        var group = group()
        group.passes(.seconds(7200))
        #expect(group.ends == Self.first && group.updates(to: 1).isEmpty)
        #expect(group.atGateway.faults.isEmpty)
    }

    /// RFC 5213 §6.9.4: each link has its attempts; then the anchor counts as lost.
    @Test func secondAnchorIsAskedAfterARoundOnEveryLink() {
        var group = group(dead: [0])
        group.passes(.seconds(12))
        #expect(group.ends == Self.second)
        #expect(group.updates(to: 0).count >= 6)
        #expect(group.atGateway.notices.contains(.anchorChanged(to: "lma2")))
        #expect(group.atAnchors[1].paths.count == 2 && group.atGateway.faults.isEmpty)
    }

    @Test func lostAnchorIsLeftWhenAllPathsAreSilent() {
        var group = group()
        group.passes(.seconds(10))
        let prefixes = group.atGateway.prefixes
        group.dead = [0]
        for path in group.atGateway.paths.keys { group.tell(.pathCondition(path, .silent)) }
        group.passes(.seconds(9))
        #expect(group.ends == Self.second)
        // The second anchor gives the same prefixes: hosts notice nothing.
        #expect(group.atGateway.prefixes == prefixes && group.atGateway.faults.isEmpty)
        #expect(!group.atGateway.notices.contains { if case .sessionEnded = $0 { true } else { false } })
    }

    /// RFC 5847 §3.1, where no data plane says anything.
    @Test func lostAnchorIsLeftWhenHeartbeatsStayUnansweredOnAllLinks() {
        var group = group()
        group.passes(.seconds(10))
        group.dead = [0]
        group.passes(.seconds(330))
        #expect(group.ends == Self.second && group.atGateway.faults.isEmpty)
    }

    @Test func oneSilentLinkIsNoReasonToLeave() {
        var group = group()
        group.passes(.seconds(10))
        group.tell(.pathCondition(Domain.path(1), .silent))
        group.passes(.seconds(600))
        #expect(group.ends == Self.first && group.updates(to: 1).isEmpty)
    }

    /// RFC 5213 §6.9.1.2: what the other anchor does not own is not asked for twice.
    @Test func anchorWithOtherPoolsGivesOthers() {
        var group = group(sharesPools: false)
        group.passes(.seconds(10))
        group.dead = [0]
        for path in group.atGateway.paths.keys { group.tell(.pathCondition(path, .silent)) }
        group.passes(.seconds(12))
        let asked = group.updates(to: 1).map { $0.options.all(HomeNetworkPrefix.self) }
        #expect(asked.first != [.request] && asked.dropFirst().first == [.request])
        #expect(group.ends == Self.second)
        #expect(group.atGateway.prefixes.contains(Domain.prefix("2001:db8:4321::/64")))
        #expect(group.atGateway.prefixes.count == 3 && group.atGateway.faults.isEmpty)
    }

    @Test func nobodyGoesBackByHimself() {
        var group = group(dead: [0])
        group.passes(.seconds(12))
        group.dead = []
        group.passes(.seconds(8000))
        #expect(group.ends == Self.second)
        group.dead = [1]
        group.passes(.seconds(400))
        #expect(group.ends == Self.first)
    }

    @Test func allAreAskedByTurnsMoreAndMoreSlowly() {
        var group = group(dead: [0, 1])
        group.passes(.seconds(600))
        let turns = [0, 1].map { group.updates(to: $0).count }
        #expect(turns.allSatisfy { $0 > 6 } && turns.reduce(0, +) < 120)
        group.forgetMessages()
        group.passes(.seconds(600))
        #expect(group.sent.count < 100)
        group.dead = [0]
        group.passes(.seconds(260))
        #expect(group.ends == Self.second && group.atGateway.faults.isEmpty)
    }

    @Test(arguments: [BindingStatus.insufficientResources, .notLMAForThisMobileNode])
    func refusalThatAnotherAnchorNeedNotShareMakesItBeAsked(_ status: BindingStatus) {
        var alone = LoneGateway(Domain.gatewayOfTwo)
        alone.answer(status)
        #expect(alone.sent.last?.destination == Domain.otherAnchorIPv6)
        // Refused by all: nobody is asked again before the hold-down.
        let count = alone.updates.count
        alone.answer(status)
        alone.passes(.seconds(55))
        #expect(alone.updates.count == count)
        alone.passes(.milliseconds(5500))
        #expect(alone.updates.count == count + 1)
    }

    @Test(arguments: [BindingStatus.proxyRegistrationNotEnabled, .magNotAuthorizedForProxyRegistration])
    func refusalOfTheNodeIsEveryAnchors(_ status: BindingStatus) {
        var alone = LoneGateway(Domain.gatewayOfTwo)
        alone.answer(status)
        alone.passes(.seconds(30))
        #expect(alone.sent.allSatisfy { $0.destination == Domain.anchorIPv6 })
    }

    /// F11: the gateways of an anchor that has restarted do not come all at once.
    @Test func registrationsAfterARestartAreSpread() throws {
        let delays = try (UInt64(1)...8).map { seed -> Duration in
            var talk = Conversation(anchor: Domain.anchor, gateway: Domain.gateway, seed: seed)
            talk.gatewayStarts()
            talk.up("wan1", Domain.lte)
            talk.passes(.seconds(1))
            var settings = Domain.anchor
            settings.restartCounter = 2
            talk.anchorRestarts(settings)
            talk.forgetMessages()
            talk.passes(.seconds(70))
            let told = talk.sent.first { if case .heartbeat(let beat) = $0.message { beat.isResponse } else { false } }
            let asked = talk.sent.first { if case .bindingUpdate = $0.message { true } else { false } }
            return try #require(asked).at - #require(told).at
        }
        #expect(Set(delays).count > 4 && delays.allSatisfy { $0 < .milliseconds(3100) })
    }

    // MARK: Names

    private var named: GatewaySettings {
        var settings = Domain.gateway
        settings.anchors = [AnchorPeer(name: "lma.example.net", authentication: .sharedKey(Domain.association))]
        return settings
    }

    @Test func anchorIsFoundByItsName() {
        var group = AnchorGroup(named, anchors: [Domain.anchor])
        group.names = ["lma.example.net": [Domain.anchorIPv6, Domain.anchorIPv4]]
        group.begins()
        group.passes(.seconds(2))
        #expect(group.ends == Self.first && group.atGateway.lookups.count == 1)
    }

    @Test func nameIsAskedForAgainUntilItStandsForSomething() {
        var group = AnchorGroup(named, anchors: [Domain.anchor])
        group.begins()
        group.passes(.seconds(8))
        #expect(group.atGateway.lookups.count == 4 && group.sent.isEmpty)
        #expect(group.atGateway.notices.contains(.anchorUnknown("lma.example.net")))
        group.names = ["lma.example.net": [Domain.anchorIPv6, Domain.anchorIPv4]]
        group.passes(.seconds(9))
        #expect(group.ends == Self.first)
    }

    @Test func nameIsLookedUpAgainWhenTheAnchorIsLost() {
        var group = AnchorGroup(named, anchors: [Domain.anchor, Domain.otherAnchor(sharesPools: true)])
        group.names = ["lma.example.net": [Domain.anchorIPv6, Domain.anchorIPv4]]
        group.begins()
        group.passes(.seconds(10))
        group.dead = [0]
        group.names = ["lma.example.net": [Domain.otherAnchorIPv6, Domain.otherAnchorIPv4]]
        for path in group.atGateway.paths.keys { group.tell(.pathCondition(path, .silent)) }
        group.passes(.seconds(9))
        #expect(group.ends == Self.second && group.atGateway.faults.isEmpty)
    }

    @Test func anchorWhoseNameStandsForNothingIsPassedOver() {
        var settings = named
        settings.anchors += Domain.gateway.anchors
        var group = AnchorGroup(settings, anchors: [Domain.anchor])
        group.begins()
        group.passes(.seconds(2))
        #expect(group.ends == Self.first)
    }

    @Test func addressesOfOneFamilyLeaveTheOtherLinkUnused() {
        var group = AnchorGroup(named, anchors: [Domain.anchor])
        group.names = ["lma.example.net": [Domain.anchorIPv4]]
        group.begins()
        group.passes(.seconds(2))
        #expect(group.ends == [Domain.anchorIPv4] && group.atGateway.paths.count == 1)
    }

    @Test func messagesOfAnAnchorThatIsNotUsedCountForNothing() {
        var alone = LoneGateway(Domain.gatewayOfTwo)
        alone.answer()
        var stranger = alone.sent[0]
        (stranger.source, stranger.destination) = (Domain.otherAnchorIPv6, stranger.source)
        alone.tell(.received(stranger))
        #expect(alone.drops.values.reduce(0, +) == 1)
    }
}
