// SPDX-License-Identifier: Apache-2.0
import Forwarding
import Testing
import Wire

@Suite struct DistributionTests {
    private func flow(_ number: Int) -> [UInt8] {
        Packets.udp("2001:db8:1234::1", "2001:db8:ffff::80", port: UInt16(1000 + number))
    }

    private let rates: [Int64?] = [10_000_000, 30_000_000, 60_000_000]

    private func assignment(_ pair: Pair, flows: Int) -> [PathNumber] {
        (0..<flows).map { number in
            pair.gateway.fromTUN(flow(number), at: pair.now)
            return pair.gateway.takeSent().last?.path ?? 0
        }
    }

    @Test func flowsFollowTheWeights() {
        let pair = Pair(.perFlow, delays: [1, 1, 1], rates: rates, hasProbes: false)
        let chosen = assignment(pair, flows: 4000)
        for (number, share) in [(1, 0.1), (2, 0.3), (3, 0.6)] {
            let part = Double(chosen.count { $0.rawValue == number }) / 4000
            #expect(abs(part - share) < 0.025, "path \(number): \(part)")
        }
    }

    @Test func aPathWithoutRateHasTheMeanOfTheOthers() {
        let pair = Pair(
            .perPacket(reorderTimeout: .milliseconds(50)),
            delays: [1, 1, 1],
            rates: [10_000_000, nil, 30_000_000],
            hasProbes: false
        )
        let chosen = assignment(pair, flows: 600)
        #expect([1, 2, 3].map { number in chosen.count { $0.rawValue == number } } == [100, 200, 300])
    }

    @Test func aFlowStaysOnItsPath() {
        let pair = Pair(.perFlow, delays: [1, 1, 1], rates: rates, hasProbes: false)
        let first = assignment(pair, flows: 200)
        // Neither other weights nor a new path move it.
        for number in 1...3 as ClosedRange<Int32> {
            let path = Pair.path(PathNumber(rawValue: number), isUp: true, rate: Int64(40 - 10 * number) * 1_000_000)
            pair.gateway.apply(.installPath(PathNumber(rawValue: number), path), at: pair.now)
        }
        pair.gateway.apply(.installPath(4, Pair.path(4, isUp: true, rate: 50_000_000)), at: pair.now)
        #expect(assignment(pair, flows: 200) == first)
    }

    @Test func onlyTheFlowsOfALostPathMove() {
        let pair = Pair(.perFlow, delays: [1, 1, 1], rates: rates, hasProbes: false)
        let before = assignment(pair, flows: 1000)
        pair.gateway.apply(.removePath(2), at: pair.now)
        let after = assignment(pair, flows: 1000)
        #expect(!after.contains(2))
        for (old, new) in zip(before, after) where old != 2 { #expect(old == new) }
        // Those that moved are shared out by the weights of the rest, 1 to 6.
        let moved = zip(before, after).filter { $0.0 == 2 }.map(\.1)
        let part = Double(moved.count { $0 == 3 }) / Double(moved.count)
        #expect(abs(part - 6.0 / 7) < 0.06, "\(part)")
    }

    @Test func rendezvousMovesOnlyWhatItMustEvenWithoutMemory() {
        var paths = (1...3 as ClosedRange<Int32>).map { number -> Path in
            var path = Path(
                PathNumber(rawValue: number),
                Pair.path(PathNumber(rawValue: number), isUp: true),
                role: .gateway,
                at: .zero
            )
            path.isUsable = true
            path.weight = Double(number)
            return path
        }
        let before = (0..<3000 as Range<UInt64>).map { PerFlow.choose(PerFlow.mix($0), among: paths) }
        paths[0].isUsable = false
        let after = (0..<3000 as Range<UInt64>).map { PerFlow.choose(PerFlow.mix($0), among: paths) }
        for (old, new) in zip(before, after) where old != 0 { #expect(old == new) }
        #expect(!after.contains(0))
    }

    @Test func theLogarithmIsOne() {
        // e, and powers of two around 1.
        #expect(abs(PerFlow.naturalLogarithm(2.718_281_828_459_045) - 1) < 1e-7)
        #expect(abs(PerFlow.naturalLogarithm(0.25) + 1.386_294_361_119_890_6) < 1e-7)
        #expect(PerFlow.naturalLogarithm(0.999_999_999_999_999_9) < 0)
    }

    @Test func packetsFollowTheWeightsByOctets() {
        let pair = Pair(
            .perPacket(reorderTimeout: .milliseconds(50)),
            delays: [1, 1, 1],
            rates: rates,
            hasProbes: false
        )
        var generator = Generator(seed: 7)
        var octets = [0.0, 0.0, 0.0]
        var total = 0.0
        for _ in 0..<2000 {
            let length = Int.random(in: 60...1400, using: &generator)
            pair.gateway.fromTUN(Packets.udp("2001:db8:1234::1", "2001:db8:ffff::80", length: length), at: pair.now)
            for sent in pair.gateway.takeSent() { octets[Int(sent.path.rawValue) - 1] += Double(length) }
            total += Double(length)
            // At every moment, not only in the end: no path is further from its share than two packets.
            for (part, share) in zip(octets, [0.1, 0.3, 0.6]) { #expect(abs(part - share * total) <= 2 * 1400) }
        }
    }

    @Test func perPacketKeepsOneNumberSpaceOverUnlikeLegs() {
        let pair = Pair(.perPacket(reorderTimeout: .milliseconds(50)), hasProbes: false)
        for number in 0..<10 { pair.gateway.fromTUN(flow(number), at: pair.now) }
        let sent = pair.gateway.takeSent()
        #expect(Set(sent.map(\.path)) == [1, 2])
        let numbers = sent.map { sent -> UInt32? in
            let gre = sent.path == 2 ? Array(sent.octets.dropFirst(4)) : sent.octets
            return GREHeader(gre.span.bytes)?.sequence
        }
        #expect(numbers == (0..<10).map { UInt32($0) })
    }

    @Test func updatingASessionKeepsItsNumbersButANewKeyStartsAnew() {
        let pair = Pair(.perPacket(reorderTimeout: .milliseconds(50)), delays: [1], rates: [nil], hasProbes: false)
        func number() -> UInt32? {
            pair.gateway.fromTUN(flow(0), at: pair.now)
            return pair.gateway.takeSent().last.flatMap { GREHeader($0.octets.span.bytes)?.sequence }
        }
        #expect([number(), number()] == [0, 1])
        pair.install(.perPacket(reorderTimeout: .milliseconds(70)))
        #expect(number() == 2)
        var parameters = Pair.session(.perPacket(reorderTimeout: .milliseconds(70)), isUp: true)
        parameters.sendKey = 5
        pair.gateway.apply(.installSession(1, parameters), at: pair.now)
        #expect(number() == 0)
    }

    @Test func mixedLegsOfUnlikeDelayDeliverInOrder() {
        let pair = Pair(.perPacket(reorderTimeout: .milliseconds(100)), delays: [10, 60], rates: [3, 1])
        pair.passes(1000)
        var packets: [[UInt8]] = []
        for number in 0..<500 {
            packets.append(
                Packets.udp("10.1.0.1", "198.51.100.9", port: UInt16(number), payload: [UInt8(number % 256)])
            )
            pair.up(packets[number])
            pair.passes(2)
        }
        pair.passes(300)
        #expect(pair.anchor.delivered == packets)
        #expect((pair.anchor.session()?.counters.reordered ?? 0) > 100)
        #expect(pair.anchor.session()?.counters.lost == 0)
        #expect(pair.anchor.leaked == 0 && pair.gateway.leaked == 0)
    }

    @Test func aLossIsNoticedByEvidenceBeforeTheTimeout() {
        let pair = Pair(.perPacket(reorderTimeout: .seconds(5)), delays: [10, 30])
        pair.passes(1000)
        for number in 0..<40 {
            pair.links[1]?.losesUp = number == 10
            pair.up(flow(number))
            pair.passes(5)
        }
        pair.passes(60)
        // One was lost; all others are there although the time-out is far away.
        #expect(pair.anchor.delivered.count == 39)
        #expect(pair.anchor.session()?.counters.lost == 1)
    }

    @Test func aPathWithoutNumbersDoesNotHoldUpTheEvidence() {
        let pair = Pair(.perPacket(reorderTimeout: .seconds(5)), delays: [10, 10])
        for (peer, isUp) in [(pair.anchor, false), (pair.gateway, true)] {
            var path = Pair.path(2, isUp: isUp, probeKey: Pair.probeKey)
            path.encapsulation = .udp
            peer.apply(.installPath(2, path), at: pair.now)
        }
        pair.passes(1000)
        for number in 0..<40 {
            // Two in a row: one of them goes by the path with numbers.
            pair.links[1]?.losesUp = number == 10 || number == 11
            pair.up(flow(number))
            pair.passes(5)
        }
        pair.passes(60)
        #expect(pair.anchor.delivered.count == 39)
        #expect(pair.anchor.session()?.counters.lost == 1)
    }

    @Test func flowsAreListedNewestFirst() {
        let pair = Pair(.perFlow, hasProbes: false)
        pair.up(flow(0))
        pair.passes(10)
        pair.up(flow(1))
        pair.up(flow(1))
        let flows = pair.gateway.forwarder.flows(limit: 10, at: pair.now)
        #expect(flows.map(\.tuple.sourcePort) == [1001, 1000])
        #expect(flows[0].packets == 2 && flows[0].octets == 2 * UInt64(flow(1).count))
        #expect(pair.gateway.forwarder.flows(limit: 1, at: pair.now).count == 1)
        #expect(pair.gateway.forwarder.flows(limit: 10, at: pair.now + .seconds(61)).isEmpty)
    }

    @Test func theFlowTableIsBounded() {
        var table = FlowTable(capacity: 3)
        func key(_ port: UInt16) -> FlowTable.Key {
            let host = address("10.0.0.1")
            let tuple = FiveTuple(source: host, destination: host, protocolNumber: 17, sourcePort: port)
            return FlowTable.Key(session: 1, tuple: tuple, seed: 1)
        }
        func note(_ port: UInt16, path: PathNumber = 1) {
            var memory = FlowMemory(at: .zero)
            memory.settle(on: path, isAside: false)
            table.note(key(port), FlowTable.Step(path: path, octets: 1), memory, at: .zero)
        }
        for port in 1...3 as ClosedRange<UInt16> { note(port) }
        note(1, path: 2)
        note(4)
        // 2 was quiet for longest.
        #expect(table.snapshots(limit: 9, at: .zero).map(\.tuple.sourcePort) == [4, 1, 3])
        let known = table.memory(of: key(1), at: .zero)
        let forgotten = table.memory(of: key(2), at: .zero)
        #expect(known?.home == 2 && forgotten == nil)
        for port in 10...200 as ClosedRange<UInt16> { note(port) }
        #expect(table.count == 3)
    }
}
