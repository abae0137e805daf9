// SPDX-License-Identifier: Apache-2.0
import Mobility
import Testbed
import Testing
import Wire

/// Both ends: the anchor's rules on their way to the gateway (RFC 7864 §4.2, §4.3; docs/flow-signalling.md).
@Suite struct FlowMobilityTests {
    typealias Domain = ExampleDomain

    private static func rule(_ number: UInt16, port: UInt16 = 1, _ treatment: FlowTreatment = .bond) -> FlowRule {
        FlowScene.rule(0x8000 + number, port: port, treatment, .labels([11]))
    }

    private static func own(_ rules: [FlowRule]) -> [NodeFlowRule] { rules.map { NodeFlowRule(rule: $0) } }

    private func notifications(_ talk: Conversation) -> [UpdateNotification] {
        talk.sent.compactMap(\.datagram.updateNotification).filter { $0.reason == .flowMobility }
    }

    private func replies(_ talk: Conversation) -> [UpdateNotificationAcknowledgement] {
        talk.sent.compactMap(\.datagram.updateNotificationAcknowledgement)
    }

    private func told(_ rules: [FlowRule]) -> Conversation {
        var talk = Domain.registered()
        talk.forgetMessages()
        talk.tellAnchor(.policyChanged(Self.own(rules)))
        talk.passes(.seconds(1))
        return talk
    }

    @Test func anchorsRulesReachTheGateway() throws {
        let rules = [Self.rule(0), Self.rule(1, .drop), Self.rule(2, .bypass)]
        let talk = told(rules)
        let notification = try #require(notifications(talk).first)
        #expect(notifications(talk).count == 1 && notification.flags == .acknowledgementRequested)
        #expect(notification.options.first(MobileNodeIdentifier.self)?.identifier == Domain.mobileNode)
        let prefixes = notification.options.all(HomeNetworkPrefix.self)
        #expect(prefixes.compactMap(\.prefix) == talk.gatewaySession.homeNetworkPrefixes)
        #expect(prefixes.allSatisfy { $0.isOffLink })
        let flows = notification.options.all(FlowIdentification.self)
        #expect(flows.map(\.identifier) == [0x8000, 0x8001, 0x8002] && flows.allSatisfy { $0.scheme != nil })
        // RFC 7864 §4.3
        let reply = try #require(replies(talk).first)
        #expect(reply.status == .success && reply.options.all(FlowIdentification.self).isEmpty)
        #expect(reply.options.all(HomeNetworkPrefix.self) == prefixes)
        #expect(talk.rulesAtGateway == rules && talk.rulesAtAnchor == rules)
        #expect(talk.anchorsStates == Array(repeating: .agreed, count: 3))
        #expect(talk.gatewaySession.flowBindings.map(\.state) == Array(repeating: .ofPeer, count: 3))
    }

    /// The site's wishes come before what its operator wants of all sites.
    @Test func sitesRulesComeFirst() {
        var talk = told([Self.rule(0)])
        talk.tell(.policyChanged([FlowScene.rule(1), FlowScene.rule(2)]))
        talk.passes(.seconds(1))
        let both = [FlowScene.rule(1), FlowScene.rule(2), Self.rule(0)]
        #expect(talk.rulesAtAnchor == both && talk.rulesAtGateway == both)
    }

    @Test func rulesAreOfTheNodesThatTheyName() {
        var talk = Domain.registered()
        let other = NodeIdentifier(nai: "cpe2@example.net")
        talk.tellAnchor(
            .policyChanged([
                NodeFlowRule(mobileNode: other, rule: Self.rule(0)),
                NodeFlowRule(mobileNode: Domain.mobileNode, rule: Self.rule(1)),
            ])
        )
        talk.passes(.seconds(1))
        #expect(talk.rulesAtGateway == [Self.rule(1)] && talk.rulesAtAnchor == [Self.rule(1)])
    }

    @Test func changesAreToldAloneAndOmissionDeletes() throws {
        var talk = told([Self.rule(0), Self.rule(1), Self.rule(2)])
        talk.forgetMessages()
        talk.tellAnchor(.policyChanged(Self.own([Self.rule(0), Self.rule(1, port: 5)])))
        talk.passes(.seconds(1))
        let options = try #require(notifications(talk).first).options
        #expect(options.all(FlowIdentification.self).map(\.identifier) == [0x8001])
        #expect(options.all(FlowSummary.self).flatMap(\.flowIdentifiers) == [0x8000])
        #expect(talk.rulesAtGateway == [Self.rule(0), Self.rule(1, port: 5)])
        talk.tellAnchor(.policyChanged([]))
        talk.passes(.seconds(1))
        #expect(talk.rulesAtGateway.isEmpty && talk.rulesAtAnchor.isEmpty)
        talk.forgetMessages()
        talk.passes(.seconds(8000))
        #expect(notifications(talk).isEmpty)
    }

    /// What was configured before is told with the first registration.
    @Test func gatewayThatRegistersIsTold() {
        var talk = Conversation(anchor: Domain.anchor, gateway: Domain.gateway)
        talk.tellAnchor(.policyChanged(Self.own([Self.rule(0)])))
        talk.gatewayStarts()
        talk.up("wan1", Domain.lte)
        talk.up("wan2", Domain.dsl)
        talk.passes(.seconds(1))
        #expect(notifications(talk).count == 1 && talk.rulesAtGateway == [Self.rule(0)])
        // It has lost everything, and says so.
        talk.gatewayRestarts(Domain.gateway)
        talk.gatewayStarts()
        talk.up("wan1", Domain.lte)
        talk.up("wan2", Domain.dsl)
        talk.passes(.seconds(3))
        #expect(talk.rulesAtGateway == [Self.rule(0)] && talk.anchorsStates == [.agreed])
    }

    @Test func manyRulesGoInManyNotifications() {
        let rules = (0..<100).map { Self.rule($0) }
        var talk = told(rules)
        talk.passes(.seconds(60))
        #expect(talk.sent.allSatisfy { $0.datagram.octets.count <= 1240 } && notifications(talk).count > 5)
        #expect(talk.rulesAtGateway == rules && talk.anchorsStates == Array(repeating: .agreed, count: 100))
    }

    // MARK: Loss

    /// RFC 7077 §5.2: the same number again, with D. What had arrived is not done twice.
    @Test(arguments: [VirtualNetwork.Direction.toGateway, .toAnchor])
    func lostNotificationOrAnswerIsRepeated(_ direction: VirtualNetwork.Direction) {
        var talk = Domain.registered()
        talk.forgetMessages()
        talk.network.loses(next: 1, direction)
        talk.tellAnchor(.policyChanged(Self.own([Self.rule(0)])))
        talk.passes(.seconds(3))
        let sent = notifications(talk)
        #expect(sent.count == 2 && Set(sent.map(\.sequence)).count == 1)
        #expect(sent.last?.flags.contains(.retransmission) == true)
        #expect(talk.rulesAtGateway == [Self.rule(0)] && talk.anchorsStates == [.agreed])
    }

    /// Not even the last repetition is answered: told again later.
    @Test func silentGatewayIsToldLater() {
        var talk = Domain.registered()
        talk.network.loses(next: 2, .toGateway)
        talk.tellAnchor(.policyChanged(Self.own([Self.rule(0)])))
        talk.passes(.seconds(5))
        #expect(talk.rulesAtGateway.isEmpty && talk.anchorsStates == [.pending])
        talk.passes(.seconds(70))
        #expect(talk.rulesAtGateway == [Self.rule(0)] && talk.anchorsStates == [.agreed])
    }

    // MARK: Restarts

    @Test func anchorThatComesBackWithOtherRulesTellsThem() {
        var talk = told([Self.rule(0), Self.rule(1)])
        talk.anchorComesBack(Domain.anchor)
        talk.tellAnchor(.policyChanged(Self.own([Self.rule(2)])))
        talk.passes(.seconds(5))
        #expect(talk.rulesAtGateway == [Self.rule(2)] && talk.rulesAtAnchor == [Self.rule(2)])
    }

    /// The gateway says in its next update that it still has some.
    @Test func anchorThatComesBackWithoutRulesTakesThemBack() {
        var talk = told([Self.rule(0), Self.rule(1)])
        talk.anchorComesBack(Domain.anchor)
        talk.passes(.seconds(4000))
        #expect(talk.rulesAtGateway.isEmpty && talk.rulesAtAnchor.isEmpty)
    }

    @Test func anchorThatHasLostEverythingTellsThemAnew() {
        var talk = told([Self.rule(0), Self.rule(1)])
        var settings = Domain.anchor
        settings.restartCounter = 2
        talk.anchorRestarts(settings)
        talk.tellAnchor(.policyChanged(Self.own([Self.rule(1)])))
        talk.passes(.seconds(300))
        #expect(talk.rulesAtGateway == [Self.rule(1)] && talk.rulesAtAnchor == [Self.rule(1)])
        #expect(talk.anchorsStates == [.agreed])
    }

    // MARK: Peers that know less

    @Test func gatewayWithoutSchemesHasItsOwnConfiguration() {
        var talk = Domain.registered(gateway: FlowScene.gateway(.bindings))
        talk.tellAnchor(.policyChanged(Self.own([Self.rule(0)])))
        talk.passes(.seconds(100))
        #expect(notifications(talk).isEmpty && talk.anchorsStates == [.local(.notExpressible)])
        #expect(talk.rulesAtAnchor == [Self.rule(0)])
    }

    @Test func anchorWithoutThemTellsNothing() {
        var talk = Domain.registered(anchor: FlowScene.anchor(.bindings))
        talk.tellAnchor(.policyChanged(Self.own([Self.rule(0)])))
        talk.passes(.seconds(100))
        #expect(notifications(talk).isEmpty && talk.anchorsStates == [.local(.switchedOff)])
    }

    // MARK: Refusals

    /// The gateway keeps its own range, and what its operator forbids no anchor can make it do.
    @Test func whatIsNotTheAnchorsToGiveIsRefused() {
        let rules = [FlowScene.rule(7), Self.rule(0), Self.rule(1), FlowScene.rule(0x8005, priority: 0x8000)]
        let talk = told(rules)
        let refused = replies(talk).flatMap { $0.options.all(FlowIdentification.self) }
        #expect(refused.map(\.identifier) == [7, 0x8005] && refused.allSatisfy { $0.status == .rejected })
        #expect(talk.rulesAtGateway == [Self.rule(0), Self.rule(1)])
        let states = Dictionary(
            uniqueKeysWithValues: (talk.anchorSession?.flowBindings ?? []).map { ($0.rule.identifier, $0.state) }
        )
        #expect(states[7] == .refused(.rejected) && states[0x8005] == .refused(.rejected))
        #expect(states[0x8000] == .agreed && states[0x8001] == .agreed)
        #expect(notifications(talk).count == 1)
    }

    /// RFC 7864 §4.2: prefixes of a node that is not here.
    @Test func notificationOfAnotherNodesPrefixesIsRefused() {
        var talk = Domain.registered()
        var session = talk.anchorSession
        session?.homeNetworkPrefixes = []
        #expect(session != nil)
        talk.tellAnchor(
            .request(.notify(.mobileNode(Domain.mobileNode), .flowMobility, isAcknowledgementRequested: true))
        )
        talk.passes(.milliseconds(100))
        #expect(replies(talk).map(\.status) == [.reasonUnspecified])
    }
}
