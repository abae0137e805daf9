// SPDX-License-Identifier: Apache-2.0
import Forwarding
import Testing
import Wire

/// Our own queue: what goes at once, what waits, who goes first, and what is dropped.
@Suite struct QueueTests {
    private static let line: UInt64 = 10_000_000

    private func pair(_ rules: [FlowRule], rates: [UInt64?] = [line, line], isMeasured: Bool = false) -> Pair {
        let pair = Pair(delays: rates.map { _ in 10 }, rates: rates.map { _ in nil })
        let metrics = rates.map { LinkMetrics(downlinkRate: $0, uplinkRate: $0, isMeasured: isMeasured) }
        pair.install(rules: rules, metrics: metrics)
        pair.passes(1000)
        return pair
    }

    /// Outer octets of what a path carried in a time; odd paths are GRE over IPv6.
    private func octets(_ pair: Pair, _ path: PathNumber, _ time: Range<Instant>) -> Int {
        let header = path.rawValue % 2 == 1 ? 40 : 28
        return pair.log.filter { $0.isUp && $0.path == path && time.contains($0.at) }
            .reduce(0) { $0 + $1.octets.count + header }
    }

    /// Offers so many bits per second of packets for a time, every millisecond what is due.
    private func offer(_ pair: Pair, _ flows: [(port: UInt16, rate: Double, length: Int)], for milliseconds: Int) {
        var due = flows.map { _ in 0.0 }
        for _ in 0..<milliseconds {
            for (index, flow) in flows.enumerated() {
                due[index] += flow.rate / 8000
                while due[index] >= Double(flow.length) {
                    pair.up(Rules.up(port: flow.port, length: flow.length))
                    due[index] -= Double(flow.length)
                }
            }
            pair.passes(1)
        }
    }

    private func delivered(_ pair: Pair, port: UInt16) -> Int {
        pair.anchor.delivered.reduce(0) { sum, packet in
            sum + (InnerPacket(packet.span.bytes)?.sourcePort == port ? packet.count : 0)
        }
    }

    @Test func aPathIsGivenWhatItCarries() {
        let pair = pair([Rules.rule(1, .pin, .labels([11]))])
        let start = pair.now
        offer(pair, [(4000, 20e6, 1000)], for: 1000)
        let carried = Double(octets(pair, 1, start..<pair.now)) * 8
        #expect(carried > 9.8e6 && carried < 10.1e6, "\(carried)")
        // The bounded queue had to drop the other half.
        #expect((pair.gateway.drops[.queueFull]) > 900)
        #expect(pair.gateway.session()?.rules.first?.sent.drops == pair.gateway.drops[.queueFull])
        #expect((pair.gateway.session()?.queued ?? 0) > 50)
        pair.passes(300)
        #expect(pair.gateway.session()?.queued == 0)
        #expect(pair.gateway.leaked == 0 && pair.anchor.leaked == 0)
    }

    /// At any moment, not only on average: never more ahead than the credit and a packet.
    @Test func noBurstIsLongerThanTheCredit() {
        let pair = pair([Rules.rule(1, .pin, .labels([11]))])
        for _ in 0..<60 { pair.up(Rules.up(length: 1200)) }
        pair.passes(200)
        let sent = pair.userPackets().filter { $0.path == 1 }
        #expect(sent.count == 60)
        for (index, first) in sent.enumerated() {
            var octets = 0
            for last in sent[index...] {
                octets += last.octets.count + 40
                let bound = Self.line * UInt64((last.at - first.at).wholeNanoseconds + 2_000_000) / 8_000_000_000
                #expect(octets <= Int(bound) + 2 * 1300)
            }
        }
    }

    @Test func nothingWaitsWhereNoRateIsKnownOrItIsOnlyMeasured() {
        for pair in [pair([Rules.rule(1, .pin)], rates: [nil, nil]), pair([Rules.rule(1, .pin)], isMeasured: true)] {
            for _ in 0..<300 { pair.up(Rules.up(length: 1200)) }
            #expect(pair.userPackets().count == 300)
        }
    }

    @Test func theSecondPathCarriesLittleUntilTheFirstIsFull() {
        let pair = pair([Rules.rule(1, .overflow, .labels([11, 12]))])
        let start = pair.now
        // In bursts, as TCP makes them: 40 packets at a time, 8 Mbit/s.
        for _ in 0..<50 {
            for _ in 0..<40 { pair.up(Rules.up(length: 1000)) }
            pair.passes(40)
        }
        let (first, second) = (octets(pair, 1, start..<pair.now), octets(pair, 2, start..<pair.now))
        #expect(Double(second) < 0.02 * Double(first), "\(first) and \(second)")
        #expect(pair.userPackets().allSatisfy { Pair.sequence($0.octets) == nil })
        #expect(pair.gateway.drops[.queueFull] == 0)
        #expect(reason(pair) == .filling)
    }

    @Test func whatDoesNotFitOverflows() {
        let pair = pair([Rules.rule(1, .overflow, .labels([12, 11]))])
        let start = pair.now
        offer(pair, [(4000, 15e6, 1000)], for: 2000)
        let middle = start + .milliseconds(500)
        // Label 12 is the first in order: full, and the other carries the rest.
        #expect(Double(octets(pair, 2, middle..<pair.now)) * 8 / 1.5 > 9.7e6)
        #expect(Double(octets(pair, 1, middle..<pair.now)) * 8 / 1.5 > 4.5e6)
        #expect(reason(pair) == .overflowing)
        pair.passes(500)
        #expect(pair.anchor.delivered.count + Int(pair.gateway.drops[.queueFull]) == 3750)
        #expect(pair.gateway.leaked == 0 && pair.anchor.leaked == 0)
    }

    @Test func overflowWithoutAnyRateIsAPin() {
        let pair = pair([Rules.rule(1, .overflow, .labels([12, 11]))], rates: [nil, nil])
        for _ in 0..<300 { pair.up(Rules.up(length: 1200)) }
        #expect(pair.route() == [2])
        #expect(reason(pair) == .filling)
        pair.links[2]?.losesUp = true
        pair.passes(2000)
        pair.up(Rules.up())
        #expect(pair.route() == [2, 1])
        #expect(reason(pair) == .fallback)
    }

    @Test func withoutLabelsTheCheapLineIsFilledFirst() {
        let pair = Pair(delays: [10, 10], rates: [nil, nil])
        pair.install(
            rules: [Rules.rule(1, .overflow)],
            metrics: [LinkMetrics(uplinkRate: 50_000_000, costClass: 9), LinkMetrics(uplinkRate: 5_000_000)]
        )
        pair.passes(1000)
        pair.up(Rules.up())
        #expect(pair.route() == [2])
    }

    @Test func bondedPathsAreBothFullAndTheOrderIsKept() {
        let pair = pair([Rules.rule(1, .bond)])
        let start = pair.now
        offer(pair, [(4000, 25e6, 1000)], for: 1000)
        for path in [1, 2] as [PathNumber] { #expect(Double(octets(pair, path, start..<pair.now)) * 8 > 9.6e6) }
        pair.passes(400)
        #expect(pair.anchor.session()?.counters.lost == 0)
        #expect(pair.anchor.leaked == 0)
    }

    /// Five classes of bulk beside one with a guarantee, on a path of 10 Mbit/s: taking turns, each would get less than two.
    private static let crowd = (4000...4005 as ClosedRange<UInt16>).map { port in
        Rules.rule(
            port,
            .pin,
            .labels([11]),
            selector: Rules.port(port),
            guaranteed: port == 4000 ? 4_000_000 : nil
        )
    }

    /// Octets of the class with the guarantee that arrive in a second of 3.5 Mbit/s, beside bulk of twice what the path has.
    private func guaranteed(_ pair: Pair) -> Int {
        let before = delivered(pair, port: 4000)
        let bulk = (4001...4005 as ClosedRange<UInt16>).map { (port: $0, rate: 4e6, length: 1000) }
        offer(pair, bulk + [(port: 4000, rate: 3.5e6, length: 500)], for: 1000)
        pair.passes(20)
        return delivered(pair, port: 4000) - before
    }

    @Test func aGuaranteedRateHoldsUnderBulk() {
        let pair = pair(Self.crowd)
        let octets = guaranteed(pair)
        #expect(Double(octets) * 8 > 3.4e6, "\(octets)")
        #expect(pair.gateway.session()?.rules.first?.sent.drops == 0)
    }

    /// What a class has sent while there was room enough takes nothing of its guarantee away.
    @Test func aGuaranteeOutlivesHavingSentMore() {
        let pair = pair(Self.crowd)
        offer(pair, [(4000, 9e6, 500)], for: 3000)
        pair.passes(200)
        let octets = guaranteed(pair)
        #expect(Double(octets) * 8 > 3.4e6, "\(octets)")
    }

    /// Copies do not wait, and are dropped beyond it: once, however many there are.
    @Test func aMaximumRateIsKeptOfCopies() {
        let rules = [Rules.rule(1, .duplicate, selector: Rules.port(4000), maximum: 2_000_000)]
        for pair in [pair(rules, rates: [nil, nil]), pair(rules)] {
            offer(pair, [(4000, 5e6, 500)], for: 1000)
            let carried = Double(delivered(pair, port: 4000)) * 8
            #expect(carried > 1.9e6 && carried < 2.15e6, "\(carried)")
        }
    }

    @Test func classesWithoutAGuaranteeShareByOctets() {
        let pair = pair([
            Rules.rule(1, .pin, .labels([11]), selector: Rules.port(4000)), Rules.rule(2, .pin, .labels([11])),
        ])
        offer(pair, [(4001, 20e6, 1200), (4000, 20e6, 300)], for: 1000)
        let (large, small) = (Double(delivered(pair, port: 4001)), Double(delivered(pair, port: 4000)))
        #expect(abs(large / small - 1) < 0.15, "\(large) and \(small)")
    }

    /// Even where no path has a rate.
    @Test func aMaximumRateIsKept() {
        let rules = [Rules.rule(1, .pin, selector: Rules.port(4000), maximum: 2_000_000), Rules.rule(2, .pin)]
        for pair in [pair(rules, rates: [nil, nil]), pair(rules)] {
            offer(pair, [(4000, 5e6, 500), (4001, 1e6, 500)], for: 1000)
            let carried = Double(delivered(pair, port: 4000)) * 8
            #expect(carried > 1.9e6 && carried < 2.15e6, "\(carried)")
            #expect(Double(delivered(pair, port: 4001)) * 8 > 0.95e6)
        }
    }

    /// An operator's rule with several matches is several flow bindings: the rate is that of all together.
    @Test func partsOfOneRuleShareItsMaximumRate() {
        let rules = [4000, 4001].map { port in
            Rules.rule(port, .pin, selector: Rules.port(port), maximum: 2_000_000, name: "both")
        }
        let pair = pair(rules, rates: [nil, nil])
        offer(pair, [(4000, 5e6, 500), (4001, 5e6, 500)], for: 1000)
        let carried = Double(delivered(pair, port: 4000) + delivered(pair, port: 4001)) * 8
        #expect(carried > 1.9e6 && carried < 2.15e6, "\(carried)")
    }

    @Test func thinFlowsOvertakeBulk() {
        let pair = pair([], rates: [Self.line, Self.line])
        offer(pair, [(4001, 40e6, 1000)], for: 500)
        let before = pair.now
        pair.up(Rules.up(port: 9))
        pair.passes(3)
        #expect(isSent(pair, 9, since: before))
        #expect((pair.gateway.session()?.queued ?? 0) > 50)
    }

    private func isSent(_ pair: Pair, _ port: UInt16, since: Instant) -> Bool {
        pair.userPackets(since: since).contains { packet in
            InnerPacket(Array(packet.octets.suffix(200)).span.bytes)?.sourcePort == port
        }
    }

    /// What waits for a path that dies goes elsewhere, and so does what waits when the rules change.
    @Test func nothingThatWaitsIsLostWhenPathsOrRulesChange() {
        let pair = pair([Rules.rule(1, .pin, .labels([11]))])
        for number in 0..<80 { pair.up(Rules.up(length: 1000 + number)) }
        #expect((pair.gateway.session()?.queued ?? 0) > 70)
        pair.gateway.transmissionFailed(1, at: pair.now)
        pair.passes(30)
        #expect(pair.route() == [1, 2])
        var session = Pair.session(.automatic(reorderTimeout: .milliseconds(100)), isUp: true)
        session.rules = [Rules.rule(2, .pin, .labels([12]))]
        pair.gateway.apply(.installSession(1, session), at: pair.now)
        pair.passes(200)
        #expect(pair.anchor.delivered.map(\.count) == (0..<80).map { 1000 + $0 })
        #expect(pair.gateway.session()?.queued == 0)
        #expect(pair.gateway.leaked == 0)
        for number in 0..<80 { pair.up(Rules.up(length: 1000 + number)) }
        pair.gateway.apply(.removeSession(1), at: pair.now)
        pair.launch()
        #expect(pair.gateway.leaked == 0)
    }

    /// Not even before the next tick.
    @Test func nothingOvertakesWhatHasWaitedByOtherRules() {
        let pair = pair([Rules.rule(1, .pin, .labels([11]))])
        for number in 0..<80 { pair.up(Rules.up(length: 1000 + number)) }
        #expect((pair.gateway.session()?.queued ?? 0) > 70)
        var session = Pair.session(.automatic(reorderTimeout: .milliseconds(100)), isUp: true)
        session.rules = [Rules.rule(2, .pin, .labels([11]), maximum: 9_000_000)]
        pair.gateway.apply(.installSession(1, session), at: pair.now)
        pair.up(Rules.up(length: 1080))
        pair.passes(300)
        #expect(pair.anchor.delivered.map(\.count) == (0...80).map { 1000 + $0 })
    }

    /// Without rules, and without a rate of any path, there is no queue any more.
    @Test func whatWaitsGoesWhenNothingMayWaitAnyMore() {
        let pair = pair([Rules.rule(1, .bond, maximum: Self.line)], rates: [nil, nil])
        for number in 0..<80 { pair.up(Rules.up(length: 1000 + number)) }
        #expect((pair.gateway.session()?.queued ?? 0) > 30)
        pair.gateway.apply(
            .installSession(1, Pair.session(.automatic(reorderTimeout: .milliseconds(100)), isUp: true)),
            at: pair.now
        )
        pair.passes(200)
        #expect(pair.anchor.delivered.count == 80)
        #expect(pair.gateway.session()?.queued == 0)
        #expect(pair.gateway.leaked == 0)
    }

    /// A peer may claim any.
    @Test func ratesBeyondReasonHarmNobody() {
        for rate in [UInt64.max, 0, 1] {
            let pair = pair([Rules.rule(1, .bond)], rates: [rate, rate, rate, rate])
            for _ in 0..<30 { pair.up(Rules.up(length: 1200)) }
            pair.passes(50)
            if rate == .max { #expect(pair.anchor.delivered.count == 30) }
            #expect(pair.gateway.leaked - (pair.gateway.session()?.queued ?? 0) == 0)
        }
    }

    @Test func queuesNeverTakeAllMemory() {
        let peer = Peer(.gateway, slots: 256)
        var session = Pair.session(.automatic(reorderTimeout: .milliseconds(100)), isUp: true)
        session.rules = (1...20).map { Rules.rule($0, .pin, selector: Rules.port($0)) }
        peer.apply(.installSession(1, session), at: .zero)
        var path = Pair.path(1, isUp: true)
        path.rate = 1_000_000
        peer.apply(.installPath(1, path), at: .zero)
        for number in 0..<2000 { peer.fromTUN(Rules.up(port: UInt16(number % 20 + 1), length: 100), at: .zero) }
        #expect(peer.forwarder.snapshot().slotsOutstanding <= 128)
        #expect(peer.drops[.queueFull] > 1800)
    }

    /// The pacer alone: whatever comes, no more than the rate and the credit.
    @Test func thePacerKeepsItsRate() {
        var generator = Generator(seed: 5)
        var pacer = Pacer(rate: 8_000_000)
        var now = Instant.milliseconds(5)
        let start = now
        var sent = 0
        while now - start < .seconds(3) {
            while pacer.hasRoom(at: now) {
                let octets = Int.random(in: 40...1500, using: &generator)
                pacer.debit(octets, at: now)
                sent += octets
            }
            // Wake-ups that come too late, up to the credit.
            now = now + .microseconds(.random(in: 1...2500, using: &generator))
        }
        #expect(abs(sent - 3_000_000) < 40_000, "\(sent)")
        #expect(pacer.isSaturated(at: now))
        #expect(!pacer.isSaturated(at: now + .milliseconds(100)))
    }

    private func reason(_ pair: Pair) -> FlowReason? {
        pair.gateway.flows(at: pair.now).first?.reason
    }
}
