// SPDX-License-Identifier: Apache-2.0
import Forwarding
import Testing
import Wire

@Suite struct EncapsulationTests {
    // One inner packet, 2001:db8:1234:1::10 > 2001:db8:ffff::80 the other way round, as an independent tool built it.
    static let inner = Packets.octets(
        """
        60 00 00 00 00 0b 11 40 20 01 0d b8 ff ff 00 00 00 00 00 00 00 00 00 80 20 01 0d b8
        12 34 00 01 00 00 00 00 00 00 00 10 0f a0 0f a1 00 0b d2 f1 69 6e 36
        """
    )

    private func anchor(_ encapsulation: PathNumber, _ distribution: Distribution) -> Peer {
        let anchor = Peer(.anchor)
        let now = Instant.zero
        anchor.apply(
            .installSession(
                1,
                SessionParameters(
                    prefixes: [prefix("2001:db8:1234::/48")],
                    sendKey: 0x0A0B_0C01,
                    receiveKey: 7,
                    distribution: distribution
                )
            ),
            at: now
        )
        anchor.apply(.installPath(encapsulation, Pair.path(encapsulation, isUp: false)), at: now)
        return anchor
    }

    @Test func greHasKeyAndSequenceNumberAsDrawn() {
        let anchor = anchor(1, .perPacket(reorderTimeout: .milliseconds(100)))
        anchor.fromTUN(Self.inner, at: .zero)
        #expect(anchor.sent.map(\.octets) == [Packets.octets("30 00 86 dd 0a 0b 0c 01 00 00 00 00") + Self.inner])
    }

    @Test func udpHasATLVHeaderInFrontOfGRE() {
        let anchor = anchor(2, .perPacket(reorderTimeout: .milliseconds(100)))
        for _ in 0..<3 { anchor.fromTUN(Self.inner, at: .zero) }
        let expected = Packets.octets("00 2f 00 3f 30 00 86 dd 0a 0b 0c 01 00 00 00 02") + Self.inner
        #expect(anchor.sent.last?.octets == expected)
    }

    @Test func perFlowSendsNoSequenceNumber() {
        let anchor = anchor(1, .perFlow)
        anchor.fromTUN(Self.inner, at: .zero)
        #expect(anchor.sent.map(\.octets) == [Packets.octets("20 00 86 dd 0a 0b 0c 01") + Self.inner])
    }

    @Test func innerIPv4HasItsOwnProtocolType() {
        let pair = Pair(hasProbes: false)
        let packet = Packets.udp("10.1.0.5", "192.0.2.200")
        pair.gateway.fromTUN(packet, at: pair.now)
        let gre = pair.gateway.sent[0].octets
        #expect(gre.suffix(packet.count).elementsEqual(packet))
        #expect(Array(gre.dropLast(packet.count).suffix(6)) == [0x08, 0x00, 0x0A, 0x0B, 0x0C, 0x01])
    }

    @Test func overheadIsThatOfKeyAndSequenceNumber() {
        let expected: [(Encapsulation, hasKey: Bool, ipv6: Int, ipv4: Int)] = [
            (.ipInIP, false, 40, 20), (.gre, false, 48, 28), (.gre, true, 52, 32), (.udp, false, 48, 28),
            (.udpTLV, true, 52, 32), (.udpTLVGRE, false, 60, 40), (.udpTLVGRE, true, 64, 44),
        ]
        for (encapsulation, hasKey, ipv6, ipv4) in expected {
            #expect(encapsulation.overhead(outerIsIPv4: false, hasKey: hasKey) == ipv6, "\(encapsulation)")
            #expect(encapsulation.overhead(outerIsIPv4: true, hasKey: hasKey) == ipv4, "\(encapsulation)")
        }
    }

    @Test func octetsBehindThePacketAreCutOff() {
        let pair = Pair(hasProbes: false)
        let packet = Packets.udp("2001:db8:1234::1", "2001:db8:ffff::80")
        pair.up(packet + [9, 9, 9])
        pair.passes(50)
        #expect(pair.anchor.delivered == [packet])
    }

    @Test func aChecksumInTheGREHeaderHasToBeRight() {
        let pair = Pair(hasProbes: false)
        let packet = Packets.udp("2001:db8:1234::1", "2001:db8:ffff::80")
        var writer = ByteWriter()
        writer.bytes(Packets.octets("a0 00 86 dd 00 00 00 00 0a 0b 0c 01") + packet)
        var checksum = Checksum()
        checksum.add(writer.octets)
        writer.patch(uint16: checksum.value, at: 4)
        pair.anchor.fromTunnel(writer.octets, Pair.arrival(1, isUp: true), at: pair.now)
        #expect(pair.anchor.delivered == [packet])
        writer.patch(uint16: checksum.value &+ 1, at: 4)
        pair.anchor.fromTunnel(writer.octets, Pair.arrival(1, isUp: true), at: pair.now)
        #expect(pair.anchor.drops[.malformed] == 1)
    }

    @Test func whatWasNotAgreedUponIsRefused() {
        let pair = Pair(hasProbes: false)
        let packet = Packets.udp("2001:db8:1234::1", "2001:db8:ffff::80")
        // Plain UDP, and a TLV header alone, where the session has a key.
        let tlv = UDPTLVHeader(nextHeader: IPProtocol.ipv6, payloadLength: packet.count).octets
        for octets in [packet, tlv + packet] {
            pair.anchor.fromTunnel(octets, Pair.arrival(2, isUp: true), at: pair.now)
        }
        #expect(pair.anchor.drops[.wrongOuterAddress] == 2)
        // Neither an IP packet nor a TLV header; a TLV header in front of something else.
        pair.anchor.fromTunnel([0x50] + packet, Pair.arrival(2, isUp: true), at: pair.now)
        #expect(pair.anchor.drops[.malformed] == 1)
        pair.anchor.fromTunnel([0, 17, 0, 1, 9], Pair.arrival(2, isUp: true), at: pair.now)
        #expect(pair.anchor.drops[.unknownProtocol] == 1)
        #expect(pair.anchor.delivered.isEmpty)
    }
}
