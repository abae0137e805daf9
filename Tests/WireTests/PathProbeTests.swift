// SPDX-License-Identifier: Apache-2.0
import Testing
import Wire

@Suite struct PathProbeTests {
    private static let key = SipKey(k0: 0x0123_4567_89AB_CDEF, k1: 42)
    private static let probe = PathProbe(
        hearsPeer: true,
        isFromAnchor: false,
        interval: 1000,
        bindingIdentifier: 7,
        sentAt: 0x1122_3344_5566_7788,
        echo: 99,
        heldFor: 123_456
    )

    private func decode(_ octets: [UInt8], key: SipKey = key) -> PathProbe? { PathProbe(octets.span.bytes, key: key) }

    @Test(arguments: [false, true], [false, true]) func roundTrip(hears: Bool, anchor: Bool) {
        var probe = Self.probe
        probe.hearsPeer = hears
        probe.isFromAnchor = anchor
        #expect(decode(probe.octets(key: Self.key)) == probe)
        #expect(probe.octets(key: Self.key)[1] == (hears ? 0x80 : 0) | (anchor ? 0x40 : 0))
    }

    @Test func layoutIsAsDocumented() {
        let octets = Self.probe.octets(key: Self.key)
        #expect(octets.count == PathProbe.length)
        #expect(
            Array(octets.prefix(32)) == [
                1, 0x80, 0x03, 0xE8, 7, 0, 0, 0, 0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77, 0x88,
            ]
                + [0, 0, 0, 0, 0, 0, 0, 99] + [0, 1, 0xE2, 0x40] + [0, 0, 0, 0]
        )
    }

    @Test func everyChangedBitIsNoticed() {
        let octets = Self.probe.octets(key: Self.key)
        for position in octets.indices {
            for bit in 0..<8 {
                var forged = octets
                forged[position] ^= 1 << UInt8(bit)
                #expect(decode(forged) == nil)
            }
        }
    }

    @Test func anotherKeyOrLengthIsRefused() {
        let octets = Self.probe.octets(key: Self.key)
        #expect(decode(octets, key: SipKey(k0: Self.key.k0, k1: 43)) == nil)
        for count in 0..<octets.count { #expect(decode(Array(octets.prefix(count))) == nil) }
        #expect(decode(octets + [0]) == nil)
    }

    @Test func anotherVersionIsRefusedEvenIfTaggedRight() {
        var octets = Array(Self.probe.octets(key: Self.key).prefix(32))
        octets[0] = 2
        let tag = SipHash.tag(of: octets, key: Self.key)
        #expect(decode(octets + (0..<8).map { UInt8(truncatingIfNeeded: tag >> UInt64(56 - 8 * $0)) }) == nil)
    }

    @Test func randomOctetsNeverTrap() {
        var generator = SeededGenerator()
        for index in 0..<1000 {
            let octets = generator.octets(Int.random(in: 0...48, using: &generator))
            #expect(decode(octets) == nil, "seed \(generator.seed), case \(index)")
        }
    }
}
