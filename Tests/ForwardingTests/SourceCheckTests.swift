// SPDX-License-Identifier: Apache-2.0
import Forwarding
import Testing
import Wire

@Suite struct SourceCheckTests {
    let pair = Pair(hasProbes: false)
    let inside = "2001:db8:1234::1"
    let outside = "2001:db8:ffff::80"

    private func gre(_ key: UInt32, _ packet: [UInt8], type: UInt16 = GREHeader.ipv6) -> [UInt8] {
        GREHeader(protocolType: type, key: key).octets + packet
    }

    @Test func bothWaysArriveUnchanged() {
        let up = [Packets.udp(inside, outside), Packets.udp("10.1.2.3", "198.51.100.9")]
        let down = [Packets.udp(outside, inside), Packets.udp("198.51.100.9", "10.1.2.3")]
        up.forEach(pair.up)
        down.forEach(pair.down)
        pair.passes(50)
        #expect(pair.anchor.delivered == up)
        #expect(pair.gateway.delivered == down)
        #expect(pair.anchor.drops.total == 0 && pair.gateway.drops.total == 0)
    }

    @Test func gatewayTunnelsOnlyFromItsPrefixes() {
        pair.up(Packets.udp("2001:db8:5555::1", outside))
        pair.up(Packets.udp("10.2.0.1", "198.51.100.9"))
        #expect(pair.gateway.drops[.noSession] == 2)
        #expect(pair.gateway.sent.isEmpty)
    }

    @Test func anchorTunnelsOnlyToItsPrefixes() {
        pair.down(Packets.udp(outside, "2001:db8:5555::1"))
        #expect(pair.anchor.drops[.noSession] == 1)
    }

    @Test func linkLocalAndMulticastStayOnTheirLink() {
        for (source, destination) in [
            ("fe80::1", outside), (inside, "ff02::1"), ("::", outside), (inside, "fe80::1"),
            ("169.254.1.1", "198.51.100.9"), ("10.1.0.1", "224.0.0.1"), ("10.1.0.1", "255.255.255.255"),
        ] {
            pair.up(Packets.udp(source, destination))
        }
        #expect(pair.gateway.drops[.notForwardable] == 7)
    }

    /// They come out of the anchor's TUN device when two of its sites talk.
    @Test func redirectsOfTheKernelGoNowhere() {
        let (router, host) = (address("192.0.2.1"), address("10.1.2.3"))
        for (type, drops) in [(UInt8(5), 1), (UInt8(3), 1)] {
            pair.down(Packets.wrap(router, host, IPProtocol.icmp, [type, 1, 0, 0, 10, 9, 9, 9]))
            #expect(pair.anchor.drops[.notForwardable] == drops)
        }
        pair.passes(50)
        #expect(pair.gateway.delivered.count == 1)
    }

    @Test func anchorRefusesASpoofedInnerSource() {
        pair.anchor.fromTunnel(
            gre(Pair.upKey, Packets.udp("2001:db8:5555::1", outside)),
            Pair.arrival(1, isUp: true),
            at: pair.now
        )
        #expect(pair.anchor.drops[.spoofedSource] == 1)
        #expect(pair.anchor.delivered.isEmpty)
    }

    @Test func anchorRefusesTheSourceOfAnotherSession() {
        var other = Pair.session(.perFlow, isUp: false)
        other.prefixes = [prefix("2001:db8:5555::/48")]
        other.receiveKey = 99
        pair.anchor.apply(.installSession(2, other), at: pair.now)
        pair.anchor.fromTunnel(
            gre(Pair.upKey, Packets.udp("2001:db8:5555::1", outside)),
            Pair.arrival(1, isUp: true),
            at: pair.now
        )
        #expect(pair.anchor.drops[.spoofedSource] == 1)
    }

    @Test func gatewayRefusesAForeignInnerDestination() {
        pair.gateway.fromTunnel(
            gre(Pair.downKey, Packets.udp(outside, "2001:db8:5555::1")),
            Pair.arrival(1, isUp: false),
            at: pair.now
        )
        #expect(pair.gateway.drops[.foreignDestination] == 1)
    }

    @Test func anUnknownKeyIsRefused() {
        let packet = Packets.udp(inside, outside)
        pair.anchor.fromTunnel(gre(0xBAD, packet), Pair.arrival(1, isUp: true), at: pair.now)
        pair.anchor.fromTunnel(
            GREHeader(protocolType: GREHeader.ipv6).octets + packet,
            Pair.arrival(1, isUp: true),
            at: pair.now
        )
        #expect(pair.anchor.drops[.unknownKey] == 2)
    }

    @Test func theRightKeyFromAnotherAddressIsRefused() {
        var arrival = Pair.arrival(1, isUp: true)
        arrival.remote = address("2001:db8:bad::1")
        pair.anchor.fromTunnel(gre(Pair.upKey, Packets.udp(inside, outside)), arrival, at: pair.now)
        #expect(pair.anchor.drops[.wrongOuterAddress] == 1)
    }

    @Test func theRightAddressesWithAnotherTransportAreRefused() {
        var arrival = Pair.arrival(2, isUp: true)
        arrival.transport = .gre
        pair.anchor.fromTunnel(gre(Pair.upKey, Packets.udp(inside, outside)), arrival, at: pair.now)
        #expect(pair.anchor.drops[.wrongOuterAddress] == 1)
    }

    @Test func protocolTypeAndPacketMustAgree() {
        let arrival = Pair.arrival(1, isUp: true)
        let packet = Packets.udp(inside, outside)
        pair.anchor.fromTunnel(gre(Pair.upKey, packet, type: GREHeader.ipv4), arrival, at: pair.now)
        #expect(pair.anchor.drops[.malformed] == 1)
        pair.anchor.fromTunnel(gre(Pair.upKey, packet, type: 0x6558), arrival, at: pair.now)
        #expect(pair.anchor.drops[.unknownProtocol] == 1)
    }

    @Test func theLongestPrefixDecides() {
        var other = Pair.session(.perFlow, isUp: false)
        other.prefixes = [prefix("2001:db8:1234:8000::/49")]
        other.receiveKey = 99
        other.sendKey = 77
        pair.anchor.apply(.installSession(2, other), at: pair.now)
        var path = Pair.path(3, isUp: false)
        path.session = 2
        pair.anchor.apply(.installPath(3, path), at: pair.now)
        pair.anchor.fromTUN(Packets.udp(outside, "2001:db8:1234:8000::1"), at: pair.now)
        pair.anchor.fromTUN(Packets.udp(outside, "2001:db8:1234:7fff::1"), at: pair.now)
        #expect(pair.anchor.sent.map { $0.path == 3 } == [true, false])
        pair.anchor.apply(.removeSession(2), at: pair.now)
        pair.anchor.fromTUN(Packets.udp(outside, "2001:db8:1234:8000::1"), at: pair.now)
        #expect(pair.anchor.sent.last?.path != 3)
        #expect(pair.anchor.leaked == 0)
    }
}
