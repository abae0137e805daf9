// SPDX-License-Identifier: Apache-2.0
import Testing
import Wire

@Suite struct DNSResponseTests {
    /// Header of a response to one question with so many answers.
    private func header(_ answers: UInt8, flags: UInt16 = 0x8180, questions: UInt8 = 1) -> [UInt8] {
        [0x12, 0x34, UInt8(flags >> 8), UInt8(flags & 0xFF), 0, questions, 0, answers, 0, 0, 0, 0]
    }

    private func joined(_ parts: [UInt8]...) -> [UInt8] { Array(parts.joined()) }

    private func name(_ text: String) -> [UInt8] {
        var octets: [UInt8] = []
        for label in text.split(separator: ".") {
            octets.append(UInt8(label.utf8.count))
            octets += Array(label.utf8)
        }
        return octets + [0]
    }

    private func record(_ name: [UInt8], _ type: UInt8, _ seconds: UInt32, _ data: [UInt8], in zone: UInt8 = 1)
        -> [UInt8]
    {
        var writer = ByteWriter()
        writer.bytes(name)
        writer.bytes([0, type, 0, zone])
        writer.uint32(seconds)
        writer.uint16(UInt16(data.count))
        writer.bytes(data)
        return writer.octets
    }

    private func question(_ text: String) -> [UInt8] { name(text) + [0, 1, 0, 1] }

    /// The question's name stands at octet 12.
    private let pointer: [UInt8] = [0xC0, 12]

    @Test func addressesOfTheNameThatWasAskedFor() throws {
        let ipv6 = try #require(IPv6Address("2001:db8::7"))
        let octets = joined(
            header(4),
            question("WWW.Example.net"),
            record(pointer, 1, 300, [192, 0, 2, 7]),
            record(pointer, 28, 60, ipv6.octets),
            record(name("other.example"), 1, 300, [192, 0, 2, 8]),
            record(pointer, 1, 0x8000_0000, [192, 0, 2, 9])
        )
        let response = try DNSResponse(decoding: octets)
        #expect(response.names == ["www.example.net"])
        #expect(
            response.addresses.map(\.address) == [
                .v4(IPv4Address(192, 0, 2, 7)), .v6(ipv6), .v4(IPv4Address(192, 0, 2, 9)),
            ]
        )
        #expect(response.addresses.map(\.timeToLive) == [300, 60, 0])
    }

    @Test func aliasesAreFollowed() throws {
        // "cdn" and then a pointer to "example.net" within the question.
        let below = joined([3], Array("cdn".utf8), [0xC0, 16])
        let octets = joined(
            header(3),
            question("www.example.net"),
            record(pointer, 5, 30, below),
            record(name("cdn.example.net"), 5, 30, name("edge.cdn.example")),
            record(name("EDGE.cdn.example"), 1, 30, [198, 51, 100, 1])
        )
        let response = try DNSResponse(decoding: octets)
        #expect(response.names == ["www.example.net", "cdn.example.net", "edge.cdn.example"])
        #expect(response.addresses.map(\.address) == [.v4(IPv4Address(198, 51, 100, 1))])
    }

    @Test func aliasesInACircleEnd() throws {
        let octets = joined(
            header(2),
            question("a.example"),
            record(pointer, 5, 30, name("b.example")),
            record(name("b.example"), 5, 30, pointer)
        )
        #expect(try DNSResponse(decoding: octets).names == ["a.example", "b.example"])
    }

    /// Each leads to one before it: no circle, but much work for a small message.
    @Test func pointersAreCounted() throws {
        func answer(pointers: Int) -> [UInt8] {
            // The first in the data of another record leads to the question, and each to the one before.
            let start = 12 + question("a.example").count + pointer.count + 10
            var chain = pointer
            for place in 1..<pointers - 1 { chain += [0xC0, UInt8(start + (place - 1) * 2)] }
            let last = [0xC0, UInt8(start + chain.count - 2)]
            return joined(
                header(2),
                question("a.example"),
                record(pointer, 16, 30, chain),
                record(last, 1, 30, [192, 0, 2, 1])
            )
        }
        #expect(try DNSResponse(decoding: answer(pointers: 16)).addresses.count == 1)
        #expect(throws: DecodeError.self) { try DNSResponse(decoding: answer(pointers: 17)) }
    }

    @Test func otherRecordsAndClassesArePassedOver() throws {
        let octets = joined(
            header(4),
            question("a.example"),
            record(pointer, 16, 30, [3, 1, 2, 3]),
            record(pointer, 1, 30, [192, 0, 2, 1], in: 3),
            record(pointer, 1, 30, [192, 0, 2]),
            record(name("a b.example"), 1, 30, [192, 0, 2, 1])
        )
        #expect(try DNSResponse(decoding: octets).addresses.isEmpty)
    }

    @Test func whatIsNoAnswerIsRefused() {
        let question = question("a.example")
        let cut = joined(header(1), question, pointer, [0, 1, 0, 1, 0, 0, 0, 1, 0, 4, 1, 2, 3])
        let spoilt: [[UInt8]] = [
            [], header(0), joined(header(0, flags: 0x0100), question), joined(header(0, flags: 0x8183), question),
            joined(header(0, flags: 0x9000), question), header(0, questions: 0),
            joined(header(0, questions: 2), question), joined(header(1), question), cut,
            joined(header(0), [0x40, 0, 0, 1, 0, 1]), joined(header(0), [0x80]),
        ]
        for octets in spoilt {
            #expect(throws: DecodeError.self) { try DNSResponse(decoding: octets) }
        }
    }

    /// RFC 1035 §4.1.4: to a prior occurrence, so no pointer leads to itself or ahead.
    @Test func pointersCannotLoop() {
        let pointers: [[UInt8]] = [[0xC0, 12], [0xC0, 14], [0xC1, 0], [0xFF, 0xFF]]
        for pointer in pointers {
            let octets = joined(header(0), pointer, [0, 1, 0, 1])
            #expect(throws: DecodeError.self) { try DNSResponse(decoding: octets) }
        }
        // A record's name leads to a pointer that leads ahead again, to the record.
        let circle = joined(header(1), [1, 97, 0xC0, 12, 0, 1, 0, 1], pointer, [UInt8](repeating: 0, count: 16))
        #expect(throws: DecodeError.self) { try DNSResponse(decoding: circle) }
    }

    @Test func namesAreNoLongerThanTheyMayBe() throws {
        let label = [UInt8](repeating: 97, count: 64).enumerated().map { $0.offset == 0 ? UInt8(63) : $0.element }
        let last = [UInt8](repeating: 97, count: 62).enumerated().map { $0.offset == 0 ? UInt8(61) : $0.element }
        let longest = joined(header(0), label, label, label, last, [0, 0, 1, 0, 1])
        #expect(try DNSResponse(decoding: longest).names.first?.utf8.count == 253)
        let tooLong = joined(header(0), label, label, label, label, [0, 0, 1, 0, 1])
        #expect(throws: DecodeError.self) { try DNSResponse(decoding: tooLong) }
    }
}
