// SPDX-License-Identifier: Apache-2.0
import Forwarding
import Testing
import Wire

/// What becomes of packets by the treatment of their flow rule.
@Suite struct TreatmentTests {
    private func reason(_ pair: Pair, port: UInt16 = 4000) -> FlowReason? { explanation(pair, port: port)?.reason }

    private func explanation(_ pair: Pair, port: UInt16 = 4000) -> FlowExplanation? {
        let tuple = FiveTuple(
            source: address(Rules.node),
            destination: address(Rules.correspondent),
            protocolNumber: IPProtocol.udp,
            sourcePort: port,
            destinationPort: 4001
        )
        return pair.gateway.explain(FlowQuestion(tuple: tuple), at: pair.now)
    }

    @Test func pinTakesTheFirstLabelThatIsThere() {
        let pair = Pair(delays: [10, 10, 10], rates: [nil, nil, nil])
        pair.install(rules: [Rules.rule(1, .pin, .labels([9, 13, 11]))])
        pair.passes(1000)
        for port in 1...50 as ClosedRange<UInt16> { pair.up(Rules.up(port: port)) }
        // There is no label 9: the second choice is the first that is there, and no first choice.
        #expect(pair.route() == [3])
        #expect(reason(pair) == .fallback)
        pair.install(rules: [Rules.rule(1, .pin, .labels([13, 11]))])
        #expect(reason(pair) == .preferred)
        #expect(pair.userPackets().allSatisfy { Pair.sequence($0.octets) == nil })
    }

    @Test func pinByBindingIdentifier() {
        let pair = Pair(delays: [10, 10], rates: [nil, nil])
        pair.install(rules: [Rules.rule(1, .pin, .bindings([2]))])
        pair.passes(1000)
        pair.up(Rules.up())
        pair.down(Rules.down())
        #expect(pair.route(isUp: true) == [2] && pair.route(isUp: false) == [2])
    }

    @Test func pathsOfOneLabelShareTheFlows() {
        let pair = Pair(delays: [10, 10, 10], rates: [nil, nil, nil])
        pair.install(rules: [Rules.rule(1, .pin, .labels([9]))], labels: [9, 9, 11])
        pair.passes(1000)
        for port in 1...100 as ClosedRange<UInt16> { pair.up(Rules.up(port: port)) }
        let paths = pair.userPackets().map(\.path)
        #expect(Set(paths) == [1, 2] && paths.count { $0 == 1 } > 25 && paths.count { $0 == 2 } > 25)
    }

    @Test func withoutItsPathsARuleTakesAnyUnlessItIsStrict() {
        for isStrict in [false, true] {
            let pair = Pair(delays: [10, 10], rates: [nil, nil])
            pair.install(rules: [Rules.rule(1, .pin, .labels([77]), isStrict: isStrict)])
            pair.passes(1000)
            pair.up(Rules.up())
            #expect(pair.userPackets().count == (isStrict ? 0 : 1))
            #expect(pair.gateway.drops[.policy] == (isStrict ? 1 : 0))
            #expect(reason(pair) == (isStrict ? .dropped : .outsideRule))
            #expect(pair.gateway.session()?.rules.first?.sent.drops == (isStrict ? 1 : 0))
            #expect(pair.gateway.session()?.rules.first?.sent.packets == (isStrict ? 0 : 1))
            #expect(pair.gateway.leaked == 0)
        }
    }

    @Test func dropDropsAtBothEnds() {
        let pair = Pair(delays: [10], rates: [nil])
        pair.install(rules: [])
        pair.passes(1000)
        // The anchor does not know the rule yet.
        var session = Pair.session(.automatic(reorderTimeout: .milliseconds(100)), isUp: true)
        session.rules = [Rules.rule(1, .drop, selector: Rules.port(4000))]
        pair.gateway.apply(.installSession(1, session), at: pair.now)
        pair.up(Rules.up())
        pair.up(Rules.up(port: 4001))
        pair.down(Rules.down())
        pair.passes(50)
        #expect(pair.anchor.delivered == [Rules.up(port: 4001)])
        #expect(pair.gateway.delivered.isEmpty)
        #expect(pair.gateway.drops[.policy] == 2)
        #expect(pair.gateway.session()?.rules.first?.received.drops == 1)
        #expect(reason(pair) == .dropped)
    }

    @Test func bypassThatComesHereAfterAllGoesAsWithoutRule() {
        for isStrict in [false, true] {
            let pair = Pair(delays: [10, 30], rates: [nil, nil])
            pair.install(rules: [Rules.rule(1, .bypass, .labels([12]), isStrict: isStrict)])
            pair.passes(1000)
            pair.up(Rules.up())
            #expect(pair.route() == (isStrict ? [] : [1]))
            #expect(reason(pair) == (isStrict ? .dropped : .bypass))
        }
    }

    /// Bulk that the kernel did not take past the anchor is bonded as any other, and a call beside it is not.
    @Test func bypassedBulkIsBondedAsWithoutRule() {
        let pair = Pair(delays: [10, 30], rates: [nil, nil])
        let metrics = LinkMetrics(downlinkRate: 50_000_000, uplinkRate: 50_000_000, isMeasured: true)
        pair.install(rules: [Rules.rule(1, .bypass, .labels([12]))], metrics: [metrics, metrics])
        pair.passes(1000)
        for number in 0..<400 {
            pair.up(Rules.up(length: 1000 + number % 200))
            if number % 4 == 3 { pair.passes(1) }
        }
        #expect(Set(pair.userPackets().map(\.path)) == [1, 2])
        #expect(pair.userPackets().count { Pair.sequence($0.octets) != nil } > 380)
        #expect(pair.gateway.session()?.rules.first?.sent.packets == 400)
        #expect(reason(pair) == .bypass)
        pair.up(Rules.up(port: 9))
        #expect(pair.userPackets().last.map { $0.path == 1 && Pair.sequence($0.octets) == nil } == true)
    }

    @Test func bondNumbersItsPacketsAndNoOthers() {
        let pair = Pair(delays: [10, 40, 10], rates: [nil, nil, nil])
        let rules = [
            Rules.rule(1, .bond, .labels([11, 12]), selector: Rules.port(4000)),
            Rules.rule(2, .pin, .labels([13]), selector: Rules.port(4001)),
        ]
        pair.install(rules: rules)
        pair.passes(1000)
        let start = pair.now
        var sent: [[UInt8]] = []
        for number in 0..<100 {
            sent.append(Rules.up(length: 100 + number))
            pair.up(sent[number])
            if number % 10 == 0 { pair.up(Rules.up(port: 4001)) }
            pair.passes(1)
        }
        pair.passes(200)
        let bonded = pair.userPackets(since: start).filter { $0.path != 3 }
        #expect(bonded.compactMap { Pair.sequence($0.octets) } == (0..<100).map { UInt32($0) })
        #expect(Set(bonded.map(\.path)) == [1, 2])
        #expect(pair.userPackets(since: start).filter { $0.path == 3 }.allSatisfy { Pair.sequence($0.octets) == nil })
        #expect(pair.anchor.delivered.filter { $0 != Rules.up(port: 4001) } == sent)
        #expect(pair.gateway.session()?.rules.map(\.sent.packets) == [100, 10])
        #expect(pair.anchor.session()?.rules.map(\.received.packets) == [100, 10])
        #expect(reason(pair) == .bonded)
    }

    /// What a bonded path loses is given up as soon as the rule's other path has delivered something newer: a third
    /// one, which carries no numbers, is not waited for.
    @Test func aPathThatIsNoneOfTheBundleDoesNotHoldUpTheEvidence() {
        let pair = Pair(.automatic(reorderTimeout: .seconds(5)), delays: [10, 10, 10], rates: [nil, nil, nil])
        pair.install(
            rules: [Rules.rule(1, .bond, .labels([11, 12]))],
            .perFlow
        )
        pair.passes(1000)
        for number in 0..<40 {
            pair.links[1]?.losesUp = number == 10 || number == 11
            pair.up(Rules.up())
            pair.passes(2)
        }
        pair.passes(30)
        #expect(pair.anchor.delivered.count == 39)
    }

    @Test func duplicateDeliversEachPacketOnceAndAtOnce() {
        let pair = Pair(delays: [10, 35], rates: [nil, nil])
        pair.install(rules: [Rules.rule(1, .duplicate)])
        pair.passes(1000)
        let start = pair.now
        var sent: [[UInt8]] = []
        for number in 0..<60 {
            sent.append(Rules.up(length: 100 + number))
            // Each is lost on one of the two now and then, and none on both.
            pair.links[1]?.losesUp = number % 7 == 3
            pair.links[2]?.losesUp = number % 5 == 1 && number % 7 != 3
            pair.up(sent[number])
            pair.passes(5)
            if number == 2 { #expect(pair.anchor.delivered.count == 2) }
        }
        pair.passes(100)
        // One that came over the slow path only is behind those that came after it over the quick one.
        #expect(pair.anchor.delivered.sorted { $0.count < $1.count } == sent)
        let numbers = pair.userPackets(since: start).map { Pair.sequence($0.octets) }
        #expect(Set(numbers).count == 60 && numbers.count > 90)
        #expect(pair.anchor.session()?.held == 0)
        #expect(pair.anchor.session()?.rules.first?.received.packets == 60)
        #expect((pair.anchor.session()?.counters.copies ?? 0) > 30)
        #expect(pair.anchor.session()?.counters.duplicates == 0)
        #expect(pair.anchor.drops.total == 0)
        #expect(pair.anchor.leaked == 0 && pair.gateway.leaked == 0)
    }

    /// What is taken to have stopped may not have: copies cost little, and the other path may lose the packet.
    @Test func copiesGoOnForASecondOverAPathThatFallsSilent() {
        let pair = Pair(delays: [10, 10], rates: [nil, nil])
        pair.install(rules: [Rules.rule(1, .duplicate)])
        pair.passes(1000)
        pair.links[2]?.losesDown = true
        pair.passes(1000)
        #expect(pair.gateway.path(2)?.condition == .silent)
        pair.links[1]?.losesUp = true
        pair.up(Rules.up())
        pair.passes(50)
        #expect(pair.anchor.delivered.count == 1)
        pair.links[1]?.losesUp = false
        pair.passes(1500)
        let start = pair.now
        pair.up(Rules.up())
        #expect(pair.userPackets(since: start).map(\.path) == [1])
    }

    /// A burst on the quick path, and then its copies in a row on a path far slower than the reordering time-out: that
    /// is no peer that has restarted.
    @Test func copiesInARowAreNoRestart() {
        let pair = Pair(delays: [5, 300], rates: [nil, nil])
        pair.install(rules: [Rules.rule(1, .duplicate)])
        pair.passes(1000)
        for number in 0..<50 { pair.up(Rules.up(length: 100 + number)) }
        pair.passes(1000)
        #expect(pair.anchor.delivered.count == 50)
        #expect(pair.anchor.session()?.counters.resynchronisations == 0)
    }

    /// Copies go ahead of bonded traffic that waits, and hold none of it up.
    @Test func copiesNeverWaitBehindAGap() {
        let pair = Pair(delays: [10, 10], rates: [nil, nil])
        pair.install(
            rules: [
                Rules.rule(1, .duplicate, selector: Rules.port(5000)), Rules.rule(2, .bond, selector: Rules.port(4000)),
            ],
            .automatic(reorderTimeout: .seconds(1))
        )
        pair.passes(1000)
        pair.links[1]?.losesUp = true
        pair.links[2]?.losesUp = true
        pair.up(Rules.up())
        pair.links[1]?.losesUp = false
        pair.up(Rules.up(port: 5000))
        pair.links[2]?.losesUp = false
        pair.up(Rules.up(length: 300))
        pair.passes(15)
        #expect(pair.anchor.delivered.first == Rules.up(port: 5000))
        pair.passes(1500)
        #expect(pair.anchor.delivered == [Rules.up(port: 5000), Rules.up(length: 300)])
        #expect(pair.anchor.leaked == 0)
    }

    @Test func aPathWithoutNumbersTakesNoCopies() {
        let pair = Pair(delays: [10, 10], rates: [nil, nil])
        pair.install(rules: [Rules.rule(1, .duplicate)])
        for (peer, isUp) in [(pair.anchor, false), (pair.gateway, true)] {
            var path = Pair.path(2, isUp: isUp, probeKey: Pair.probeKey)
            path.encapsulation = .udp
            peer.apply(.installPath(2, path), at: pair.now)
        }
        pair.passes(1000)
        let before = pair.now
        pair.up(Rules.up())
        #expect(pair.userPackets(since: before).filter { $0.octets.suffix(200) == Rules.up()[...] }.map(\.path) == [1])
    }

    @Test func anExhaustedPathIsForWhatHasNoOther() {
        let pair = Pair(delays: [10, 10], rates: [nil, nil])
        pair.install(
            rules: [Rules.rule(1, .pin, .labels([11, 12]))],
            metrics: [LinkMetrics(quotaLeft: 0), LinkMetrics()]
        )
        pair.passes(1000)
        pair.up(Rules.up())
        #expect(pair.route() == [2])
        pair.links[2]?.losesUp = true
        pair.links[2]?.losesDown = true
        pair.passes(2000)
        pair.up(Rules.up())
        #expect(pair.route() == [2, 1])
    }

    @Test func explanationTellsRuleAndPathInEitherDirectionAndChangesNothing() {
        let pair = Pair(delays: [10, 10], rates: [nil, nil])
        let rule = Rules.rule(7, .pin, .labels([12]), selector: Rules.port(4000))
        pair.install(rules: [rule])
        pair.passes(1000)
        let tuple = FiveTuple(
            source: address(Rules.correspondent),
            destination: address(Rules.node),
            protocolNumber: IPProtocol.udp,
            sourcePort: 4001,
            destinationPort: 4000
        )
        for peer in [pair.gateway, pair.anchor] {
            let found = peer.explain(FlowQuestion(tuple: tuple), at: pair.now)
            #expect(found == FlowExplanation(session: 1, rule: rule, path: 2, reason: .preferred))
            #expect(peer.flows(at: pair.now).isEmpty)
        }
        var stranger = tuple
        stranger.destination = address("2001:db8:77::1")
        #expect(pair.gateway.explain(FlowQuestion(tuple: stranger), at: pair.now) == nil)
        pair.up(Rules.up())
        let flow = pair.gateway.flows(at: pair.now).first
        #expect(flow?.rule == 7 && flow?.reason == .preferred && flow?.path == 2)
    }
}
