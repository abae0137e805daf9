// SPDX-License-Identifier: Apache-2.0
import Forwarding
import Testing
import Wire

/// Flows move as a whole when their path goes, and return when it is back and stays.
@Suite struct MovementTests {
    private func pair(delays: [Int64] = [10, 20]) -> Pair {
        let pair = Pair(delays: delays, rates: delays.map { _ in nil })
        pair.install(rules: [Rules.rule(1, .pin, .labels([11, 12]))])
        pair.passes(1000)
        return pair
    }

    private func cut(_ pair: Pair, _ path: PathNumber, _ isCut: Bool) {
        pair.links[path]?.losesUp = isCut
        pair.links[path]?.losesDown = isCut
    }

    /// Sends a packet every `step` milliseconds for so long.
    private func talk(_ pair: Pair, for milliseconds: Int64, step: Int64 = 20, port: UInt16 = 4000) {
        for _ in 0..<milliseconds / step {
            pair.up(Rules.up(port: port))
            pair.passes(step)
        }
    }

    /// P17: back on the preferred path within 5 s of its return, an old flow and a new one.
    @Test func p17FlowsReturnWithinFiveSeconds() throws {
        let pair = pair()
        talk(pair, for: 1000)
        #expect(pair.route() == [1])
        cut(pair, 1, true)
        talk(pair, for: 3000)
        #expect(pair.route() == [1, 2])
        cut(pair, 1, false)
        let back = pair.now
        pair.passes(10)
        talk(pair, for: 5500, step: 20)
        #expect(pair.route() == [1, 2, 1])
        let returned = try #require(pair.userPackets(since: back).first { $0.path == 1 })
        #expect(returned.at - back <= .seconds(5))
        // It had to stay for two seconds first.
        #expect(returned.at - back >= .seconds(2))
    }

    @Test func p17AFlowThatBeginsRightAfterTheReturnIsOnThePreferredPathInTime() throws {
        let pair = pair()
        cut(pair, 1, true)
        pair.passes(3000)
        cut(pair, 1, false)
        let back = pair.now
        pair.passes(10)
        talk(pair, for: 5500, port: 4711)
        #expect(pair.route(since: back) == [2, 1])
        let returned = try #require(pair.userPackets(since: back).first { $0.path == 1 })
        #expect(returned.at - back <= .seconds(5))
    }

    /// The better path is quicker: a dense flow would overtake itself, and waits for a gap.
    @Test func aFlowReturnsAtAGapIfThereIsOne() throws {
        let pair = pair(delays: [10, 110])
        talk(pair, for: 500)
        cut(pair, 1, true)
        talk(pair, for: 2000, step: 10)
        cut(pair, 1, false)
        let back = pair.now
        while pair.gateway.path(1)?.isUsable != true { talk(pair, for: 10, step: 10) }
        let usable = pair.now
        talk(pair, for: 2500, step: 10)
        #expect(pair.route(since: back) == [2])
        pair.passes(120)
        talk(pair, for: 200, step: 10)
        #expect(pair.route(since: back) == [2, 1])
        #expect(pair.now - usable < .seconds(4))
        #expect(pair.anchor.leaked == 0)
    }

    /// P5: a path that comes and goes every three seconds for two minutes.
    @Test func p5AFlappingPathMovesAFlowThreeTimesAtMost() {
        let pair = pair()
        talk(pair, for: 1000)
        let start = pair.now
        for turn in 0..<40 {
            cut(pair, 1, turn % 2 == 0)
            talk(pair, for: 3000)
        }
        let route = pair.route(since: start)
        #expect(route.count - 1 <= 3, "\(route)")
        // What went over the stable path alone would be all of it: 95 % of that is there.
        let sent = pair.userPackets(since: start).count
        pair.passes(200)
        #expect(pair.anchor.delivered.count >= (sent + 50) * 95 / 100)
    }

    /// A link that goes takes its path along, and comes back with a new one: the wait is remembered all the same.
    @Test func p5TheWaitOutlivesThePath() {
        let pair = pair()
        talk(pair, for: 200)
        for number in [3, 5] as [PathNumber] {
            for (peer, isUp) in [(pair.anchor, false), (pair.gateway, true)] {
                var path = Pair.path(number, isUp: isUp)
                (path.bindingIdentifier, path.label) = (1, 11)
                let old: PathNumber = number == 3 ? 1 : 3
                peer.apply(.removePath(old), at: pair.now)
                peer.apply(.installPath(number, path), at: pair.now)
            }
            pair.links[number] = Pair.Link()
            talk(pair, for: 1900)
            #expect(pair.route().last == 2)
        }
        // Twice within a minute: four seconds.
        talk(pair, for: 1800)
        #expect(pair.route().last == 2)
        talk(pair, for: 3000)
        #expect(pair.route().last == 5)
    }

    /// Probes fail first, and then the link goes: that is one failure, and two seconds.
    @Test func anOutageCountsOnce() {
        var steadiness = Steadiness()
        steadiness.failed(at: .zero)
        steadiness.failed(at: .zero + .seconds(1))
        steadiness.returned(at: .zero + .seconds(5))
        #expect(steadiness.settles == .zero + .seconds(7))
        steadiness.failed(at: .zero + .seconds(9))
        steadiness.returned(at: .zero + .seconds(10))
        #expect(steadiness.settles == .zero + .seconds(14))
    }

    /// A rule that is there only when a flow is bulk already, as rules about names are.
    @Test func p5ARuleHoldsBackAFlowThatWasBulkBefore() {
        let pair = Pair(delays: [10, 20], rates: [nil, nil])
        pair.install(rules: [])
        pair.passes(1000)
        func stream(_ milliseconds: Int) {
            for _ in 0..<milliseconds / 5 {
                pair.up(Rules.up(length: 1000))
                pair.passes(5)
            }
        }
        stream(500)
        pair.install(rules: [Rules.rule(1, .pin, .labels([11, 12]))])
        stream(500)
        #expect(pair.userPackets().last?.path == 1)
        cut(pair, 1, true)
        stream(2000)
        #expect(pair.userPackets().last?.path == 2)
        cut(pair, 1, false)
        while pair.gateway.path(1)?.isUsable != true { stream(10) }
        stream(1000)
        #expect(pair.userPackets().last?.path == 2)
        stream(4000)
        #expect(pair.userPackets().last?.path == 1)
    }

    /// P16: a path dies that carries nothing of the flow, and one dies and returns while the flow is silent.
    @Test func p16NothingMovesWhenAPathDiesThatCarriesNothing() {
        let pair = pair()
        talk(pair, for: 500)
        cut(pair, 2, true)
        talk(pair, for: 3000)
        cut(pair, 2, false)
        talk(pair, for: 3000)
        #expect(pair.route() == [1])
        cut(pair, 1, true)
        pair.passes(3000)
        cut(pair, 1, false)
        pair.passes(1000)
        #expect(pair.gateway.path(1)?.isUsable == true)
        talk(pair, for: 3000)
        #expect(pair.route() == [1])
    }

    /// P16: the last path that is there is used, however bad it was.
    @Test func p16TheLastPathIsUsedAtOnce() {
        let pair = pair()
        talk(pair, for: 500)
        for path in [1, 2] as [PathNumber] { cut(pair, path, true) }
        pair.passes(3000)
        cut(pair, 1, false)
        while pair.gateway.path(1)?.isUsable != true { pair.passes(10) }
        let back = pair.now
        pair.up(Rules.up(port: 9))
        #expect(pair.userPackets(since: back).map(\.path) == [1])
    }

    @Test func explanationTellsUntilWhenAFlowIsHeldBack() throws {
        let pair = pair()
        cut(pair, 1, true)
        pair.passes(2000)
        cut(pair, 1, false)
        while pair.gateway.path(1)?.isUsable != true { pair.passes(10) }
        let tuple = FiveTuple(
            source: address(Rules.node),
            destination: address(Rules.correspondent),
            protocolNumber: IPProtocol.udp,
            sourcePort: 4000,
            destinationPort: 4001
        )
        let found = try #require(pair.gateway.explain(FlowQuestion(tuple: tuple), at: pair.now))
        guard case .heldBack(until: let end) = found.reason else {
            Issue.record("\(found.reason)")
            return
        }
        #expect(found.path == 2 && end - pair.now <= .seconds(2) && end - pair.now > .milliseconds(1900))
    }

    @Test func theWaitDoublesUpToAMinuteAndIsForgotten() {
        var steadiness = Steadiness()
        #expect(steadiness.isSettled(at: .zero))
        var now = Instant.milliseconds(0)
        var waits: [Int64] = []
        for _ in 0..<8 {
            steadiness.failed(at: now)
            #expect(!steadiness.isSettled(at: now + .seconds(3600)))
            now = now + .seconds(1)
            steadiness.returned(at: now)
            waits.append((steadiness.settles - now).wholeNanoseconds / 1_000_000_000)
        }
        #expect(waits == [2, 4, 8, 16, 32, 60, 60, 60])
        steadiness.failed(at: now + .seconds(61))
        steadiness.returned(at: now + .seconds(62))
        #expect(steadiness.settles == now + .seconds(64))
    }
}
