// SPDX-License-Identifier: Apache-2.0
import Forwarding
import Testing
import Wire

/// P9: the path MTU shrinks, and no router says so.
@Suite struct PathMTUTests {
    private let host = "10.1.0.1"
    private let server = "198.51.100.9"

    private func probes(_ pair: Pair, isUp: Bool, path: PathNumber) -> [[UInt8]] {
        pair.log.filter { $0.isUp == isUp && $0.path == path && Pair.isProbe($0.octets) }.map(\.octets)
    }

    private func bulk(_ pair: Pair, milliseconds: Int64) {
        for _ in 0..<(milliseconds / 10) {
            pair.up(Packets.udp(host, server, length: 1400))
            pair.down(Packets.udp(server, host, length: 1400))
            pair.passes(10)
        }
    }

    @Test func theTunnelsMTUFollowsTheNarrowestDirectionAtEachEnd() {
        let pair = Pair(.perPacket(reorderTimeout: .milliseconds(100)), hasSizeProbes: true)
        pair.passes(2000)
        #expect(pair.gateway.forwarder.tunnelMTU(of: 1) == 1448 && pair.anchor.forwarder.tunnelMTU(of: 1) == 1448)
        _ = pair.gateway.takeEvents()
        pair.links[1]?.mtuUp = 1400
        pair.links[2]?.mtuDown = 1280
        bulk(pair, milliseconds: 5000)
        #expect(pair.gateway.forwarder.tunnelMTU(of: 1) == 1348)
        #expect(pair.anchor.forwarder.tunnelMTU(of: 1) == 1280 - 44)
        #expect(pair.gateway.events.contains(.mtuChanged(1, 1348)))
        #expect(pair.gateway.path(1)?.mtu == 1400 && pair.gateway.path(2)?.mtu == 1500)
        // What does not fit is told of as ever.
        pair.up(Packets.udp("2001:db8:1234::1", "2001:db8:ffff::80", length: 1349))
        #expect(pair.gateway.answered.last.map { Array($0[44..<48]) } == [0, 0, 0x05, 0x44])
        // And no path is the worse for it.
        #expect(pair.conditions == Array(repeating: .alive, count: 4))
        #expect(pair.gateway.path(1)?.isUsable == true && pair.anchor.path(2)?.isUsable == true)
        for link in [1, 2] as [PathNumber] {
            pair.links[link]?.mtuUp = .max
            pair.links[link]?.mtuDown = .max
        }
        pair.passes(20_000)
        #expect(pair.gateway.forwarder.tunnelMTU(of: 1) == 1448 && pair.anchor.forwarder.tunnelMTU(of: 1) == 1448)
        #expect(pair.gateway.leaked == 0 && pair.anchor.leaked == 0)
    }

    /// Else a site that only downloads would tell its hosts a minute late.
    @Test func whatOneEndFindsTooLargeTheOtherTriesAtOnce() {
        let pair = Pair(.perPacket(reorderTimeout: .milliseconds(100)), hasSizeProbes: true)
        pair.passes(2000)
        for link in [1, 2] as [PathNumber] {
            pair.links[link]?.mtuUp = 1400
            pair.links[link]?.mtuDown = 1400
        }
        for _ in 0..<200 {
            pair.down(Packets.udp(server, host, length: 1400))
            pair.passes(20)
        }
        #expect(pair.anchor.forwarder.tunnelMTU(of: 1) == 1348 && pair.gateway.forwarder.tunnelMTU(of: 1) == 1348)
    }

    @Test(arguments: Tunnel.Kind.all) func aProbeHasTheSizeThatItSpeaksAbout(_ kind: Tunnel.Kind) {
        let tunnel = Tunnel(kind)
        var path = tunnel.path(isUp: true)
        path.hasSizeProbes = true
        tunnel.gateway.apply(.installPath(1, path), at: tunnel.now)
        let outer = (kind.outerIsIPv4 ? 20 : 40) + (kind.encapsulation.isUDP ? 8 : 0)
        #expect(tunnel.gateway.sent.filter(\.isWhole).map { $0.octets.count + outer } == [1500])
        tunnel.carry()
        #expect(tunnel.anchor.drops.total == 0 && tunnel.gateway.drops.total == 0)
        // An anchor that was asked knows that it may ask, too.
        #expect(tunnel.sentDown.contains { $0.isWhole && $0.octets.count + outer == 1500 })
    }

    @Test func whoAnnouncesNothingIsNotProbed() {
        let pair = Pair()
        bulk(pair, milliseconds: 3000)
        #expect(pair.gateway.path(1)?.mtu == 1500)
        #expect(pair.log.allSatisfy { !Pair.isProbe($0.octets) || $0.octets.count < 600 })
    }

    @Test func whatWasSentByUsOrForAnotherPathIsRefused() throws {
        let pair = Pair(hasSizeProbes: true)
        pair.passes(1000)
        let own = try #require(probes(pair, isUp: true, path: 1).first { $0.count > 600 })
        let rejected = pair.gateway.drops[.badProbe]
        pair.gateway.fromTunnel(own, Pair.arrival(1, isUp: false), at: pair.now)
        #expect(pair.gateway.drops[.badProbe] + pair.gateway.drops[.unknownKey] == rejected + 1)
        var forged = try #require(probes(pair, isUp: false, path: 1).first { $0.count > 600 })
        forged[20] ^= 1
        pair.gateway.fromTunnel(forged, Pair.arrival(1, isUp: false), at: pair.now)
        #expect(pair.gateway.drops[.badProbe] >= rejected + 1)
    }

    /// A replay costs one answer and moves nothing.
    @Test func aReplayFromElsewhereMovesNoPath() throws {
        let pair = Pair(hasSizeProbes: true)
        pair.passes(1000)
        let probe = try #require(probes(pair, isUp: true, path: 2).first { $0.count > 600 })
        let elsewhere = TunnelArrival(
            local: Pair.ends(2).anchor,
            remote: address("203.0.113.77"),
            transport: .udp(sourcePort: 4000)
        )
        pair.anchor.fromTunnel(probe, elsewhere, at: pair.now)
        #expect(pair.anchor.path(2)?.remote == Pair.ends(2).gateway)
        #expect(pair.anchor.sent.allSatisfy { $0.remote != elsewhere.remote })
    }

    /// A probe that does not arrive is no sign of congestion.
    @Test func aNarrowPathIsNotTakenForALossyOne() {
        let pair = Pair(.perPacket(reorderTimeout: .milliseconds(100)), hasReports: true, hasSizeProbes: true)
        pair.links[1]?.mtuUp = 1400
        pair.passes(3000)
        for _ in 0..<500 {
            pair.up(Packets.udp(host, server, length: 1300))
            pair.passes(10)
        }
        #expect(pair.gateway.path(1)?.counters.numbersLost == 0)
        #expect(pair.gateway.path(1)?.isUsable == true)
    }

    /// What was lost since it was too large says nothing any more once that is known: not even when nothing is sent with
    /// which the path could show it.
    @Test func aPathThatHasBecomeNarrowIsNotLeftAlone() {
        let pair = Pair(.automatic(reorderTimeout: .milliseconds(100)), hasReports: true, hasSizeProbes: true)
        pair.passes(2000)
        bulk(pair, milliseconds: 1000)
        pair.links[1]?.mtuUp = 1400
        var wasLeftAlone = false
        let end = pair.now + .seconds(20)
        while pair.gateway.path(1)?.mtu == 1500, pair.now < end {
            for _ in 0..<10 { pair.up(Packets.udp(host, server, length: 1448)) }
            pair.passes(10)
            wasLeftAlone = wasLeftAlone || pair.gateway.path(1)?.learnt?.isQuarantined == true
        }
        #expect(wasLeftAlone)
        #expect(pair.gateway.path(1)?.mtu == 1400)
        pair.passes(100)
        #expect(pair.gateway.path(1)?.learnt?.isQuarantined == false)
        // And what was under way by then is not held against it either.
        for _ in 0..<100 {
            for _ in 0..<10 { pair.up(Packets.udp(host, server, length: 1300)) }
            pair.passes(10)
            #expect(pair.gateway.path(1)?.learnt?.isQuarantined == false)
        }
        #expect(pair.gateway.path(1)?.learnt?.loss == 0)
    }
}
