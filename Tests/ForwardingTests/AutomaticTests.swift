// SPDX-License-Identifier: Apache-2.0
import Forwarding
import Testing
import Wire

/// What a home gets that has no rule at all.
@Suite struct AutomaticTests {
    private func pair(_ rate: UInt64?, delays: [Int64] = [30, 10], isMeasured: Bool = true) -> Pair {
        let pair = Pair(delays: delays, rates: delays.map { _ in nil })
        let metrics = LinkMetrics(downlinkRate: rate, uplinkRate: rate, isMeasured: isMeasured)
        pair.install(rules: [], metrics: delays.map { _ in metrics })
        pair.passes(1000)
        return pair
    }

    /// A call: 50 packets of 200 octets a second.
    @Test func thinFlowsTakeTheQuickestPathWithoutNumbers() {
        let pair = pair(50_000_000)
        for _ in 0..<100 {
            for port in 1...5 as ClosedRange<UInt16> { pair.up(Rules.up(port: port, length: 200)) }
            pair.passes(20)
        }
        #expect(pair.route() == [2])
        #expect(pair.userPackets().allSatisfy { Pair.sequence($0.octets) == nil })
        let flow = pair.gateway.flows(at: pair.now).first
        #expect(flow?.reason == .quickest && flow?.rule == nil)
    }

    @Test func aLittleQuickerIsNoReasonToMove() {
        let pair = pair(nil, delays: [10, 12])
        pair.up(Rules.up())
        pair.links[2]?.delay = .milliseconds(9)
        for _ in 0..<100 {
            pair.passes(20)
            pair.up(Rules.up())
        }
        #expect(pair.route() == [1])
        pair.links[2]?.delay = .milliseconds(2)
        for _ in 0..<200 {
            pair.passes(20)
            pair.up(Rules.up())
        }
        #expect(pair.route() == [1, 2])
    }

    @Test func bulkIsBondedWhereAllRatesAreKnown() {
        let pair = pair(50_000_000)
        var sent: [[UInt8]] = []
        for number in 0..<400 {
            sent.append(Rules.up(length: 1000 + number % 200))
            pair.up(sent[number])
            if number % 4 == 3 { pair.passes(1) }
        }
        pair.passes(300)
        let packets = pair.userPackets()
        #expect(packets.count { Pair.sequence($0.octets) != nil } > 380)
        #expect(packets.count { $0.path == 1 } > 150)
        // Nothing is reordered where the flow turns from thin to bulk.
        #expect(pair.anchor.delivered == sent)
        #expect(pair.gateway.flows(at: pair.now).first?.reason == .bonded)
        // And what calls meanwhile is not held up by it.
        pair.up(Rules.up(port: 9))
        #expect(pair.userPackets().last.map { $0.path == 2 && Pair.sequence($0.octets) == nil } == true)
    }

    @Test func bulkKeepsToOnePathAFlowWhereARateIsUnknown() {
        let pair = pair(nil)
        for _ in 0..<100 {
            for port in 1...20 as ClosedRange<UInt16> { pair.up(Rules.up(port: port, length: 1000)) }
            pair.passes(5)
        }
        let late = pair.userPackets(since: pair.now - .milliseconds(300))
        #expect(late.allSatisfy { Pair.sequence($0.octets) == nil })
        var paths: [UInt16: Set<PathNumber>] = [:]
        for packet in late {
            let inner = Array(packet.octets.suffix(1000))
            paths[InnerPacket(inner.span.bytes)?.sourcePort ?? 0, default: []].insert(packet.path)
        }
        #expect(paths.count == 20 && paths.values.allSatisfy { $0.count == 1 })
        #expect(Set(paths.values.flatMap(\.self)) == [1, 2])
        #expect(pair.gateway.flows(at: pair.now).first?.reason == .onePathPerFlow)
    }

    @Test func pureAcknowledgementsOfBulkGoAhead() {
        let pair = pair(50_000_000)
        for _ in 0..<50 {
            pair.up(Packets.tcp(Rules.node, Rules.correspondent, flags: 0x10, options: []))
            pair.up(Packets.tcp(Rules.node, Rules.correspondent, flags: 0x18, options: [UInt8](repeating: 1, count: 4)))
            pair.passes(1)
        }
        #expect(pair.userPackets().allSatisfy { $0.path == 2 && Pair.sequence($0.octets) == nil })
        // Data of the same flow is bulk.
        let data = Packets.wrap(
            address(Rules.node),
            address(Rules.correspondent),
            IPProtocol.tcp,
            [0xC3, 0x50, 0, 80] + [UInt8](repeating: 0, count: 8) + [0x50, 0x18] + [UInt8](repeating: 0, count: 1000)
        )
        for _ in 0..<20 { pair.up(data) }
        #expect(pair.userPackets().last.flatMap { Pair.sequence($0.octets) } != nil)
        let before = pair.userPackets().count
        pair.up(Packets.tcp(Rules.node, Rules.correspondent, flags: 0x10, options: []))
        #expect(pair.userPackets().count == before + 1)
        #expect(pair.userPackets().last.map { $0.path == 2 && Pair.sequence($0.octets) == nil } == true)
    }

    /// 85 octets each over a line of 100 kbit/s that is quicker by 20 ms.
    @Test func acknowledgementsThatAreTooManyForTheQuickestLineTakeAnother() {
        let pair = Pair(delays: [30, 10], rates: [nil, nil])
        let metrics = [10_000_000, 100_000].map { LinkMetrics(downlinkRate: $0, uplinkRate: $0, isMeasured: false) }
        pair.install(rules: [], metrics: metrics)
        pair.passes(1000)
        for _ in 0..<100 { pair.up(Packets.tcp(Rules.node, Rules.correspondent, flags: 0x10, options: [])) }
        pair.passes(100)
        #expect(pair.anchor.delivered.count == 100)
        #expect(Set(pair.userPackets().map(\.path)) == [1, 2])
    }

    @Test func withoutProbesEachFlowDrawsItsPath() {
        let pair = Pair(.automatic(reorderTimeout: .milliseconds(100)), hasProbes: false)
        for port in 1...60 as ClosedRange<UInt16> { pair.up(Rules.up(port: port)) }
        #expect(Set(pair.userPackets().map(\.path)) == [1, 2])
    }

    @Test func aFlowTurnsToBulkAndBack() {
        var memory = FlowMemory(at: .zero)
        for number in 0..<6 {
            memory.pour(1500, at: .zero)
            #expect(memory.isBulk == (number >= 4))
        }
        memory.lastSeen = .zero
        memory.pour(0, at: .milliseconds(100))
        #expect(memory.isBulk)
        memory.lastSeen = .milliseconds(100)
        memory.pour(0, at: .milliseconds(400))
        #expect(!memory.isBulk)
    }
}
