// SPDX-License-Identifier: Apache-2.0
import Forwarding
import Testing
import Wire

/// Sessions that go on where a process that was killed has left them.
@Suite struct SecondLifeTests {
    private let packet = Packets.udp("2001:db8:ffff::80", "2001:db8:1234::1")
    private static let perPacket = Distribution.perPacket(reorderTimeout: .milliseconds(50))

    private static func anchor(_ first: UInt32, key: UInt32? = nil) -> SessionParameters {
        var session = Pair.session(perPacket, isUp: false)
        session.firstSequence = first
        if let key { session.sendKey = key }
        return session
    }

    /// Of the anchor's next packet.
    private func sequence(of peer: Peer, at now: Instant) -> UInt32? {
        _ = peer.takeSent()
        peer.fromTUN(packet, at: now)
        return peer.takeSent().compactMap { sent -> UInt32? in
            guard !sent.remote.isIPv4 else { return GREHeader(Array(sent.octets.dropFirst(4)).span.bytes)?.sequence }
            return GREHeader(sent.octets.span.bytes)?.sequence
        }.first
    }

    private static func peer(_ session: SessionParameters, at now: Instant, ahead: Duration = .zero) -> Peer {
        let peer = Peer(.anchor)
        peer.apply(.installSession(1, session), at: now)
        var path = Pair.path(1, isUp: false)
        path.probeClockAhead = ahead
        peer.apply(.installPath(1, path), at: now)
        return peer
    }

    /// RFC 2890 §2.2
    @Test func sequenceNumbersBeginWhereTheyAreToldToAndWithANewKeyAsThatIs() {
        let now = Instant.milliseconds(1000)
        let peer = Self.peer(Self.anchor(1 << 24), at: now)
        let first = sequence(of: peer, at: now)
        // The same key goes on, whatever is said of its beginning.
        peer.apply(.installSession(1, Self.anchor(77)), at: now)
        let second = sequence(of: peer, at: now)
        peer.apply(.installSession(1, Self.anchor(5, key: 99)), at: now)
        let third = sequence(of: peer, at: now)
        #expect([first, second, third] == [0x100_0000, 0x100_0001, 5])
    }

    @Test func itIsToldInTimeHowFarTheNumbersAre() {
        let now = Instant.milliseconds(1000)
        let peer = Self.peer(Self.anchor((1 << 23) - 3), at: now)
        for _ in 0..<5 { _ = sequence(of: peer, at: now) }
        let told = peer.events.compactMap { event -> UInt32? in
            if case .sequenceAdvanced(1, let sequence) = event { sequence } else { nil }
        }
        #expect(told == [1 << 23])
    }

    /// RFC 5845 §3.3.2: another gateway has the uplink key that the first one had.
    @Test func anotherGatewaysFirstPacketIsDelivered() {
        let pair = Pair(Self.perPacket)
        let uplink = Packets.udp("2001:db8:1234::1", "2001:db8:ffff::80")
        for _ in 0..<20 { pair.up(uplink) }
        pair.passes(20)
        let first = pair.log.first { $0.isUp && $0.path == 1 && !Pair.isProbe($0.octets) }
        let before = pair.anchor.delivered.count
        var session = Pair.session(Self.perPacket, isUp: false)
        session.sender = 1
        pair.anchor.apply(.installSession(1, session), at: pair.now)
        if let first { pair.anchor.fromTunnel(first.octets, Pair.arrival(1, isUp: true), at: pair.now) }
        #expect(before == 20 && pair.anchor.delivered.count == 21)
    }

    /// The machine was restarted in between: its own clock began anew, and the gateway still knows the last probe.
    @Test func probesOfASessionThatOutlivesTheMachineAreNoReplays() throws {
        func monitor(_ role: Role, at now: Instant, ahead: Duration = .zero) -> PathMonitor {
            var path = Pair.path(1, isUp: role == .gateway, probeKey: Pair.probeKey)
            path.probeClockAhead = ahead
            return PathMonitor(role: role, parameters: path, at: now)
        }
        var gateway = monitor(.gateway, at: .zero)
        let late = Instant.milliseconds(5_000_000)
        var anchor = monitor(.anchor, at: late, ahead: .seconds(1_700_000_000))
        #expect(gateway.heard(anchor.makeProbe(at: late, isBusy: false), at: late) == .accepted)
        let early = Instant.milliseconds(20_000)
        anchor = monitor(.anchor, at: early, ahead: .seconds(1_700_005_000))
        let probe = anchor.makeProbe(at: early, isBusy: false)
        #expect(gateway.heard(probe, at: late + .seconds(20)) == .accepted)
        // And they measure as before.
        let answer = gateway.makeProbe(at: late + .seconds(20), isBusy: false)
        #expect(anchor.heard(answer, at: early + .milliseconds(30)) == .accepted)
        #expect(anchor.latestRoundTripTime == .milliseconds(30))
    }
}
