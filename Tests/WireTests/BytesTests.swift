// SPDX-License-Identifier: Apache-2.0
import Testing
import Wire

@Suite struct BitFieldTests {
    @Test func bitsAreCountedFromTheLeft() {
        let first = BitField<UInt8>(first: 0)
        let last = BitField<UInt8>(first: 7)
        #expect(first.isSet(0x80) && !first.isSet(0x7F))
        #expect(last.isSet(0x01) && !last.isSet(0xFE))
        let middle = BitField<UInt16>(first: 3, width: 5)
        #expect(middle.get(0b0001_1111_0000_0000) == 0b11111)
        #expect(middle.get(0b1110_0000_1111_1111) == 0)
    }

    @Test func settingLeavesTheOtherBitsAlone() {
        let field = BitField<UInt16>(first: 3, width: 5)
        var word: UInt16 = 0xFFFF
        field.set(0, in: &word)
        #expect(word == 0b1110_0000_1111_1111)
        field.set(0b10101, in: &word)
        #expect(word == 0b1111_0101_1111_1111)
        field.set(0xFFE0, in: &word)
        #expect(word == 0b1110_0000_1111_1111, "what does not fit is cut")
    }

    @Test func aFieldMayBeTheWholeWord() {
        let field = BitField<UInt32>(first: 0, width: 32)
        var word: UInt32 = 0
        field.set(UInt32.max, in: &word)
        #expect(word == .max && field.get(word) == .max)
    }
}

@Suite struct ByteReaderTests {
    @Test func readsBigEndianFrontToBack() throws {
        var reader = ByteReader((0..<20).map { UInt8($0) })
        #expect(try reader.octet("a") == 0)
        #expect(try reader.uint16("b") == 0x0102)
        #expect(try reader.uint32("c") == 0x0304_0506)
        #expect(try reader.uint64("d") == 0x0708_090A_0B0C_0D0E)
        #expect(try reader.octets(2, "e") == [15, 16])
        #expect(reader.offset == 17 && reader.remaining == 3)
        #expect(reader.rest() == [17, 18, 19])
        #expect(reader.isAtEnd)
        try reader.finish("f")
    }

    @Test func pastTheEndIsAnErrorThatMovesNothing() {
        var reader = ByteReader([1, 2, 3])
        let error = DecodeError(.truncated, field: "x", offset: 0)
        #expect(throws: error) { try reader.uint32("x") }
        #expect(throws: error) { try reader.uint64("x") }
        #expect(throws: error) { try reader.octets(4, "x") }
        #expect(throws: error) { try reader.octets(-1, "x") }
        #expect(throws: error) { try reader.octets(.max, "x") }
        #expect(throws: error) { try reader.skip(.max, "x") }
        #expect(throws: error) { try reader.skip(-1, "x") }
        #expect(throws: error) { try reader.slice(4, "x") }
        #expect(throws: DecodeError(.trailingOctets(3), field: "x", offset: 0)) { try reader.finish("x") }
        #expect(reader.offset == 0)
        _ = reader.rest()
        #expect(throws: DecodeError(.truncated, field: "x", offset: 3)) { try reader.octet("x") }
        #expect(throws: DecodeError(.truncated, field: "x", offset: 3)) { try reader.uint16("x") }
        #expect(reader.rest().isEmpty)
    }

    @Test func aSliceEndsWhereItShouldAndNamesPlacesInTheWhole() throws {
        var reader = ByteReader([1, 2, 3, 4])
        try reader.skip(1, "x")
        var slice = try reader.slice(2, "x")
        #expect(reader.offset == 3)
        #expect(try slice.uint16("y") == 0x0203)
        #expect(throws: DecodeError(.truncated, field: "y", offset: 3)) { try slice.octet("y") }
    }

    @Test func errorsReadAsSentences() {
        #expect(DecodeError(.truncated, field: "SPI", offset: 9).description == "SPI ends too early (octet 9)")
        #expect(DecodeError(.badValue(3), field: "A", offset: 1).description == "A has the unusable value 3 (octet 1)")
    }
}

@Suite struct ByteWriterTests {
    @Test func writesBigEndianAndPatches() {
        var writer = ByteWriter()
        writer.octet(1)
        writer.uint16(0x0203)
        writer.uint32(0x0405_0607)
        writer.uint64(0x0809_0A0B_0C0D_0E0F)
        writer.zeros(2)
        writer.zeros(-3)
        #expect(writer.octets == (1...15).map { UInt8($0) } + [0, 0])
        writer.patch(uint16: 0xAABB, at: 0)
        writer.patch(octet: 0xCC, at: 16)
        #expect(writer.octets.prefix(2) == [0xAA, 0xBB] && writer.octets.last == 0xCC)
        let before = writer.octets
        writer.patch(uint16: 1, at: 16)
        writer.patch(uint16: 1, at: -1)
        writer.patch(octet: 1, at: 17)
        #expect(writer.octets == before)
    }
}

@Suite struct RawSpanTests {
    @Test func readsOutsideAreNil() {
        let octets = (0..<8).map { UInt8($0) }
        let span = octets.span.bytes
        #expect(span.octet(at: 7) == 7 && span.octet(at: 8) == nil && span.octet(at: -1) == nil)
        #expect(span.uint16(at: 6) == 0x0607 && span.uint16(at: 7) == nil && span.uint16(at: -1) == nil)
        #expect(span.uint32(at: 4) == 0x0405_0607 && span.uint32(at: 5) == nil && span.uint32(at: .min) == nil)
        #expect(
            span.uint64(at: 0) == 0x0001_0203_0405_0607 && span.uint64(at: 1) == nil && span.uint64(at: .max) == nil
        )
        #expect(span.octets(2..<4) == [2, 3] && span.octets(7..<9) == nil && span.octets(-1..<2) == nil)
        #expect(span.ipv6Address(at: 0) == nil && span.ipv6Address(at: .max) == nil)
        let none: [UInt8] = []
        #expect(none.span.bytes.uint16(at: 0) == nil)
    }
}

@Suite struct ChecksumTests {
    private func sum(_ octets: [UInt8]) -> UInt16 {
        var checksum = Checksum()
        checksum.add(octets)
        return checksum.value
    }

    /// RFC 1071 §3: 0001 f203 f4f5 f6f7 add up to ddf2.
    @Test func exampleOfRFC1071() { #expect(sum([0x00, 0x01, 0xF2, 0x03, 0xF4, 0xF5, 0xF6, 0xF7]) == ~0xDDF2) }

    @Test func oddLastOctetIsPaddedWithZero() {
        #expect(sum([0x12]) == ~0x1200)
        #expect(sum([0x00, 0x01, 0xF2]) == sum([0x00, 0x01, 0xF2, 0x00]))
        #expect(sum([]) == 0xFFFF)
    }

    @Test func carriesAreAddedBack() {
        #expect(sum([UInt8](repeating: 0xFF, count: 4000)) == 0)
        #expect(sum([0xFF, 0xFF, 0x00, 0x01]) == ~0x0001)
    }

    @Test func wordsAndAddressesCountLikeTheirOctets() {
        let six = IPv6Address("2001:db8:1:2:fedc:ba98:7654:3210") ?? .zero
        let four = IPv4Address(198, 51, 100, 2)
        var checksum = Checksum()
        checksum.add(six)
        checksum.add(four)
        checksum.add(UInt16(0xABCD))
        checksum.add(UInt32(0x89AB_CDEF))
        #expect(checksum.value == sum(six.octets + four.octets + [0xAB, 0xCD, 0x89, 0xAB, 0xCD, 0xEF]))
    }

    @Test func fieldFilledInMakesTheSumZero() {
        var generator = SeededGenerator()
        for _ in 0..<1000 {
            var octets = generator.octets(2 * Int.random(in: 1...40, using: &generator))
            octets[0] = 0
            octets[1] = 0
            let value = sum(octets)
            octets[0] = UInt8(value >> 8)
            octets[1] = UInt8(value & 0xFF)
            #expect(sum(octets) == 0, "seed \(generator.seed)")
        }
    }
}
