// SPDX-License-Identifier: Apache-2.0
import Forwarding
import Testing
import Wire

/// Flows beside each other in our own queue: turns, signals of congestion, and who may overtake.
@Suite struct FairQueueTests {
    private static let line: UInt64 = 10_000_000

    private func pair(_ rules: [FlowRule], delays: [Int64] = [10, 10]) -> Pair {
        let pair = Pair(delays: delays, rates: delays.map { _ in nil })
        let metrics = LinkMetrics(downlinkRate: Self.line, uplinkRate: Self.line)
        pair.install(rules: rules, metrics: delays.map { _ in metrics })
        pair.passes(1000)
        return pair
    }

    private struct Source {
        var port: UInt16
        var megabits: Double
        var length = 1000
        var marks: UInt8 = 0
    }

    private func offer(_ pair: Pair, _ sources: [Source], for milliseconds: Int) {
        var due = sources.map { _ in 0.0 }
        for _ in 0..<milliseconds {
            for (index, source) in sources.enumerated() {
                due[index] += source.megabits * 125
                while due[index] >= Double(source.length) {
                    var packet = Rules.up(port: source.port, length: source.length)
                    packet[1] |= source.marks << 4
                    pair.up(packet)
                    due[index] -= Double(source.length)
                }
            }
            pair.passes(1)
        }
    }

    private func delivered(_ pair: Pair, port: UInt16) -> [[UInt8]] {
        pair.anchor.delivered.filter { InnerPacket($0.span.bytes)?.sourcePort == port }
    }

    @Test func aFlowThatSendsTooMuchTakesNothingFromOthers() {
        let pair = pair([Rules.rule(1, .pin, .labels([11]))])
        offer(pair, [Source(port: 1, megabits: 30), Source(port: 2, megabits: 3, length: 500)], for: 1000)
        let asked = 3e6 / 8 / 500
        pair.passes(20)
        #expect(Double(delivered(pair, port: 2).count) > 0.97 * asked)
        #expect(Double(delivered(pair, port: 1).count) > 700)
    }

    @Test func flowsOfARuleTakeTurnsByOctets() {
        let pair = pair([Rules.rule(1, .pin, .labels([11]))])
        offer(
            pair,
            [Source(port: 1, megabits: 20, length: 1200), Source(port: 2, megabits: 20, length: 300)],
            for: 1000
        )
        let (large, small) = (delivered(pair, port: 1).count * 1200, delivered(pair, port: 2).count * 300)
        #expect(abs(Double(large) / Double(small) - 1) < 0.15, "\(large) and \(small)")
        // Nothing of a flow overtakes anything else of it.
        #expect(pair.gateway.leaked - (pair.gateway.session()?.queued ?? 0) == 0)
    }

    /// Senders that understand marks lose nothing before the queue is full.
    @Test(arguments: [0, 1, 2] as [UInt8]) func aFlowThatWaitsForLongIsTold(marks: UInt8) {
        let pair = pair([Rules.rule(1, .pin, .labels([11]))])
        // 80 ms of work, and no more than the path carries from then on.
        for _ in 0..<80 {
            var packet = Rules.up(port: 1, length: 1200)
            packet[1] |= marks << 4
            pair.up(packet)
        }
        offer(pair, [Source(port: 1, megabits: 9.6, marks: marks)], for: 1000)
        pair.passes(200)
        let marked = pair.anchor.delivered.count { InnerPacket($0.span.bytes).map { $0.trafficClass & 3 == 3 } == true }
        let lost = Int(pair.gateway.drops[.queueFull])
        if marks == 0 {
            #expect(marked == 0 && lost > 2 && lost < 25, "\(marked) and \(lost)")
        } else {
            #expect(lost == 0 && marked > 2 && marked < 25, "\(marked) and \(lost)")
            // The tunnel says so, too (RFC 6040 §4.1).
            #expect(pair.gateway.session()?.rules.first?.sent.drops == 0)
        }
        #expect(pair.gateway.leaked == 0)
    }

    @Test func thereIsOneSignalForARoundTripAtFirst() {
        var control = DelayControl()
        let terms = DelayControl.Terms(roundTrip: .milliseconds(50))
        var signals: [Int] = []
        for millisecond in 0..<1500
        where control.signals(waited: .milliseconds(60), behind: 9, terms, at: .milliseconds(Int64(millisecond))) {
            signals.append(millisecond)
        }
        #expect(signals.first == 100)
        #expect(zip(signals, signals.dropFirst()).prefix(4).allSatisfy { $1 - $0 >= 100 })
        // If that does not help, they come more often.
        let gaps = zip(signals, signals.dropFirst()).map { $1 - $0 }
        #expect((gaps.last ?? 100) < 50, "\(gaps)")
        // A short wait, or one that nobody waits behind, ends it.
        let short = control.signals(waited: .milliseconds(30), behind: 9, terms, at: .milliseconds(1600))
        #expect(!short)
        for millisecond in 1601..<2500 {
            let moment = Instant.milliseconds(Int64(millisecond))
            let alone = control.signals(waited: .milliseconds(200), behind: 0, terms, at: moment)
            #expect(!alone)
        }
        #expect(DelayControl.Terms(roundTrip: .milliseconds(200)).target == .milliseconds(140))
        #expect(DelayControl.Terms(roundTrip: .zero).target == .milliseconds(40))
        // What has to wait before the slowest path is used is not too much.
        #expect(
            DelayControl.Terms(roundTrip: .milliseconds(110), spread: .milliseconds(80)).target == .milliseconds(100)
        )
        #expect(DelayControl.Terms(roundTrip: .zero, patience: .milliseconds(300)).target == .milliseconds(340))
    }

    /// Each of them is thin, and all together would starve whoever is not.
    @Test func aCrowdOfThinFlowsTakesTurnsWithTheRest() {
        let pair = pair([], delays: [10, 30])
        var due = 0.0
        let start = pair.now
        for step in 0..<1000 {
            // 25 Mbit/s of packets of ever other flows, which take the quickest path.
            due += 25 * 125
            while due >= 250 {
                pair.up(Rules.up(port: UInt16(1000 + (step * 13 + Int(due)) % 20_000), length: 250))
                due -= 250
            }
            for _ in 0..<3 { pair.up(Rules.up(port: 5, length: 1200)) }
            pair.passes(1)
        }
        let bulk = delivered(pair, port: 5).count * 1200 * 8
        #expect(Double(bulk) / 0.96 > 13e6, "\(bulk) since \(start)")
    }

    /// The other path is a little quicker, which is no reason to leave for what is thin, and would let what follows as
    /// bulk arrive first.
    @Test func nothingIsOvertakenWhereAFlowTurnsToBulk() {
        let pair = pair([], delays: [10, 12])
        pair.up(Rules.up())
        pair.links[2]?.delay = .microseconds(8500)
        for _ in 0..<100 {
            pair.passes(20)
            pair.up(Rules.up())
        }
        pair.passes(50)
        let before = pair.anchor.delivered.count
        let sent = (0..<60).map { Rules.up(port: 7, length: 1000 + $0) }
        for packet in sent { pair.up(packet) }
        pair.passes(300)
        #expect(pair.userPackets(since: pair.now - .milliseconds(300)).contains { $0.path == 2 })
        let isInOrder = Array(pair.anchor.delivered.dropFirst(before)) == sent
        #expect(isInOrder)
    }

    @Test func aPacerGoesOnAtAnotherRate() {
        var pacer = Pacer(rate: 8_000_000)
        pacer.debit(10_000, at: .milliseconds(10))
        #expect(pacer.free == .milliseconds(18))
        pacer.rate = 80_000_000
        #expect(pacer.free == .milliseconds(18))
        pacer.debit(10_000, at: .milliseconds(10))
        #expect(pacer.free == .milliseconds(19))
    }
}
