// SPDX-License-Identifier: Apache-2.0
import Forwarding
import Testing
import Wire

/// Address translators between gateway and anchor.
@Suite struct TranslatorTests {
    static let kinds = Tunnel.Kind.all.filter { $0.encapsulation.isUDP }
    private let outside = address("203.0.113.7")
    private let outside6 = address("2001:db8:cafe::7")

    private func place(_ kind: Tunnel.Kind) -> IPAddress { kind.outerIsIPv4 ? outside : outside6 }

    private func moves(_ peer: Peer) -> [ForwardingEvent] {
        peer.events.filter { if case .pathMoved = $0 { true } else { false } }
    }

    @Test(arguments: kinds) func thePathFollowsProbesToAnotherAddressAndPort(_ kind: Tunnel.Kind) {
        let tunnel = Tunnel(kind)
        tunnel.translated = (place(kind), 61_000)
        tunnel.passes(300)
        #expect(moves(tunnel.anchor) == [.pathMoved(1, remote: place(kind), port: 61_000)])
        let path = tunnel.anchor.path(1)
        #expect(path?.remote == place(kind) && path?.remotePort == 61_000)
        #expect(path?.condition == .alive)
        tunnel.up(Tunnel.inner6)
        tunnel.down(Tunnel.answer6)
        #expect(tunnel.anchor.delivered == [Tunnel.inner6] && tunnel.gateway.delivered == [Tunnel.answer6])
        // The translator forgets: another port.
        tunnel.translated = (place(kind), 61_001)
        tunnel.passes(300)
        #expect(tunnel.anchor.path(1)?.remotePort == 61_001)
        #expect(moves(tunnel.anchor).count == 2 && moves(tunnel.gateway).isEmpty)
        #expect(tunnel.anchor.leaked == 0)
    }

    @Test(arguments: kinds) func userPacketsMoveNothing(_ kind: Tunnel.Kind) throws {
        for hasProbes in [true, false] {
            let tunnel = Tunnel(kind, hasProbes: hasProbes)
            tunnel.gateway.fromTUN(Tunnel.inner4, at: tunnel.now)
            let sent = try #require(tunnel.gateway.takeSent().first { $0.isIPv4 })
            // Another port is let in, since nobody knows it yet, and is not answered to.
            var arrival = tunnel.arrival(isUp: true, isIPv4: true)
            arrival.transport = .udp(sourcePort: 61_000)
            tunnel.anchor.fromTunnel(sent.octets, arrival, at: tunnel.now)
            #expect(tunnel.anchor.delivered == [Tunnel.inner4])
            arrival.remote = place(kind)
            tunnel.anchor.fromTunnel(sent.octets, arrival, at: tunnel.now)
            #expect(tunnel.anchor.drops[.wrongOuterAddress] == 1)
            #expect(tunnel.anchor.path(1)?.remote == tunnel.ends.gateway)
            #expect(tunnel.anchor.path(1)?.remotePort == MobilityPort.data)
        }
    }

    @Test(arguments: kinds) func forgedAndReplayedProbesMoveNothing(_ kind: Tunnel.Kind) throws {
        let tunnel = Tunnel(kind)
        tunnel.passes(1000)
        // A true probe on its way.
        tunnel.now = tunnel.now + .milliseconds(300)
        tunnel.gateway.advance(to: tunnel.now)
        let true1 = try #require(tunnel.gateway.takeSent().first).octets
        var arrival = tunnel.arrival(isUp: true)
        tunnel.anchor.fromTunnel(true1, arrival, at: tunnel.now)
        _ = tunnel.anchor.takeSent()
        arrival.remote = place(kind)
        arrival.transport = .udp(sourcePort: 6666)
        // The same again from elsewhere; the next one with a single octet changed, each in turn.
        tunnel.anchor.fromTunnel(true1, arrival, at: tunnel.now)
        tunnel.now = tunnel.now + .milliseconds(300)
        tunnel.gateway.advance(to: tunnel.now)
        let true2 = try #require(tunnel.gateway.takeSent().first).octets
        for offset in true2.indices.suffix(PathProbe.length) {
            var forged = true2
            forged[offset] ^= 0x10
            tunnel.anchor.fromTunnel(forged, arrival, at: tunnel.now)
        }
        #expect(moves(tunnel.anchor).isEmpty)
        #expect(tunnel.anchor.path(1)?.remote == tunnel.ends.gateway)
        // Unchanged it would have: the first copy counts.
        tunnel.anchor.fromTunnel(true2, arrival, at: tunnel.now)
        #expect(tunnel.anchor.path(1)?.remote == place(kind))
        #expect(tunnel.anchor.leaked == 0)
    }

    @Test(arguments: Tunnel.Kind.all.filter { !$0.encapsulation.isUDP })
    func withoutUDPNothingMoves(_ kind: Tunnel.Kind) {
        let tunnel = Tunnel(kind)
        tunnel.translated = (place(kind), 0)
        tunnel.passes(1200)
        #expect(moves(tunnel.anchor).isEmpty)
        #expect(tunnel.anchor.path(1)?.condition == .silent)
        #expect(tunnel.anchor.drops[.wrongOuterAddress] > 3)
    }

    @Test func aGatewayKeepsToItsAnchor() throws {
        let tunnel = Tunnel(Tunnel.Kind(encapsulation: .udpTLVGRE, outerIsIPv4: true, hasKey: true))
        tunnel.now = tunnel.now + .milliseconds(300)
        tunnel.anchor.advance(to: tunnel.now)
        let probe = try #require(tunnel.anchor.takeSent().first).octets
        var arrival = tunnel.arrival(isUp: false)
        arrival.remote = outside
        tunnel.gateway.fromTunnel(probe, arrival, at: tunnel.now)
        #expect(tunnel.gateway.drops[.wrongOuterAddress] == 1)
        #expect(tunnel.gateway.path(1)?.remote == tunnel.ends.anchor)
    }

    @Test(arguments: kinds) func whatWasLearntOutlivesBeingInstalledAgain(_ kind: Tunnel.Kind) {
        let tunnel = Tunnel(kind)
        tunnel.translated = (place(kind), 61_000)
        tunnel.passes(300)
        // Unchanged; then with the address that signalling has meanwhile seen itself.
        var path = tunnel.path(isUp: false)
        for remote in [path.remote, place(kind)] {
            path.remote = remote
            path.rate = 5
            tunnel.anchor.apply(.installPath(1, path), at: tunnel.now)
            #expect(tunnel.anchor.path(1)?.remote == place(kind) && tunnel.anchor.path(1)?.remotePort == 61_000)
            #expect(tunnel.anchor.path(1)?.condition == .alive)
        }
        // Another one is another tunnel.
        path.remote = address(kind.outerIsIPv4 ? "203.0.113.99" : "2001:db8:cafe::99")
        tunnel.anchor.apply(.installPath(1, path), at: tunnel.now)
        #expect(tunnel.anchor.path(1)?.remote == path.remote)
        #expect(tunnel.anchor.path(1)?.remotePort == MobilityPort.data)
        #expect(tunnel.anchor.path(1)?.condition == .unproven)
    }

    @Test(arguments: kinds) func twoPathsOfOneGatewayBehindOneTranslator(_ kind: Tunnel.Kind) throws {
        let anchor = Tunnel(kind).anchor
        let tunnel = Tunnel(kind)
        let gateways = [tunnel, Tunnel(kind)]
        // The second access network: the same outer address, the next Binding Identifier.
        anchor.apply(.installPath(2, tunnel.path(isUp: false, identifier: 2)), at: tunnel.now)
        gateways[1].gateway.apply(.removePath(1), at: tunnel.now)
        gateways[1].gateway.apply(.installPath(2, tunnel.path(isUp: true, identifier: 2)), at: tunnel.now)
        let now = tunnel.now + .milliseconds(300)
        for (index, gateway) in gateways.enumerated() {
            gateway.gateway.advance(to: now)
            gateway.gateway.fromTUN(Tunnel.inner4, at: now)
            var arrival = tunnel.arrival(isUp: true, isIPv4: true)
            arrival.transport = .udp(sourcePort: 40_000 + UInt16(index))
            let sent = gateway.gateway.takeSent()
            #expect(!sent.isEmpty)
            for sent in sent where !sent.isIPv4 { anchor.fromTunnel(sent.octets, arrival, at: now) }
            for sent in sent where sent.isIPv4 { anchor.fromTunnel(sent.octets, arrival, at: now) }
        }
        for number in [1, 2] as [Int32] {
            #expect(anchor.path(number)?.remotePort == 39_999 + UInt16(number))
            #expect(anchor.path(number)?.counters.receivedPackets == 1, "path \(number)")
        }
    }

    @Test(arguments: [false, true]) func twoGatewaysBehindOneTranslator(hasKey: Bool) throws {
        let kind = Tunnel.Kind(encapsulation: hasKey ? .udpTLVGRE : .udp, outerIsIPv4: true, hasKey: hasKey)
        let anchor = Peer(.anchor)
        let tunnel = Tunnel(kind)
        for number in [1, 2] as [Int32] {
            var session = Pair.session(.perFlow, isUp: false)
            session.prefixes = [prefix("10.\(number).0.0/16")]
            session.sendKey = hasKey ? 70 + UInt32(number) : nil
            session.receiveKey = hasKey ? 80 + UInt32(number) : nil
            anchor.apply(.installSession(SessionNumber(rawValue: number), session), at: tunnel.now)
            var path = tunnel.path(isUp: false)
            path.session = SessionNumber(rawValue: number)
            path.remote = outside
            path.probeKey = SipKey(k0: UInt64(number), k1: 1)
            anchor.apply(.installPath(PathNumber(rawValue: number), path), at: tunnel.now)
        }
        for number in [1, 2] as [Int32] {
            let gateway = Peer(.gateway)
            var session = Pair.session(.perFlow, isUp: true)
            session.prefixes = [prefix("10.\(number).0.0/16")]
            session.sendKey = hasKey ? 80 + UInt32(number) : nil
            session.receiveKey = hasKey ? 70 + UInt32(number) : nil
            gateway.apply(.installSession(1, session), at: tunnel.now)
            var path = tunnel.path(isUp: true)
            path.probeKey = SipKey(k0: UInt64(number), k1: 1)
            gateway.apply(.installPath(1, path), at: tunnel.now)
            gateway.fromTUN(Packets.udp("10.\(number).0.5", "198.51.100.9"), at: tunnel.now)
            var arrival = tunnel.arrival(isUp: true, isIPv4: true)
            arrival.remote = outside
            arrival.transport = .udp(sourcePort: 40_000 + UInt16(number))
            for sent in gateway.takeSent() { anchor.fromTunnel(sent.octets, arrival, at: tunnel.now) }
        }
        _ = anchor.takeSent()
        for number in [1, 2] as [Int32] {
            #expect(anchor.path(number)?.remotePort == 40_000 + UInt16(number))
            #expect(anchor.path(number)?.counters.receivedPackets == 1)
            anchor.fromTUN(Packets.udp("198.51.100.9", "10.\(number).0.5"), at: tunnel.now)
            #expect(anchor.takeSent().first { $0.isIPv4 }?.port == 40_000 + UInt16(number))
        }
        #expect(anchor.drops.total == 0)
    }

    @Test func searchingForTheOwnerOfAProbeHasABound() {
        let kind = Tunnel.Kind(encapsulation: .udp, outerIsIPv4: true)
        let tunnel = Tunnel(kind)
        tunnel.anchor.apply(.installPath(2, tunnel.path(isUp: false, identifier: 2)), at: tunnel.now)
        _ = tunnel.anchor.takeSent()
        let probe = PathProbe(
            hearsPeer: true,
            isFromAnchor: false,
            interval: 250,
            bindingIdentifier: 1,
            sentAt: UInt64(tunnel.now.nanoseconds) + 900_000_000,
            echo: 0,
            heldFor: 0
        )
        let envelope = Packets.octets(
            "60 00 00 00 00 28 fd 01 fe80000000000000 0000000000050002 fe80000000000000 0000000000050001"
        )
        var arrival = tunnel.arrival(isUp: true)
        arrival.remote = outside
        // Each stranger's probe costs one tag: it names one of the two paths.
        for _ in 0..<20_000 {
            tunnel.anchor.fromTunnel(envelope + probe.octets(key: SipKey(k0: 0, k1: 0)), arrival, at: tunnel.now)
        }
        let right = envelope + probe.octets(key: Pair.probeKey)
        tunnel.anchor.fromTunnel(right, arrival, at: tunnel.now)
        #expect(tunnel.anchor.path(1)?.remote == tunnel.ends.gateway)
        tunnel.anchor.fromTunnel(right, arrival, at: tunnel.now + .milliseconds(1))
        #expect(tunnel.anchor.path(1)?.remote == outside)
        #expect(tunnel.anchor.drops[.badProbe] == 20_001)
    }

    // MARK: Keepalive

    @Test(arguments: kinds) func withoutProbesAnEmptyDatagramGoesOutEachInterval(_ kind: Tunnel.Kind) {
        let tunnel = Tunnel(kind, hasProbes: false)
        var path = tunnel.path(isUp: true, hasProbes: false)
        path.keepalive = .seconds(20)
        tunnel.gateway.apply(.installPath(1, path), at: tunnel.now)
        #expect(tunnel.gateway.takeSent().map(\.octets) == [[]])
        func keepalives(_ seconds: Int) -> Int {
            var count = 0
            for _ in 0..<seconds {
                tunnel.now = tunnel.now + .seconds(1)
                tunnel.gateway.advance(to: tunnel.now)
                count += tunnel.gateway.takeSent().count { $0.octets.isEmpty && $0.port == MobilityPort.data }
            }
            return count
        }
        #expect(keepalives(60) == 3)
        path.rate = 7
        tunnel.gateway.apply(.installPath(1, path), at: tunnel.now)
        #expect(keepalives(60) == 3)
        path.keepalive = nil
        tunnel.gateway.apply(.installPath(1, path), at: tunnel.now)
        #expect(keepalives(60) == 0)
        #expect(tunnel.gateway.leaked == 0)
    }

    @Test func probesNeedNoKeepaliveBesideThem() {
        let tunnel = Tunnel(Tunnel.Kind(encapsulation: .udp, outerIsIPv4: true))
        var path = tunnel.path(isUp: true)
        path.keepalive = .seconds(2)
        tunnel.gateway.apply(.installPath(1, path), at: tunnel.now)
        tunnel.now = tunnel.now + .seconds(5)
        tunnel.gateway.advance(to: tunnel.now)
        #expect(tunnel.gateway.takeSent().allSatisfy { !$0.octets.isEmpty })
    }

    @Test func anEmptyDatagramIsPassedOverInSilence() {
        let tunnel = Tunnel(Tunnel.Kind(encapsulation: .udpTLVGRE, outerIsIPv4: true, hasKey: true))
        var arrival = tunnel.arrival(isUp: true)
        arrival.transport = .udp(sourcePort: 999)
        tunnel.anchor.fromTunnel([], arrival, at: tunnel.now)
        #expect(tunnel.anchor.drops.total == 0 && tunnel.anchor.leaked == 0)
        #expect(tunnel.anchor.path(1)?.remotePort == MobilityPort.data)
    }
}
