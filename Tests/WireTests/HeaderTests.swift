// SPDX-License-Identifier: Apache-2.0
import Testing
import Wire

@Suite struct HeaderTests {
    private static let a4 = IPv4Address(192, 0, 2, 1)
    private static let b4 = IPv4Address(198, 51, 100, 2)
    private static let a6 = IPv6Address("2001:db8::1") ?? .zero
    private static let b6 = IPv6Address("2001:db8::2") ?? .zero

    private func ipv4(_ octets: [UInt8]) -> IPv4Header? { IPv4Header(octets.span.bytes) }
    private func ipv6(_ octets: [UInt8]) -> IPv6Header? { IPv6Header(octets.span.bytes) }
    private func gre(_ octets: [UInt8]) -> GREHeader? { GREHeader(octets.span.bytes) }
    private func udp(_ octets: [UInt8]) -> UDPHeader? { UDPHeader(octets.span.bytes) }
    private func tlv(_ octets: [UInt8]) -> UDPTLVHeader? { UDPTLVHeader(octets.span.bytes) }

    // MARK: - IPv4

    @Test func ipv4RoundTripWithRightChecksum() throws {
        var header = IPv4Header(source: Self.a4, destination: Self.b4, protocolNumber: 17, payloadLength: 5)
        header.typeOfService = 0xB9
        header.identification = 0x1234
        header.dontFragment = false
        header.moreFragments = true
        header.fragmentOffset = 1480
        #expect(ipv4(header.octets + [1, 2, 3, 4, 5]) == header)
        #expect(header.isFragment)
        var checksum = Checksum()
        checksum.add(header.octets)
        #expect(checksum.value == 0)
    }

    @Test func ipv4OptionsAreCountedAsHeader() throws {
        var octets = IPv4Header(source: Self.a4, destination: Self.b4, protocolNumber: 17, payloadLength: 4).octets
        octets[0] = 0x46
        #expect(ipv4(octets + [1, 1, 1, 1])?.headerLength == 24)
        octets[0] = 0x47
        #expect(ipv4(octets + [1, 1, 1, 1]) == nil, "header longer than the packet")
        octets[0] = 0x44
        #expect(ipv4(octets + [1, 1, 1, 1]) == nil, "header shorter than a header")
    }

    @Test func ipv4IsRefusedUnlessWhole() {
        let octets = IPv4Header(source: Self.a4, destination: Self.b4, protocolNumber: 17, payloadLength: 4).octets
        let whole = octets + [1, 2, 3, 4]
        for count in 0..<whole.count { #expect(ipv4(Array(whole.prefix(count))) == nil) }
        #expect(ipv4(whole + [9])?.totalLength == 24)
        var wrong = whole
        wrong[0] = 0x65
        #expect(ipv4(wrong) == nil)
    }

    // MARK: - IPv6

    @Test func ipv6RoundTrip() {
        var header = IPv6Header(source: Self.a6, destination: Self.b6, nextHeader: 47, payloadLength: 3, hopLimit: 9)
        header.trafficClass = 0xAB
        header.flowLabel = 0xFEDCB
        let whole = header.octets + [1, 2, 3]
        #expect(ipv6(whole) == header)
        for count in 0..<whole.count { #expect(ipv6(Array(whole.prefix(count))) == nil) }
        #expect(ipv6(whole + [9])?.payloadLength == 3)
        #expect(ipv6([0x45] + whole.dropFirst()) == nil)
    }

    // MARK: - UDP and TLV

    @Test func udpRoundTrip() {
        let header = UDPHeader(sourcePort: 5436, destinationPort: 40000, payloadLength: 2, checksum: 0xBEEF)
        let whole = header.octets + [1, 2]
        #expect(udp(whole) == header)
        for count in 0..<whole.count { #expect(udp(Array(whole.prefix(count))) == nil) }
        for length in [0, 7] as [UInt8] {
            var short = whole
            short[5] = length
            #expect(udp(short) == nil)
        }
    }

    @Test(arguments: [0, 1, 2, 3, 64, 65]) func udpChecksumIsRightAndNeverZero(count: Int) {
        for (source, destination) in [(IPAddress.v4(Self.a4), IPAddress.v4(Self.b4)), (.v6(Self.a6), .v6(Self.b6))] {
            let payload = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 37) }
            let octets = UDPHeader.datagram(from: (source, 5436), to: (destination, 9), payload: payload)
            var checksum = Checksum()
            checksum.addPseudoHeader(source: source, destination: destination, protocolNumber: 17, length: octets.count)
            checksum.add(octets)
            #expect(checksum.value == 0)
            #expect(udp(octets)?.checksum != 0)
        }
    }

    @Test func udpSumOfZeroGoesOutAsAllOnes() {
        for word in UInt16.min...UInt16.max {
            let payload = [UInt8(word >> 8), UInt8(word & 0xFF)]
            let octets = UDPHeader.datagram(from: (.v4(.zero), 0), to: (.v4(.zero), 0), payload: payload)
            guard octets[6] == 0xFF, octets[7] == 0xFF else { continue }
            return
        }
        Issue.record("no payload led to a sum of zero")
    }

    @Test func tlvRoundTripAndExactLength() {
        let header = UDPTLVHeader(nextHeader: 47, payloadLength: 3)
        #expect(header.octets == [0, 47, 0, 3])
        #expect(tlv(header.octets + [1, 2, 3]) == header)
        #expect(tlv(header.octets + [1, 2]) == nil)
        #expect(tlv(header.octets + [1, 2, 3, 4]) == nil)
        #expect(tlv([0x0F, 47, 0, 0]) == UDPTLVHeader(nextHeader: 47, payloadLength: 0), "reserved bits are ignored")
        for first in [0x10, 0x45, 0x60] as [UInt8] { #expect(tlv([first, 47, 0, 0]) == nil) }
        for count in 0..<4 { #expect(tlv([UInt8](repeating: 0, count: count)) == nil) }
    }

    // MARK: - GRE

    @Test(arguments: [nil, 0, 0xDEAD_BEEF] as [UInt32?], [nil, 0, UInt32.max] as [UInt32?])
    func greWithEveryCombinationOfChecksumKeyAndSequence(key: UInt32?, sequence: UInt32?) {
        let header = GREHeader(protocolType: GREHeader.ipv6, key: key, sequence: sequence)
        #expect(gre(header.octets) == header)
        #expect(header.octets.count == header.length)
        for checksum in [false, true] {
            var octets = header.octets
            if checksum {
                octets[0] |= 0x80
                octets.insert(contentsOf: [0x12, 0x34, 0, 0], at: 4)
            }
            let decoded = gre(octets)
            #expect(decoded?.key == key)
            #expect(decoded?.sequence == sequence)
            #expect(decoded?.hasChecksum == checksum)
            #expect(decoded?.length == octets.count)
            for count in 0..<octets.count { #expect(gre(Array(octets.prefix(count))) == nil) }
        }
    }

    @Test(arguments: 0..<16) func greForbiddenBitsAreRefusedAndReservedOnesIgnored(bit: Int) {
        let flags = UInt16(0x8000) >> UInt16(bit)
        let octets = [UInt8(flags >> 8), UInt8(flags & 0xFF), 0x08, 0x00] + [UInt8](repeating: 0, count: 12)
        // RFC 2784 §2.3: bits 1 to 5 but K and S; the last three are the version.
        let forbidden = [1, 4, 5, 13, 14, 15]
        #expect((gre(octets) == nil) == forbidden.contains(bit))
    }

    // MARK: - Random octets

    @Test func randomAndMutatedOctetsNeverTrap() {
        var generator = SeededGenerator()
        let seeds: [[UInt8]] = [
            IPv4Header(source: Self.a4, destination: Self.b4, protocolNumber: 6, payloadLength: 40).octets
                + [UInt8](repeating: 7, count: 40),
            IPv6Header(source: Self.a6, destination: Self.b6, nextHeader: 0, payloadLength: 24).octets
                + [44, 0, 1, 4, 0, 0, 0, 0] + [17, 0, 0, 1, 0, 0, 0, 1] + [0, 7, 0, 8, 0, 8, 0, 0],
            UDPHeader(sourcePort: 1, destinationPort: 2, payloadLength: 0).octets,
            GREHeader(protocolType: 0x86DD, key: 1, sequence: 2).octets,
            UDPTLVHeader(nextHeader: 47, payloadLength: 0).octets,
        ]
        for index in 0..<1000 {
            for seed in seeds + [generator.octets(Int.random(in: 0...80, using: &generator))] {
                let octets = generator.mutation(of: seed)
                let packet = InnerPacket(octets.span.bytes)
                if let packet {
                    #expect(packet.length <= octets.count, "seed \(generator.seed), case \(index)")
                    #expect((packet.transportOffset ?? 0) <= packet.length, "seed \(generator.seed), case \(index)")
                    _ = FiveTuple(packet).description
                }
                if let header = ipv6(octets) {
                    #expect(header.octets == Array(octets.prefix(40)), "seed \(generator.seed), case \(index)")
                }
                if let header = udp(octets) {
                    #expect(header.octets == Array(octets.prefix(8)), "seed \(generator.seed), case \(index)")
                }
                if let header = gre(octets), !header.hasChecksum, octets[0] & 0x03 == 0, octets[1] & 0xF8 == 0 {
                    #expect(
                        header.octets == Array(octets.prefix(header.length)),
                        "seed \(generator.seed), case \(index)"
                    )
                }
                _ = (ipv4(octets)?.octets, tlv(octets)?.octets)
            }
        }
    }
}
