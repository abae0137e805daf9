// SPDX-License-Identifier: Apache-2.0
import Forwarding
import Testing
import Wire

@Suite struct PathProbeTests {
    private let packet = Packets.udp("2001:db8:1234::1", "2001:db8:ffff::80")

    /// User packets up, one every 10 ms.
    private func traffic(_ pair: Pair, milliseconds: Int) {
        for _ in 0..<milliseconds / 10 {
            pair.up(packet)
            pair.passes(10)
        }
    }

    private func firstSilence(_ peer: Peer, path: PathNumber) -> Bool {
        peer.silences(of: path).first != nil
    }

    @Test func freshPathsAreProvenWithinAFewRoundTrips() {
        let pair = Pair()
        #expect(pair.conditions == [.unproven, .unproven, .unproven, .unproven])
        pair.passes(50)
        #expect(pair.conditions == [.alive, .alive, .alive, .alive])
    }

    @Test func aPeerWithoutProbesIsAliveAtOnceAndGetsNone() {
        let pair = Pair(hasProbes: false)
        #expect(pair.conditions == [.alive, .alive, .alive, .alive])
        #expect(pair.gateway.forwarder.nextDeadline == nil)
        pair.passes(5000)
        #expect(pair.log.isEmpty)
    }

    @Test func firstPacketsUseUnprovenPaths() {
        let pair = Pair()
        pair.up(packet)
        pair.passes(20)
        #expect(pair.anchor.delivered == [packet])
    }

    @Test func anUnprovenPathIsNotUsedWhereAnotherIsAlive() {
        let pair = Pair(.perPacket(reorderTimeout: .milliseconds(50)))
        pair.links[2]?.losesDown = true
        pair.passes(100)
        for _ in 0..<10 { pair.up(packet) }
        #expect(pair.gateway.path(1)?.counters.sentPackets == 10)
    }

    @Test func idlePathsAreProbedEveryQuarterOfASecond() {
        let pair = Pair()
        pair.passes(1000)
        let start = pair.now
        pair.passes(5000)
        let times = pair.probes(since: start, isUp: true, path: 1)
        #expect(times.count == 20)
        for (earlier, later) in zip(times, times.dropFirst()) { #expect(later - earlier == .milliseconds(250)) }
    }

    @Test func busyPathsAreProbedEveryFiftyMilliseconds() {
        let pair = Pair()
        pair.passes(1000)
        let start = pair.now
        pair.up(packet)
        // At once, and then fast, by both ends and on both paths; until half a second after.
        for path in [1, 2] as [PathNumber] { #expect(pair.probes(since: start, isUp: true, path: path) == [start]) }
        pair.passes(490)
        for path in [1, 2] as [PathNumber] {
            for isUp in [true, false] {
                #expect((10...11).contains(pair.probes(since: start, isUp: isUp, path: path).count))
            }
        }
        pair.passes(100)
        let calm = pair.now
        pair.passes(2000)
        for isUp in [true, false] { #expect((7...9).contains(pair.probes(since: calm, isUp: isUp, path: 1).count)) }
    }

    @Test func fastProbesOfBothEndsDoNotKeepEachOtherUp() {
        // A round trip longer than the busy time, as over a satellite.
        let pair = Pair(delays: [300, 300])
        pair.passes(3000)
        pair.up(packet)
        pair.passes(3000)
        let calm = pair.now
        pair.passes(10_000)
        #expect((39...41).contains(pair.probes(since: calm, isUp: true, path: 1).count))
        #expect((39...41).contains(pair.probes(since: calm, isUp: false, path: 1).count))
    }

    @Test func silenceIsNoticedWithinASecondWhenIdle() {
        for offset in stride(from: 0, to: 250, by: 37) as StrideTo<Int64> {
            let pair = Pair()
            pair.passes(1000 + offset)
            pair.links[1]?.losesUp = true
            pair.links[1]?.losesDown = true
            pair.passes(1000)
            #expect(pair.conditions == [.silent, .alive, .silent, .alive], "offset \(offset)")
        }
    }

    @Test func silenceIsNoticedWithin300MillisecondsUnderTraffic() {
        for offset in stride(from: 0, to: 50, by: 7) as StrideTo<Int64> {
            let pair = Pair(.perPacket(reorderTimeout: .milliseconds(100)))
            pair.passes(1000)
            traffic(pair, milliseconds: 600)
            pair.passes(offset)
            pair.links[1]?.losesUp = true
            pair.links[1]?.losesDown = true
            traffic(pair, milliseconds: 300)
            #expect(pair.conditions == [.silent, .alive, .silent, .alive], "offset \(offset)")
            // And from then on nothing is lost.
            _ = pair.anchor.takeDelivered()
            traffic(pair, milliseconds: 200)
            pair.passes(150)
            #expect(pair.anchor.delivered.count >= 20)
        }
    }

    @Test(arguments: [true, false]) func anOutageOfOneDirectionIsNoticedByBothEnds(isUp: Bool) {
        let pair = Pair()
        pair.passes(1000)
        traffic(pair, milliseconds: 600)
        if isUp { pair.links[2]?.losesUp = true } else { pair.links[2]?.losesDown = true }
        traffic(pair, milliseconds: 300)
        #expect(pair.conditions == [.alive, .silent, .alive, .silent])
        // It stays so while the direction is out.
        pair.passes(5000)
        #expect(pair.conditions == [.alive, .silent, .alive, .silent])
    }

    @Test func aPathComesBackWithinASecondAndAfterThreeProbesOnly() {
        let pair = Pair()
        pair.passes(1000)
        pair.links[1]?.losesUp = true
        pair.links[1]?.losesDown = true
        pair.passes(2000)
        pair.links[1]?.losesUp = false
        pair.links[1]?.losesDown = false
        _ = pair.gateway.takeEvents()
        let back = pair.now
        while pair.path1 != .alive, pair.now - back < .seconds(2) { pair.passes(10) }
        #expect(pair.now - back <= .seconds(1))
        // The anchor's probes since then: three of them at least said that it hears us.
        #expect(pair.probes(since: back, isUp: false, path: 1).count >= 3)
        pair.passes(300)
        #expect(pair.conditions == [.alive, .alive, .alive, .alive])
    }

    @Test func flowsLeaveASilentPathAndPacketsReachTheOtherEnd() {
        let pair = Pair(.perFlow)
        pair.passes(1000)
        let flows = (0..<50).map { Packets.udp("2001:db8:1234::1", "2001:db8:ffff::80", port: UInt16(2000 + $0)) }
        flows.forEach(pair.up)
        pair.passes(50)
        #expect(pair.anchor.takeDelivered().count == 50)
        pair.links[1]?.losesUp = true
        pair.links[1]?.losesDown = true
        pair.passes(1000)
        flows.forEach(pair.up)
        pair.passes(50)
        #expect(pair.anchor.takeDelivered() == flows)
    }

    @Test func withEveryPathSilentPacketsAreDroppedAndCounted() {
        let pair = Pair()
        pair.passes(1000)
        for path in [1, 2] as [PathNumber] { pair.links[path]?.losesDown = true }
        pair.passes(1000)
        pair.up(packet)
        #expect(pair.gateway.drops[.noUsablePath] == 1)
    }

    @Test func aPathNeverProvenIsSilent() {
        let pair = Pair()
        pair.links[2]?.losesUp = true
        pair.links[2]?.losesDown = true
        pair.passes(1000)
        #expect(pair.conditions == [.alive, .silent, .alive, .silent])
    }

    @Test func roundTripTimesAreMeasured() {
        let pair = Pair(delays: [10, 35])
        pair.passes(3000)
        for peer in [pair.gateway, pair.anchor] {
            #expect(peer.path(1)?.latestRoundTripTime == .milliseconds(20))
            #expect(peer.path(2)?.latestRoundTripTime == .milliseconds(70))
        }
        pair.links[1]?.delay = .milliseconds(50)
        pair.passes(600)
        #expect(pair.gateway.path(1)?.latestRoundTripTime == .milliseconds(100))
        let smoothed = pair.gateway.path(1)?.smoothedRoundTripTime ?? .zero
        #expect(smoothed > .milliseconds(20) && smoothed < .milliseconds(100))
    }

    @Test func aForgedProbeProvesNothing() {
        let pair = Pair()
        pair.links[1]?.losesUp = true
        let forged = PathProbe(
            hearsPeer: true,
            isFromAnchor: false,
            interval: 250,
            bindingIdentifier: 1,
            sentAt: UInt64(pair.now.nanoseconds) + 900_000_000,
            echo: 0,
            heldFor: 0
        )
        let header = GREHeader(protocolType: GREHeader.pathProbe, key: Pair.upKey).octets
        let octets = header + forged.octets(key: SipKey(k0: 8, k1: 9))
        pair.anchor.fromTunnel(octets, Pair.arrival(1, isUp: true), at: pair.now)
        #expect(pair.anchor.path(1)?.condition == .unproven)
        #expect(pair.anchor.drops[.badProbe] == 1)
        #expect(pair.anchor.path(1)?.counters.probesRejected == 1)
        // With the right key it would have.
        pair.anchor.fromTunnel(header + forged.octets(key: Pair.probeKey), Pair.arrival(1, isUp: true), at: pair.now)
        #expect(pair.anchor.path(1)?.condition == .alive)
    }

    @Test func replayedReflectedAndStrayProbesProveNothing() {
        let pair = Pair()
        pair.passes(1000)
        let up = pair.log.last { $0.isUp && $0.path == 1 }?.octets ?? []
        let down = pair.log.last { !$0.isUp && $0.path == 1 }?.octets ?? []
        pair.links[1]?.losesUp = true
        pair.links[1]?.losesDown = true
        for _ in 0..<20 {
            pair.passes(50)
            // A replay; the anchor's own probe sent back to it; the same on another path.
            pair.anchor.fromTunnel(up, Pair.arrival(1, isUp: true), at: pair.now)
            var reflected = down
            reflected.replaceSubrange(4..<8, with: up[4..<8])
            pair.anchor.fromTunnel(reflected, Pair.arrival(1, isUp: true), at: pair.now)
            pair.anchor.fromTunnel(Packets.octets("00 2f 00 30") + up, Pair.arrival(2, isUp: true), at: pair.now)
        }
        #expect(pair.anchor.path(1)?.condition == .silent)
        #expect(pair.anchor.drops[.badProbe] == 60)
    }

    @Test(arguments: [(true, 1), (false, 2)] as [(Bool, UInt8)])
    func aFreshProbeOfOurOwnRoleOrOfAnotherPathIsRefused(isFromAnchor: Bool, identifier: UInt8) {
        let pair = Pair()
        let probe = PathProbe(
            hearsPeer: true,
            isFromAnchor: isFromAnchor,
            interval: 250,
            bindingIdentifier: identifier,
            sentAt: UInt64(pair.now.nanoseconds) + 900_000_000,
            echo: 0,
            heldFor: 0
        )
        let octets =
            GREHeader(protocolType: GREHeader.pathProbe, key: Pair.upKey).octets + probe.octets(key: Pair.probeKey)
        pair.anchor.fromTunnel(octets, Pair.arrival(1, isUp: true), at: pair.now)
        #expect(pair.anchor.path(1)?.condition == .unproven)
        #expect(pair.anchor.drops[.badProbe] == 1)
    }

    @Test func userPacketsAloneKeepAPathForTwoSecondsOnly() {
        let pair = Pair()
        pair.passes(1000)
        pair.links[1]?.losesUp = true
        let gre = GREHeader(protocolType: GREHeader.ipv6, key: Pair.upKey).octets + packet
        func keepsUpFor(_ milliseconds: Int) -> PathCondition? {
            for _ in 0..<milliseconds / 20 {
                pair.anchor.fromTunnel(gre, Pair.arrival(1, isUp: true), at: pair.now)
                pair.passes(20)
            }
            return pair.anchor.path(1)?.condition
        }
        #expect(keepsUpFor(1500) == .alive)
        #expect(keepsUpFor(2000) == .silent)
    }

    @Test func aSendErrorSilencesThePathAtOnceUntilProbesProveIt() {
        let pair = Pair()
        pair.passes(1000)
        pair.gateway.transmissionFailed(1, at: pair.now)
        #expect(pair.gateway.path(1)?.condition == .silent)
        #expect(pair.gateway.silences(of: 1) == [.sendingFailed])
        pair.passes(300)
        #expect(pair.gateway.path(1)?.condition == .silent)
        pair.passes(700)
        #expect(pair.gateway.path(1)?.condition == .alive)
    }

    @Test func aSendErrorWithoutProbesLeavesThePathAloneForASecond() {
        let pair = Pair(hasProbes: false)
        pair.gateway.transmissionFailed(1, at: pair.now)
        pair.passes(990)
        #expect(pair.gateway.path(1)?.condition == .silent)
        pair.passes(20)
        #expect(pair.gateway.path(1)?.condition == .alive)
    }

    @Test func updatingAPathKeepsWhatProbesProvedAndAnotherAddressDoesNot() {
        let pair = Pair()
        pair.passes(1000)
        pair.gateway.apply(.installPath(1, Pair.path(1, isUp: true, rate: 5, probeKey: Pair.probeKey)), at: pair.now)
        #expect(pair.gateway.path(1)?.condition == .alive)
        #expect((pair.gateway.path(1)?.counters.probesSent ?? 0) > 3)
        var moved = Pair.path(1, isUp: true, probeKey: Pair.probeKey)
        moved.local = address("2001:db8:a:77::2")
        pair.gateway.apply(.installPath(1, moved), at: pair.now)
        #expect(pair.gateway.path(1)?.condition == .unproven)
    }

    @Test func theSourcePortOfANATIsLearntFromProbesOnly() {
        let pair = Pair()
        pair.passes(100)
        var arrival = Pair.arrival(2, isUp: true)
        arrival.transport = .udp(sourcePort: 61_000)
        let header = Packets.octets("00 2f 00 3b 20 00 86 dd 0a 0b 0c 01")
        pair.anchor.fromTunnel(header + packet, arrival, at: pair.now)
        #expect(pair.anchor.remotePorts(of: 2) == [5437])
        let probe = PathProbe(
            hearsPeer: true,
            isFromAnchor: false,
            interval: 250,
            bindingIdentifier: 2,
            sentAt: UInt64(pair.now.nanoseconds) + 900_000_000,
            echo: 0,
            heldFor: 0
        )
        let octets = Packets.octets("00 2f 00 30 20 00 88 b5 0a 0b 0c 01") + probe.octets(key: Pair.probeKey)
        pair.anchor.fromTunnel(octets, arrival, at: pair.now)
        _ = pair.anchor.takeSent()
        for _ in 0..<8 { pair.anchor.fromTUN(Packets.udp("2001:db8:ffff::80", "2001:db8:1234::1"), at: pair.now) }
        pair.anchor.apply(.installPath(2, Pair.path(2, isUp: false, rate: 5, probeKey: Pair.probeKey)), at: pair.now)
        pair.anchor.advance(to: pair.now + .seconds(1))
        #expect(pair.anchor.remotePorts(of: 2) == [61_000])
        #expect(pair.anchor.remotePorts(of: 1) == [0])
    }

    @Test func silenceSaysWhatItWasNoticedBy() throws {
        let pair = Pair()
        pair.passes(100)
        traffic(pair, milliseconds: 1000)
        pair.links[1]?.losesDown = true
        traffic(pair, milliseconds: 500)
        let reason = try #require(pair.gateway.silences(of: 1).first)
        guard case .nothingHeard(let duration) = reason else {
            Issue.record("\(reason)")
            return
        }
        #expect(duration >= .milliseconds(200) && duration <= .milliseconds(300))
        #expect(pair.anchor.silences(of: 1) == [.peerHearsNothing])
        let dead = Pair()
        dead.links[1]?.losesUp = true
        dead.passes(1000)
        #expect(dead.anchor.silences(of: 1) == [.neverProven])
    }
}

extension Pair {
    fileprivate var path1: PathCondition? { gateway.path(1)?.condition }
}
