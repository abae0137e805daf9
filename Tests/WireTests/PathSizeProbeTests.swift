// SPDX-License-Identifier: Apache-2.0
import Testing
import Wire

@Suite struct PathSizeProbeTests {
    private static let key = SipKey(k0: 0x0123_4567_89AB_CDEF, k1: 42)

    private static func probe(isAnswer: Bool = false, size: UInt16 = 1400) -> PathSizeProbe {
        PathSizeProbe(
            isAnswer: isAnswer,
            isFromAnchor: true,
            size: size,
            bindingIdentifier: 7,
            number: 0x1122_3344_5566_7788
        )
    }

    private func decode(_ octets: [UInt8], key: SipKey = key) -> PathSizeProbe? {
        PathSizeProbe(octets.span.bytes, key: key)
    }

    @Test func aProbeIsAsLongAsItSaysAndItsAnswerIsShort() {
        for size in [24, 25, 1400, 1920] as [UInt16] {
            let octets = Self.probe(size: size).octets(key: Self.key)
            #expect(octets.count == Int(size))
            #expect(decode(octets) == Self.probe(size: size))
            let answer = Self.probe(isAnswer: true, size: size).octets(key: Self.key)
            #expect(answer.count == 24)
            #expect(decode(answer) == Self.probe(isAnswer: true, size: size))
        }
    }

    @Test func layoutIsAsDocumented() {
        let octets = Self.probe().octets(key: Self.key)
        #expect(
            Array(octets.prefix(16)) == [
                3, 0x40, 0x05, 0x78, 7, 0, 0, 0, 0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77, 0x88,
            ]
        )
        #expect(octets.dropFirst(24).allSatisfy { $0 == 0 })
        #expect(Self.probe(isAnswer: true).octets(key: Self.key)[1] == 0xC0)
    }

    @Test func everyChangedBitIsNoticed() {
        for isAnswer in [false, true] {
            let octets = Self.probe(isAnswer: isAnswer).octets(key: Self.key)
            for position in 0..<PathSizeProbe.length {
                for bit in 0..<8 {
                    var forged = octets
                    forged[position] ^= 1 << UInt8(bit)
                    #expect(decode(forged) == nil)
                }
            }
            #expect(decode(octets, key: SipKey(k0: 1, k1: 2)) == nil)
        }
    }

    /// Else somebody could have a small packet prove a large one.
    @Test func oneThatIsCutOrPaddedProvesNothing() {
        let octets = Self.probe().octets(key: Self.key)
        for length in 0..<octets.count { #expect(decode(Array(octets.prefix(length))) == nil) }
        #expect(decode(octets + [0]) == nil)
        #expect(decode(Self.probe(isAnswer: true).octets(key: Self.key) + [0]) == nil)
    }

    @Test func theThreeVersionsAreNeverTakenForEachOther() {
        let octets = Self.probe(size: UInt16(PathProbe.length)).octets(key: Self.key)
        let claims = PathSizeProbe.claims(octets.span.bytes)
        let (probe, report) = (
            PathProbe(octets.span.bytes, key: Self.key), PathReport(octets.span.bytes, key: Self.key)
        )
        #expect(claims && probe == nil && report == nil)
    }
}
