// SPDX-License-Identifier: Apache-2.0
import Testing
import Wire

/// RFC 6088: which flag brings which field, and what a selector may not say.
@Suite struct TrafficSelectorTests {
    /// Letter pairs in the order of their flags: our name of the field and its octets.
    private static let ipv4: [(name: String, size: Int)] = [
        ("source-address", 4), ("destination-address", 4), ("ipsec-spi", 4), ("source-port", 2),
        ("destination-port", 2), ("dscp", 1), ("protocol", 1),
    ]
    private static let ipv6: [(name: String, size: Int)] = [
        ("source-address", 16), ("destination-address", 16), ("ipsec-spi", 4), ("flow-label", 4), ("source-port", 2),
        ("destination-port", 2), ("dscp", 1), ("next-header", 1),
    ]
    private static let formats: [(format: UInt8, parts: [(name: String, size: Int)])] = [(1, ipv4), (2, ipv6)]

    /// As sub-option 3 of an option 45, whatever is wrong with it.
    private func read(_ format: UInt8, flags: UInt32, _ body: [UInt8]) throws -> SubOptions {
        var writer = ByteWriter()
        writer.bytes([0, 1, 0, 10, 0, 0, 3, UInt8(6 + body.count), format, 0])
        writer.uint32(flags)
        writer.bytes(body)
        var reader = ByteReader([45, UInt8(writer.count)] + writer.octets)
        return try #require(try MobilityOptions(decoding: &reader).first(FlowIdentification.self)).subOptions
    }

    /// A value whose octets tell it from its neighbours, in bits that every field keeps.
    private func value(_ size: Int, last: UInt8) -> [UInt8] { Array(repeating: 0, count: size - 1) + [last] }

    @Test func eachFlagBringsItsField() throws {
        for (format, parts) in Self.formats {
            for (index, part) in parts.enumerated() {
                let start = UInt32(0x8000_0000) >> UInt32(2 * index)
                let alone = try read(format, flags: start, value(part.size, last: 0x14))
                let found = try #require(alone.first(TrafficSelectorSubOption.self))
                #expect(found.fields.map(\.name) == ["format", part.name])
                #expect(found.data == [format, 0] + octets(start) + value(part.size, last: 0x14))
                let both = value(part.size, last: 0x14) + value(part.size, last: 0x28)
                let range = try read(format, flags: start | start >> 1, both)
                #expect(
                    range.first(TrafficSelectorSubOption.self)?.data == [format, 0] + octets(start | start >> 1) + both
                )
                #expect(range.fields.last?.value.description.split(separator: "-").count == 2)
                #expect(found.alignment.multiple == min(part.size, 8))
            }
        }
    }

    private func octets(_ word: UInt32) -> [UInt8] {
        [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: word >> $0) }
    }

    @Test func endWithoutItsStartIsMalformed() throws {
        for (format, parts) in Self.formats {
            for (index, part) in parts.enumerated() {
                let end = UInt32(0x4000_0000) >> UInt32(2 * index)
                let malformed = try read(format, flags: end, value(part.size, last: 1)).malformed
                #expect(malformed.map(\.error.reason) == [.badValue(UInt64(end))])
            }
        }
    }

    @Test func endBelowItsStartIsMalformed() throws {
        for (format, parts) in Self.formats {
            for (index, part) in parts.enumerated() {
                let flags = UInt32(0xC000_0000) >> UInt32(2 * index)
                let body = value(part.size, last: 0x28) + value(part.size, last: 0x14)
                #expect(try read(format, flags: flags, body).malformed.count == 1, "\(part.name)")
            }
        }
        #expect(SelectorRange<UInt16>(2, through: 1) == nil)
        #expect(SelectorRange<UInt16>(1, through: 1)?.end == 1)
    }

    @Test func fieldsThatAreMissingOrTooManyAreMalformed() throws {
        #expect(try read(1, flags: 0x8000_0000, [10, 0, 0]).malformed.map(\.error.reason) == [.truncated])
        #expect(
            try read(1, flags: 0x8000_0000, [10, 0, 0, 1, 0]).malformed.map(\.error.reason) == [.trailingOctets(1)]
        )
        #expect(try read(2, flags: 0x0001_0000, [17]).malformed.count == 1)
    }

    @Test func noFlagMatchesEverything() throws {
        let everything = try read(2, flags: 0, []).first(TrafficSelectorSubOption.self)
        #expect(everything?.selector == .ipv6(IPv6TrafficSelector()))
        #expect(everything?.alignment == OptionAlignment.none)
    }

    /// RFC 6088 §3.1: the lower two bits of DS and traffic class; §3.2: what stands above the flow label's twenty.
    @Test func bitsThatDoNotCountAreDropped() throws {
        let ds = try read(1, flags: 0x0030_0000, [0xBB, 0xB8])
        guard case .ipv4(let ipv4) = ds.first(TrafficSelectorSubOption.self)?.selector else {
            Issue.record("no IPv4 selector")
            return
        }
        #expect(ipv4.codePoints?.start.value == 46)
        #expect(ipv4.codePoints?.end?.value == 46)
        let label = try read(2, flags: 0x0200_0000, [0xFF, 0xF1, 0x23, 0x45])
        guard case .ipv6(let ipv6) = label.first(TrafficSelectorSubOption.self)?.selector else {
            Issue.record("no IPv6 selector")
            return
        }
        #expect(ipv6.flowLabels == SelectorRange(FlowLabel(0x12345)))
        #expect(label.first(TrafficSelectorSubOption.self)?.data == [2, 0, 2, 0, 0, 0, 0, 1, 0x23, 0x45])
    }

    @Test func reservedFlagsMeanNothing() throws {
        let selector = try read(1, flags: 0x0003_FFFF, []).first(TrafficSelectorSubOption.self)?.selector
        #expect(selector == .ipv4(IPv4TrafficSelector()))
        #expect(try read(2, flags: 0xFFFF, []).malformed.isEmpty)
    }

    /// Status 133 is for the engine to say.
    @Test func formatsThatWeDoNotKnowAreKept() throws {
        for format: UInt8 in [0, 3, 251, 255] {
            let selector = try read(format, flags: 0x0102_0304, [5]).first(TrafficSelectorSubOption.self)?.selector
            #expect(selector == .other(format: format, octets: [1, 2, 3, 4, 5]))
            #expect(selector?.format == format)
        }
    }

    /// RFC 7222 §4.2.10 has format and reserved octet the other way round.
    @Test func attributeHasTheFormatBehindTheReservedOctet() throws {
        var selector = IPv4TrafficSelector()
        selector.protocols = SelectorRange(17)
        let attribute = QualityOfServiceTrafficSelector(.ipv4(selector))
        #expect(attribute.data == [0, 1, 0, 8, 0, 0, 17])
        #expect(TrafficSelectorSubOption(.ipv4(selector)).data == [1, 0, 0, 8, 0, 0, 17])
    }

    @Test func flowBindingOfOurOwnMakingIsAligned() throws {
        var selector = IPv6TrafficSelector()
        selector.destinationAddresses = SelectorRange(IPv6Address(high: 0x2001_0DB8_0000_0000, low: 1))
        let flow = FlowIdentification(
            identifier: 1,
            priority: 10,
            subOptions: SubOptions([BindingReference([2]), TrafficSelectorSubOption(.ipv6(selector))])
        )
        var writer = ByteWriter()
        writer.zeros(12)
        MobilityOptions([flow]).encode(into: &writer)
        let start = try #require(writer.octets.firstIndex(of: 45))
        #expect(start % 8 == 0)
        let place = try #require(writer.octets.firstIndex(of: 3))
        #expect(place % 8 == 0)
        #expect(Array(writer.octets[start + 8..<place]) == [2, 2, 0, 2, 1, 2, 0, 0])
        #expect(flow.trafficSelector == .ipv6(selector))
    }
}
