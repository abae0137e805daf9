// SPDX-License-Identifier: Apache-2.0
import Mobility
import Testbed
import Testing
import Wire

/// Both ends: the site's rules as flow bindings in updates (RFC 6089 §5).
@Suite struct FlowBindingTests {
    typealias Domain = ExampleDomain

    private static let every: [FlowRule] = {
        var rules = FlowTreatment.allCases.filter { $0 != .bypass }.enumerated().map { place, treatment in
            FlowScene.rule(UInt16(place + 1), treatment, treatment == .drop ? .any : .labels([11, 9]))
        }
        rules[0].isStrict = true
        rules[1].guaranteedRate = 1_000_000
        rules[1].maximumRate = 5_000_000
        rules[1].paths = .any
        return rules
    }()

    /// Issue: the scheme goes with the rule; both directions of a flow get the same treatment.
    @Test func everySchemeArrivesAsItIs() throws {
        let talk = FlowScene.talk(Self.every)
        let update = try #require(talk.updates.first)
        #expect(talk.updates.count == 1 && FlowScene.told(update).map(\.identifier) == [1, 2, 3, 4, 5])
        #expect(FlowScene.told(update).allSatisfy { $0.status == .successful && $0.scheme != nil })
        // RFC 6089 §5.2.2.1: bindings that are registered.
        #expect(FlowScene.told(update).map { $0.bindingIdentifiers?.sorted() } == Array(repeating: [1, 2], count: 5))
        #expect(talk.rulesAtAnchor == Self.every && talk.rulesAtGateway == Self.every)
        #expect(talk.states == Array(repeating: .agreed, count: 5))
        #expect(talk.anchorSession?.flowBindings.map(\.state) == Array(repeating: .ofPeer, count: 5))
        #expect(talk.anchor.snapshot.counters.flows == [.successful: 5])
        #expect(talk.gateway.snapshot.counters.flows == [.successful: 5])
    }

    @Test func bypassIsTheGatewaysOwnAffair() {
        let talk = FlowScene.talk([FlowScene.rule(1, .bypass, .any), FlowScene.rule(2)])
        #expect(talk.states == [.local(.gatewaysOwn), .agreed])
        #expect(talk.rulesAtAnchor.map(\.identifier) == [2] && talk.rulesAtGateway.map(\.identifier) == [1, 2])
    }

    @Test func nothingIsSaidWithoutRules() {
        var talk = Domain.registered()
        talk.passes(.seconds(7200))
        #expect(talk.updates.count > 2)
        #expect(talk.updates.allSatisfy { FlowScene.told($0).isEmpty && FlowScene.kept($0).isEmpty })
    }

    /// RFC 6089 §5.2.3: all that is to stay is in every update of every path.
    @Test func everyRefreshKeepsWhatIsThere() {
        var talk = FlowScene.talk(Self.every)
        talk.forgetMessages()
        talk.passes(.seconds(8000))
        #expect(talk.updates.count >= 2)
        #expect(talk.updates.allSatisfy { FlowScene.kept($0) == [1, 2, 3, 4, 5] && FlowScene.told($0).isEmpty })
        #expect(talk.rulesAtAnchor == Self.every)
    }

    /// Known before the session, the rules are told as soon as the anchor has shown what it knows, and by every path.
    @Test func rulesOfTheStartAreToldAfterTheFirstAnswer() {
        var talk = Conversation(anchor: Domain.anchor, gateway: Domain.gateway)
        talk.tell(.policyChanged(Self.every))
        talk.gatewayStarts()
        talk.up("wan1", Domain.lte)
        talk.up("wan2", Domain.dsl)
        talk.passes(.seconds(2))
        #expect(FlowScene.told(talk.updates.first).isEmpty)
        #expect(talk.rulesAtAnchor == Self.every && talk.states == Array(repeating: .agreed, count: 5))
        #expect(talk.atGateway.faults.isEmpty && talk.atAnchor.faults.isEmpty)
    }

    /// RFC 6089 §5.2.2.2, §5.2.4: only what is new is told, what is left out is deleted.
    @Test func changesMoveAndOmissionDeletes() throws {
        var talk = FlowScene.talk([FlowScene.rule(1), FlowScene.rule(2), FlowScene.rule(3)])
        talk.forgetMessages()
        let moved = FlowScene.rule(2, .pin, .labels([11]))
        talk.tell(.policyChanged([FlowScene.rule(1), moved]))
        talk.passes(.seconds(1))
        let update = try #require(talk.updates.first)
        #expect(talk.updates.count == 1)
        #expect(FlowScene.told(update).map(\.identifier) == [2] && FlowScene.kept(update) == [1])
        #expect(talk.rulesAtAnchor == [FlowScene.rule(1), moved])
        talk.tell(.policyChanged([]))
        talk.passes(.seconds(1))
        #expect(talk.rulesAtAnchor.isEmpty && talk.updates.count == 2)
        talk.passes(.seconds(100))
        #expect(talk.updates.count == 2)
    }

    /// Priorities exchanged in one update are no clash.
    @Test func prioritiesCanBeExchanged() {
        var talk = FlowScene.talk([FlowScene.rule(1, priority: 10), FlowScene.rule(2, priority: 20)])
        let exchanged = [FlowScene.rule(2, priority: 10), FlowScene.rule(1, priority: 20)]
        talk.tell(.policyChanged(exchanged))
        talk.passes(.seconds(1))
        #expect(talk.rulesAtAnchor == exchanged && talk.states == [.agreed, .agreed])
    }

    /// One packet's worth at a time, right after each other; more than the bound stays at home.
    @Test func manyRulesGoInManyUpdates() {
        let rules = (1...300).map { FlowScene.rule(UInt16($0)) }
        let talk = FlowScene.talk(rules)
        #expect(talk.sent.allSatisfy { $0.datagram.octets.count <= 1240 })
        #expect(talk.updates.count > 10)
        #expect(talk.rulesAtAnchor == Array(rules.prefix(256)))
        #expect(talk.states.prefix(256).allSatisfy { $0 == .agreed })
        #expect(talk.states.suffix(44).allSatisfy { $0 == .local(.tooMany) })
        #expect(talk.atGateway.faults.isEmpty && talk.atAnchor.faults.isEmpty)
    }

    /// RFC 6089 §5.2.5: a path that goes takes no flow along; §4.3: inactive, and kept.
    @Test func pathThatGoesLeavesTheFlows() {
        var talk = FlowScene.talk([FlowScene.rule(1), FlowScene.rule(2, .pin, .bindings([2]))])
        talk.forgetMessages()
        talk.down("wan2")
        talk.passes(.seconds(20))
        #expect(talk.updates.contains { $0.lifetime.isZero && FlowScene.kept($0) == [1, 2] })
        let flows = talk.anchorSession?.flowBindings ?? []
        #expect(flows.map(\.rule.identifier) == [1, 2] && flows.map(\.isActive) == [true, false])
        #expect(talk.rulesAtAnchor.map(\.identifier) == [1])
        // RFC 6089 §5.2.3: what is inactive has to be kept as well.
        talk.passes(.seconds(4000))
        #expect(talk.anchorSession?.flowBindings.map(\.isActive) == [true, false])
        talk.up("wan2", Domain.dsl)
        talk.passes(.seconds(5))
        #expect(talk.rulesAtAnchor.map(\.identifier) == [1, 2])
        #expect(talk.atGateway.faults.isEmpty && talk.atAnchor.faults.isEmpty)
    }

    @Test func endOfEverythingDeletesAll() {
        var talk = FlowScene.talk(Self.every)
        talk.gatewayStops()
        talk.passes(.seconds(20))
        #expect(talk.anchorSession == nil)
        talk.gatewayStarts()
        talk.passes(.seconds(5))
        #expect(talk.rulesAtAnchor == Self.every && talk.states == Array(repeating: .agreed, count: 5))
    }

    // MARK: Restarts

    @Test func anchorThatComesBackHasThem() {
        var talk = FlowScene.talk(Self.every)
        talk.anchorComesBack(Domain.anchor)
        #expect(talk.rulesAtAnchor == Self.every)
        talk.passes(.seconds(8000))
        #expect(talk.rulesAtAnchor == Self.every && talk.states == Array(repeating: .agreed, count: 5))
    }

    @Test func anchorThatHasLostThemIsToldAnew() {
        var talk = FlowScene.talk(Self.every)
        var settings = Domain.anchor
        settings.restartCounter = 2
        talk.anchorRestarts(settings)
        talk.passes(.seconds(300))
        #expect(talk.rulesAtAnchor == Self.every && talk.states == Array(repeating: .agreed, count: 5))
    }

    /// RFC 6089 §4.2, 132: an anchor that has lost the flows alone says so, and is told anew.
    @Test func forgottenFlowIsToldAnew() throws {
        var talk = FlowScene.talk(Self.every)
        for (identifier, var record) in talk.atAnchor.records {
            record.flows = []
            let stored = StoredSessions(sessions: [record], start: 2)
            talk.anchor = LocalMobilityAnchor(Domain.anchor, seed: 9)
            _ = talk.anchor.restore(stored, at: talk.anchorMoment)
            #expect(record.identifier == identifier)
        }
        talk.forgetMessages()
        talk.passes(.seconds(4000))
        let answer = try #require(talk.acknowledgements.first)
        #expect(answer.options.all(FlowIdentification.self).map(\.status) == Array(repeating: .flowNotFound, count: 5))
        #expect(talk.anchorSession?.flowBindings.map(\.rule) == Self.every)
        #expect(talk.states == Array(repeating: .agreed, count: 5))
    }

    @Test func gatewayThatComesBackTellsThemAgain() {
        var talk = FlowScene.talk(Self.every)
        talk.gatewayComesBack(Domain.gateway)
        talk.tell(.policyChanged([FlowScene.rule(7)]))
        talk.gatewayStarts()
        talk.up("wan1", Domain.lte)
        talk.up("wan2", Domain.dsl)
        talk.passes(.seconds(5))
        #expect(talk.rulesAtAnchor == [FlowScene.rule(7)] && talk.states == [.agreed])
    }

    // MARK: Peers that know less

    /// Issue: a peer without them gets the static configuration. RFC 6089 §5.2.6.
    @Test func anchorThatTakesNoNoticeIsNotToldAgain() {
        var talk = FlowScene.talk([FlowScene.rule(1)], anchor: FlowScene.anchor(.none))
        #expect(talk.updates.count == 1 && talk.states == [.local(.notSupported)])
        #expect(
            talk.atGateway.notices.contains {
                if case .flowBindingsUnsupported = $0 { true } else { false }
            }
        )
        talk.tell(.policyChanged([FlowScene.rule(1), FlowScene.rule(2)]))
        talk.passes(.seconds(8000))
        #expect(talk.updates.dropFirst().allSatisfy { FlowScene.told($0).isEmpty && FlowScene.kept($0).isEmpty })
        #expect(talk.rulesAtAnchor.isEmpty && talk.rulesAtGateway.count == 2)
    }

    @Test func gatewayWhereTheyAreOffSaysNothing() {
        let talk = FlowScene.talk([FlowScene.rule(1)], gateway: FlowScene.gateway(.none))
        #expect(talk.updates.isEmpty && talk.states == [.local(.switchedOff)])
    }

    /// RFC 6089 §5.3.1: to one binding, or a copy to each; what has no words there stays at home.
    @Test(arguments: [true, false]) func peerOfRFC6089IsToldOfBindingsAlone(_ isAnchorTheOlder: Bool) throws {
        let rules = [
            FlowScene.rule(1, .pin, .labels([9, 11])), FlowScene.rule(2, .duplicate, .labels([11, 9])),
            FlowScene.rule(3, .bond, .any), FlowScene.rule(4, .overflow), FlowScene.rule(5, .drop, .any),
            FlowScene.rule(6, .pin, .any), FlowScene.rule(7, .pin, .labels([77])), FlowScene.rule(8, .duplicate, .any),
        ]
        let talk = FlowScene.talk(
            rules,
            anchor: FlowScene.anchor(isAnchorTheOlder ? .bindings : .schemes),
            gateway: FlowScene.gateway(isAnchorTheOlder ? .schemes : .bindings)
        )
        let update = try #require(talk.updates.first)
        #expect(FlowScene.told(update).map(\.identifier) == [1, 2, 8])
        #expect(FlowScene.told(update).map(\.bindingIdentifiers) == [[2], [1, 2], [1, 2]])
        #expect(FlowScene.told(update).allSatisfy { $0.scheme == nil })
        #expect(talk.rulesAtAnchor.map(\.paths) == [.bindings([2]), .bindings([1, 2]), .bindings([1, 2])])
        #expect(talk.rulesAtAnchor.map(\.treatment) == [.pin, .duplicate, .duplicate])
        let silent = FlowBindingSnapshot.State.local(.notExpressible)
        #expect(talk.states == [.agreed, .agreed, silent, silent, silent, silent, .local(.noPath), .agreed])
    }

    /// A label that goes is told at once, and so is its return.
    @Test func peerOfRFC6089IsToldOfLabelsThatComeAndGo() {
        var talk = FlowScene.talk([FlowScene.rule(1)], anchor: FlowScene.anchor(.bindings))
        #expect(talk.rulesAtAnchor.map(\.paths) == [.bindings([2])])
        talk.down("wan2")
        talk.passes(.seconds(2))
        #expect(talk.rulesAtAnchor.map(\.paths) == [.bindings([1])])
        talk.up("wan2", Domain.dsl)
        talk.passes(.seconds(2))
        #expect(talk.rulesAtAnchor.map(\.paths) == [.bindings([2])])
        // A path that hears nothing is as good as gone.
        talk.tell(.pathCondition(Domain.path(2), .silent))
        talk.passes(.seconds(2))
        #expect(talk.rulesAtAnchor.map(\.paths) == [.bindings([1])])
        #expect(talk.states == [.agreed])
    }

    // MARK: Refusals

    /// 128: not repeated, though with each new rule.
    @Test func prohibitedRulesStayAtHome() {
        var talk = FlowScene.talk(Self.every, anchor: FlowScene.anchor(.schemes, isAllowed: false))
        #expect(talk.states == Array(repeating: .refused(.administrativelyProhibited), count: 5))
        #expect(talk.rulesAtAnchor.isEmpty && talk.rulesAtGateway == Self.every)
        #expect(talk.updates.count == 1)
        talk.forgetMessages()
        talk.tell(.policyChanged(Self.every + [FlowScene.rule(9)]))
        talk.passes(.seconds(8000))
        #expect(FlowScene.told(talk.updates.first).map(\.identifier) == [9])
        #expect(talk.updates.dropFirst().allSatisfy { FlowScene.told($0).isEmpty && FlowScene.kept($0).isEmpty })
        #expect(talk.gateway.snapshot.counters.flows[.administrativelyProhibited] == 6)
    }
}
