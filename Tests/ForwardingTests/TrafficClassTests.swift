// SPDX-License-Identifier: Apache-2.0
import Forwarding
import Testing
import Wire

/// RFC 6040 and RFC 2983.
@Suite struct TrafficClassTests {
    private static let notECT: UInt8 = 0
    private static let ect1: UInt8 = 1
    private static let ect0: UInt8 = 2
    private static let ce: UInt8 = 3
    private static let expeditedForwarding: UInt8 = 46 << 2

    /// A packet with this traffic class, and a right checksum.
    private func packet(isIPv4: Bool, _ trafficClass: UInt8) -> [UInt8] {
        var octets = isIPv4 ? Tunnel.inner4 : Tunnel.inner6
        if isIPv4 {
            octets[1] = trafficClass
            octets[10] = 0
            octets[11] = 0
            var checksum = Checksum()
            checksum.add(Array(octets[..<20]))
            octets[10] = UInt8(checksum.value >> 8)
            octets[11] = UInt8(truncatingIfNeeded: checksum.value)
        } else {
            octets[0] = 0x60 | trafficClass >> 4
            octets[1] = octets[1] & 0x0F | trafficClass << 4
        }
        return octets
    }

    @Test(arguments: Tunnel.Kind.all) func theOuterHeaderGetsTheInnerTrafficClass(_ kind: Tunnel.Kind) {
        let tunnel = Tunnel(kind)
        for trafficClass in [0, Self.ect0, Self.ect1, Self.ce, Self.expeditedForwarding | Self.ect0] {
            for isIPv4 in [false, true] {
                tunnel.gateway.fromTUN(packet(isIPv4: isIPv4, trafficClass), at: tunnel.now)
                let sent = tunnel.gateway.takeSent().last { $0.octets.count != 40 && $0.octets.count != 80 }
                #expect(sent?.trafficClass == trafficClass, "\(trafficClass)")
            }
        }
    }

    @Test func marksStayOutsideWhereThePeerMayNotKnowThem() {
        let tunnel = Tunnel(Tunnel.Kind(encapsulation: .gre, outerIsIPv4: false), hasProbes: false)
        tunnel.gateway.fromTUN(packet(isIPv4: true, Self.expeditedForwarding | Self.ect0), at: tunnel.now)
        #expect(tunnel.gateway.sent.last?.trafficClass == Self.expeditedForwarding)
    }

    @Test(arguments: [false, true]) func whatLeavesTheTunnelIsMarkedByTheTable(isIPv4: Bool) {
        // RFC 6040 figure 4; rows: inner, columns: outer Not-ECT, ECT(0), ECT(1), CE.
        let outers = [Self.notECT, Self.ect0, Self.ect1, Self.ce]
        let table: [(inner: UInt8, [UInt8?])] = [
            (Self.notECT, [0, 0, 0, nil]), (Self.ect0, [Self.ect0, Self.ect0, Self.ect1, Self.ce]),
            (Self.ect1, [Self.ect1, Self.ect1, Self.ect1, Self.ce]), (Self.ce, [Self.ce, Self.ce, Self.ce, Self.ce]),
        ]
        let tunnel = Tunnel(Tunnel.Kind(encapsulation: .ipInIP, outerIsIPv4: true))
        for (inner, results) in table {
            for (outer, result) in zip(outers, results) {
                let codePoint: UInt8 = 10 << 2
                // The outer code point is not looked at.
                let arrival = tunnel.arrival(
                    isUp: true,
                    isIPv4: isIPv4,
                    trafficClass: Self.expeditedForwarding | outer
                )
                let octets = packet(isIPv4: isIPv4, codePoint | inner)
                tunnel.anchor.fromTunnel(octets, arrival, at: tunnel.now)
                let expected = result.map { [packet(isIPv4: isIPv4, codePoint | $0)] } ?? []
                #expect(tunnel.anchor.takeDelivered() == expected, "inner \(inner), outer \(outer)")
            }
        }
        #expect(tunnel.anchor.drops[.congestionMarked] == 1)
        #expect(tunnel.anchor.leaked == 0)
    }
}
