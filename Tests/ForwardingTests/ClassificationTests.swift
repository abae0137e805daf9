// SPDX-License-Identifier: Apache-2.0
import Forwarding
import Testing
import Wire

/// Both ends find the same flow rule for a packet, the one that RFC 6088 and the order of the rules say.
@Suite struct ClassificationTests {
    /// A packet with everything that selectors look at, of few values, so that rules meet them.
    private struct Sample {
        var isIPv4: Bool
        var correspondent: UInt8
        var node: UInt8
        var protocolNumber: UInt8
        /// The correspondent's, and the node's.
        var ports: (UInt16, UInt16)
        var codePoint: UInt8
        var flowLabel: UInt32
        var index: UInt32
        var hasOptions: Bool

        init(_ generator: inout Generator) {
            isIPv4 = Bool.random(using: &generator)
            correspondent = .random(in: 1...4, using: &generator)
            node = .random(in: 1...4, using: &generator)
            protocolNumber = [6, 17, 50, 51, 1, 47].randomElement(using: &generator) ?? 6
            ports = (.random(in: 0...4, using: &generator), .random(in: 0...4, using: &generator))
            codePoint = .random(in: 0...3, using: &generator)
            flowLabel = isIPv4 ? 0 : .random(in: 0...3, using: &generator)
            index = .random(in: 0...3, using: &generator)
            hasOptions = !isIPv4 && Bool.random(using: &generator)
        }

        var hasPorts: Bool { protocolNumber == 6 || protocolNumber == 17 }
        var hasIndex: Bool { protocolNumber == 50 || protocolNumber == 51 }

        func octets(isUp: Bool, congestion: UInt8 = 0) -> [UInt8] {
            let (from, to) = isUp ? (ports.1, ports.0) : (ports.0, ports.1)
            var writer = ByteWriter()
            switch protocolNumber {
            case 50: writer.uint32(index)
            case 51:
                writer.uint32(0x0604_0000)
                writer.uint32(index)
            default:
                writer.uint16(from)
                writer.uint16(to)
            }
            writer.zeros(24)
            let trafficClass = codePoint << 2 | congestion
            guard !isIPv4 else {
                let ends = (IPv4Address(198, 51, 100, correspondent), IPv4Address(10, 1, 0, node))
                var header = IPv4Header(
                    source: isUp ? ends.1 : ends.0,
                    destination: isUp ? ends.0 : ends.1,
                    protocolNumber: protocolNumber,
                    payloadLength: writer.count
                )
                header.typeOfService = trafficClass
                return header.octets + writer.octets
            }
            let ends = (
                IPv6Address(high: 0x2001_0DB8_FFFF_0000, low: UInt64(correspondent)),
                IPv6Address(high: 0x2001_0DB8_1234_0000, low: UInt64(node))
            )
            let options: [UInt8] = hasOptions ? [protocolNumber, 0, 1, 4, 0, 0, 0, 0] : []
            var header = IPv6Header(
                source: isUp ? ends.1 : ends.0,
                destination: isUp ? ends.0 : ends.1,
                nextHeader: hasOptions ? 60 : protocolNumber,
                payloadLength: options.count + writer.count
            )
            header.trafficClass = trafficClass
            header.flowLabel = flowLabel
            return header.octets + options + writer.octets
        }
    }

    /// The model: fields and ranges as numbers, in the order of RFC 6088, nothing else.
    private struct Model {
        var isIPv4: Bool
        /// Correspondent, node, SPI, flow label, their ports, code point, protocol.
        var ranges: [ClosedRange<UInt32>?]

        init(_ generator: inout Generator) {
            isIPv4 = Bool.random(using: &generator)
            let bounds: [ClosedRange<UInt32>] = [1...4, 1...4, 0...3, 0...3, 0...4, 0...4, 0...3, 1...60]
            ranges = bounds.map { bound in
                guard Int.random(in: 0..<4, using: &generator) == 0 else { return nil }
                let pair = [UInt32.random(in: bound, using: &generator), .random(in: bound, using: &generator)].sorted()
                return pair[0]...pair[1]
            }
            if isIPv4 { ranges[3] = nil }
        }

        func matches(_ sample: Sample) -> Bool {
            guard sample.isIPv4 == isIPv4 else { return false }
            let shown: [UInt32?] = [
                UInt32(sample.correspondent), UInt32(sample.node), sample.hasIndex ? sample.index : nil,
                sample.flowLabel, sample.hasPorts ? UInt32(sample.ports.0) : nil,
                sample.hasPorts ? UInt32(sample.ports.1) : nil, UInt32(sample.codePoint), UInt32(sample.protocolNumber),
            ]
            return zip(ranges, shown).allSatisfy { range, value in
                range.map { range in value.map { range.contains($0) } ?? false } ?? true
            }
        }

        var selector: TrafficSelector {
            func range<Value>(_ index: Int, _ make: (UInt32) -> Value) -> SelectorRange<Value>? {
                ranges[index].flatMap { SelectorRange(make($0.lowerBound), through: make($0.upperBound)) }
            }
            func port(_ value: UInt32) -> UInt16 { UInt16(value) }
            func codePoint(_ value: UInt32) -> DifferentiatedServicesCodePoint { .init(UInt8(value)) }
            if isIPv4 {
                var selector = IPv4TrafficSelector()
                selector.sourceAddresses = range(0) { IPv4Address(198, 51, 100, UInt8($0)) }
                selector.destinationAddresses = range(1) { IPv4Address(10, 1, 0, UInt8($0)) }
                selector.securityParameterIndexes = range(2) { $0 }
                selector.sourcePorts = range(4, port)
                selector.destinationPorts = range(5, port)
                selector.codePoints = range(6, codePoint)
                selector.protocols = range(7) { UInt8($0) }
                return .ipv4(selector)
            }
            var selector = IPv6TrafficSelector()
            selector.sourceAddresses = range(0) { IPv6Address(high: 0x2001_0DB8_FFFF_0000, low: UInt64($0)) }
            selector.destinationAddresses = range(1) { IPv6Address(high: 0x2001_0DB8_1234_0000, low: UInt64($0)) }
            selector.securityParameterIndexes = range(2) { $0 }
            selector.flowLabels = range(3) { FlowLabel($0) }
            selector.sourcePorts = range(4, port)
            selector.destinationPorts = range(5, port)
            selector.codePoints = range(6, codePoint)
            selector.nextHeaders = range(7) { UInt8($0) }
            return .ipv6(selector)
        }
    }

    private func rules(_ models: [Model]) -> [FlowRule] {
        models.enumerated().map { index, model in
            Rules.rule(UInt16(index + 1), .pin, .any, selector: model.selector)
        }
    }

    /// The rule's identifier by what the sending end has counted, and what the receiving end has.
    private func counted(_ pair: Pair) -> [[UInt64]] {
        let (gateway, anchor) = (pair.gateway.session()?.rules ?? [], pair.anchor.session()?.rules ?? [])
        return [
            gateway.map(\.sent.packets), anchor.map(\.received.packets), anchor.map(\.sent.packets),
            gateway.map(\.received.packets),
        ]
    }

    @Test(arguments: [UInt64(1), 2, 3, 4, 5, 6])
    func bothEndsFindTheRuleThatTheModelFinds(seed: UInt64) {
        var generator = Generator(seed: seed)
        let pair = Pair(delays: [1, 1], rates: [nil, nil], hasProbes: false)
        for _ in 0..<6 {
            let models = (0..<Int.random(in: 1...12, using: &generator)).map { _ in Model(&generator) }
            pair.install(rules: [])
            pair.install(rules: rules(models))
            var expected = Array(repeating: UInt64(0), count: models.count)
            for _ in 0..<120 {
                let sample = Sample(&generator)
                let congestion = UInt8.random(in: 1...2, using: &generator)
                pair.up(sample.octets(isUp: true, congestion: congestion))
                pair.down(sample.octets(isUp: false, congestion: congestion))
                pair.passes(2)
                let place = models.firstIndex { $0.matches(sample) }
                if let place { expected[place] += 1 }
                #expect(
                    counted(pair) == Array(repeating: expected, count: 4),
                    "seed \(seed), \(sample), \(place as Any)"
                )
            }
        }
        #expect(pair.gateway.drops.total == 0 && pair.anchor.drops.total == 0)
    }

    @Test func aCodePointThatChangesWithinAFlowIsNoticed() {
        var voice = IPv6TrafficSelector()
        voice.codePoints = SelectorRange(DifferentiatedServicesCodePoint(46))
        let pair = Pair(delays: [1, 1], rates: [nil, nil], hasProbes: false)
        pair.install(rules: [
            Rules.rule(1, .pin, .labels([12]), selector: .ipv6(voice)), Rules.rule(2, .pin, .labels([11])),
        ])
        for codePoint in [0, 46, 46, 0, 46] as [UInt8] {
            var packet = Rules.up()
            packet[0] |= codePoint >> 2
            packet[1] |= codePoint << 6
            pair.up(packet)
        }
        #expect(pair.userPackets().map(\.path) == [1, 2, 2, 1, 2])
    }

    @Test func newRulesHoldForOldFlows() {
        let pair = Pair(delays: [1, 1], rates: [nil, nil], hasProbes: false)
        for (label, path) in [(11, 1), (12, 2), (11, 1)] as [(UInt8, PathNumber)] {
            pair.install(rules: [Rules.rule(1, .pin, .labels([label]))])
            pair.up(Rules.up())
            #expect(pair.userPackets().last?.path == path)
        }
        #expect(pair.gateway.session()?.rules.first?.sent.packets == 1)
        pair.install(rules: [Rules.rule(1, .pin, .labels([11])), Rules.rule(2, .drop)])
        // The first stayed as it was, and its count with it.
        #expect(pair.gateway.session()?.rules.map(\.sent.packets) == [1, 0])
    }

    /// RFC 6089 §5.3.1: the others show no ports, and go where the first one went.
    @Test func fragmentsFollowTheFirst() {
        let pair = Pair(delays: [1, 1], rates: [nil, nil], hasProbes: false)
        pair.install(
            rules: [
                Rules.rule(1, .pin, .labels([12]), selector: Rules.port(4000)), Rules.rule(2, .pin, .labels([11])),
            ]
        )
        func fragment(_ identification: UInt8, offset: UInt8, isLast: Bool) -> [UInt8] {
            let payload = Array(Rules.up().dropFirst(40).prefix(64))
            let header: [UInt8] = [17, 0, 0, offset << 3 | (isLast ? 0 : 1), 0, 0, 0, identification]
            return Packets.wrap(address(Rules.node), address(Rules.correspondent), 44, header + payload)
        }
        // One that comes ahead of the first goes by what it shows.
        pair.up(fragment(1, offset: 8, isLast: true))
        pair.up(fragment(2, offset: 0, isLast: false))
        pair.up(fragment(2, offset: 8, isLast: false))
        pair.up(fragment(2, offset: 16, isLast: true))
        pair.up(fragment(3, offset: 8, isLast: true))
        #expect(pair.userPackets().map(\.path) == [1, 2, 2, 2, 1])
        pair.passes(20_000)
        pair.up(fragment(2, offset: 24, isLast: true))
        #expect(pair.userPackets().last?.path == 1)
    }

    /// Only the first of them shows the SPI.
    @Test func fragmentsOfESPFollowTheFirst() {
        let pair = Pair(delays: [1, 1], rates: [nil, nil], hasProbes: false)
        var selector = IPv6TrafficSelector()
        selector.securityParameterIndexes = SelectorRange(0x1234)
        pair.install(
            rules: [Rules.rule(1, .pin, .labels([12]), selector: .ipv6(selector)), Rules.rule(2, .pin, .labels([11]))]
        )
        func fragment(offset: UInt8, isLast: Bool) -> [UInt8] {
            let payload: [UInt8] = [0, 0, 0x12, 0x34] + [UInt8](repeating: UInt8(offset), count: 60)
            let header: [UInt8] = [50, 0, 0, offset << 3 | (isLast ? 0 : 1), 0, 0, 0, 9]
            return Packets.wrap(address(Rules.node), address(Rules.correspondent), 44, header + payload)
        }
        pair.up(fragment(offset: 0, isLast: false))
        pair.up(fragment(offset: 8, isLast: true))
        #expect(pair.userPackets().map(\.path) == [2, 2])
    }

    @Test func aFormatThatWeDoNotKnowMatchesNothing() {
        let pair = Pair(delays: [1], rates: [nil], hasProbes: false)
        pair.install(rules: [Rules.rule(1, .drop, selector: .other(format: 3, octets: []))])
        pair.up(Rules.up())
        #expect(pair.userPackets().count == 1)
    }
}
