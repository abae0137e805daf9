// SPDX-License-Identifier: Apache-2.0
import Forwarding
import Testing
import Wire

@Suite struct EveryEncapsulationTests {
    @Test(arguments: Tunnel.Kind.all) func bothFamiliesPassBothWays(_ kind: Tunnel.Kind) {
        let tunnel = Tunnel(kind)
        #expect(tunnel.gateway.path(1)?.condition == .alive && tunnel.anchor.path(1)?.condition == .alive)
        for packet in [Tunnel.inner6, Tunnel.inner4] { tunnel.up(packet) }
        for packet in [Tunnel.answer6, Tunnel.answer4] { tunnel.down(packet) }
        #expect(tunnel.anchor.delivered == [Tunnel.inner6, Tunnel.inner4])
        #expect(tunnel.gateway.delivered == [Tunnel.answer6, Tunnel.answer4])
        #expect(tunnel.anchor.drops.total == 0 && tunnel.gateway.drops.total == 0)
        #expect(tunnel.anchor.leaked == 0 && tunnel.gateway.leaked == 0)
    }

    @Test func headersAreAsDrawn() throws {
        let inner = Tunnel.inner4
        let expected: [(Encapsulation, hasKey: Bool, header: String)] = [
            (.ipInIP, false, ""), (.gre, false, "10 00 08 00 00 00 00 00"),
            (.gre, true, "30 00 08 00 0a 0b 0c 01 00 00 00 00"), (.udp, false, ""),
            (.udpTLV, false, "00 04 00 \(String(inner.count, radix: 16))"),
            (.udpTLVGRE, false, "00 2f 00 \(String(inner.count + 8, radix: 16)) 10 00 08 00 00 00 00 00"),
        ]
        for (encapsulation, hasKey, header) in expected {
            let kind = Tunnel.Kind(encapsulation: encapsulation, outerIsIPv4: true, hasKey: hasKey)
            let tunnel = Tunnel(kind, .perPacket(reorderTimeout: .milliseconds(100)), hasProbes: false)
            tunnel.gateway.fromTUN(inner, at: tunnel.now)
            let sent = try #require(tunnel.gateway.sent.first)
            #expect(sent.octets == Packets.octets(header) + inner, "\(encapsulation)")
            #expect(sent.isIPv4)
        }
    }

    @Test(arguments: Tunnel.Kind.all.filter { !$0.encapsulation.hasGRE })
    func perPacketWithoutSequenceNumbersHoldsNothingBack(_ kind: Tunnel.Kind) {
        let tunnel = Tunnel(kind, .perPacket(reorderTimeout: .milliseconds(100)))
        let packets = (0..<4).map { Packets.udp("10.1.2.3", "198.51.100.9", port: UInt16(100 + $0)) }
        for packet in packets { tunnel.gateway.fromTUN(packet, at: tunnel.now) }
        // The last first.
        let sent = tunnel.gateway.takeSent().filter(\.isIPv4)
        #expect(sent.count == 4)
        for sent in sent.reversed() {
            tunnel.anchor.fromTunnel(sent.octets, tunnel.arrival(isUp: true, isIPv4: true), at: tunnel.now)
        }
        #expect(tunnel.anchor.delivered == packets.reversed())
        #expect(tunnel.anchor.session()?.counters == SessionCounters())
    }

    @Test(arguments: Tunnel.Kind.all) func spoofedAndForeignAddressesAreRefused(_ kind: Tunnel.Kind) {
        let tunnel = Tunnel(kind)
        let stranger = Packets.udp("10.2.0.1", "198.51.100.9")
        tunnel.gateway.apply(.installSession(1, widened(kind)), at: tunnel.now)
        tunnel.up(stranger)
        #expect(tunnel.anchor.drops[.spoofedSource] == 1 && tunnel.anchor.delivered.isEmpty)
        let other = Tunnel(kind)
        other.anchor.apply(.installSession(1, widened(kind, isUp: false)), at: other.now)
        other.down(Packets.udp("198.51.100.9", "10.2.0.1"))
        #expect(other.gateway.drops[.foreignDestination] == 1 && other.gateway.delivered.isEmpty)
    }

    /// A session that owns everything: an end that does not check.
    private func widened(_ kind: Tunnel.Kind, isUp: Bool = true) -> SessionParameters {
        var session = Pair.session(.perFlow, isUp: isUp)
        session.prefixes = [prefix("0.0.0.0/0")]
        if !kind.hasKey {
            session.sendKey = nil
            session.receiveKey = nil
        }
        return session
    }

    @Test(arguments: Tunnel.Kind.all) func wrongEndsAreRefused(_ kind: Tunnel.Kind) throws {
        let tunnel = Tunnel(kind)
        tunnel.gateway.fromTUN(Tunnel.inner4, at: tunnel.now)
        let sent = try #require(tunnel.gateway.takeSent().first { $0.isIPv4 })
        let right = tunnel.arrival(isUp: true, isIPv4: true)
        let elsewhere = address(kind.outerIsIPv4 ? "203.0.113.9" : "2001:db8:bad::1")
        var wrong = [right, right, right]
        wrong[0].remote = elsewhere
        wrong[1].local = elsewhere
        wrong[2].outlet = 7
        for arrival in wrong { tunnel.anchor.fromTunnel(sent.octets, arrival, at: tunnel.now) }
        #expect(tunnel.anchor.drops[.wrongOuterAddress] == 3)
        #expect(tunnel.anchor.delivered.isEmpty)
        #expect(tunnel.anchor.path(1)?.remote == tunnel.ends.gateway)
    }

    @Test(arguments: Tunnel.Kind.all) func cutShortAndGarbledPacketsAreRefused(_ kind: Tunnel.Kind) throws {
        let tunnel = Tunnel(kind)
        tunnel.gateway.fromTUN(Tunnel.inner6, at: tunnel.now)
        let whole = try #require(tunnel.gateway.takeSent().first { Pair.isProbe($0.octets) == false }).octets
        for count in 1..<whole.count {
            tunnel.anchor.fromTunnel(Array(whole[..<count]), tunnel.arrival(isUp: true), at: tunnel.now)
        }
        #expect(tunnel.anchor.delivered.isEmpty)
        #expect(tunnel.anchor.leaked == 0)
        var generator = Generator(seed: 5)
        for _ in 0..<500 {
            var octets = whole
            octets[Int.random(in: 0..<octets.count, using: &generator)] ^= UInt8.random(in: 1...255, using: &generator)
            tunnel.anchor.fromTunnel(octets, tunnel.arrival(isUp: true), at: tunnel.now)
        }
        #expect(tunnel.anchor.leaked == 0)
    }

    @Test func theProtocolNumberMustSayTheInnerFamily() {
        let tunnel = Tunnel(Tunnel.Kind(encapsulation: .ipInIP, outerIsIPv4: false))
        tunnel.anchor.fromTunnel(Tunnel.inner4, tunnel.arrival(isUp: true, isIPv4: false), at: tunnel.now)
        tunnel.anchor.fromTunnel(Tunnel.inner6, tunnel.arrival(isUp: true, isIPv4: true), at: tunnel.now)
        #expect(tunnel.anchor.drops[.malformed] == 2)
    }

    @Test func greWithoutTheAgreedKeyIsRefusedAndWithAnUnagreedOneToo() {
        let keyed = Tunnel(Tunnel.Kind(encapsulation: .gre, outerIsIPv4: false, hasKey: true))
        let plain = Tunnel(Tunnel.Kind(encapsulation: .gre, outerIsIPv4: false))
        for (tunnel, key) in [(keyed, nil), (plain, 7 as UInt32?)] {
            let header = GREHeader(protocolType: GREHeader.ipv6, key: key).octets
            tunnel.anchor.fromTunnel(header + Tunnel.inner6, tunnel.arrival(isUp: true), at: tunnel.now)
            #expect(tunnel.anchor.drops[.unknownKey] == 1)
        }
    }

    @Test(arguments: [Encapsulation.ipInIP, .gre, .udp, .udpTLV])
    func sessionsWithoutKeysAreToldApartByTheirAddresses(_ encapsulation: Encapsulation) throws {
        let tunnel = Tunnel(Tunnel.Kind(encapsulation: encapsulation, outerIsIPv4: true))
        // Another mobile node of the same gateway: the same ends, the same Binding Identifier.
        for (peer, isUp) in [(tunnel.anchor, false), (tunnel.gateway, true)] {
            var session = Pair.session(.perFlow, isUp: isUp)
            session.prefixes = [prefix("10.9.0.0/24")]
            session.sendKey = nil
            session.receiveKey = nil
            peer.apply(.installSession(2, session), at: tunnel.now)
            var path = tunnel.path(isUp: isUp)
            path.session = 2
            path.probeKey = SipKey(k0: 7, k1: 8)
            peer.apply(.installPath(2, path), at: tunnel.now)
        }
        tunnel.carry()
        // Its probes are told apart by their tags.
        #expect(tunnel.anchor.path(2)?.condition == .alive && tunnel.gateway.path(2)?.condition == .alive)
        let packets = [Packets.udp("10.9.0.7", "198.51.100.9"), Tunnel.inner4]
        packets.forEach(tunnel.up)
        #expect(tunnel.anchor.delivered == packets)
        #expect(tunnel.anchor.path(2)?.counters.receivedPackets == 1)
        #expect(tunnel.anchor.path(1)?.counters.receivedPackets == 1)
        #expect(tunnel.anchor.drops.total == 0)
        // Sources of one in a packet from the ends of both are that one's; of none are refused.
        tunnel.anchor.apply(.removeSession(2), at: tunnel.now)
        tunnel.up(packets[0])
        #expect(tunnel.anchor.drops[.spoofedSource] == 1)
    }

    @Test(arguments: Tunnel.Kind.all) func pathsBetweenTheSameAddressesAreToldApartByTheirLinks(_ kind: Tunnel.Kind) {
        // Two access networks that gave the gateway the same private address.
        let gateway = Peer(.gateway)
        let tunnel = Tunnel(kind)
        var session = Pair.session(.perFlow, isUp: true)
        if !kind.hasKey { session.receiveKey = nil }
        gateway.apply(.installSession(1, session), at: tunnel.now)
        for number in [1, 2] as [Int32] {
            var path = tunnel.path(isUp: true, identifier: UInt8(number))
            path.outlet = number
            gateway.apply(.installPath(PathNumber(rawValue: number), path), at: tunnel.now)
        }
        let header = GREHeader(protocolType: GREHeader.ipv4, key: kind.hasKey ? Pair.downKey : nil).octets
        let inner = kind.encapsulation.hasGRE ? header + Tunnel.answer4 : Tunnel.answer4
        let next = kind.encapsulation.hasGRE ? IPProtocol.gre : IPProtocol.ipv4
        let hasTLV = kind.encapsulation == .udpTLV || kind.encapsulation == .udpTLVGRE
        let tlv = hasTLV ? UDPTLVHeader(nextHeader: next, payloadLength: inner.count).octets : []
        var arrival = tunnel.arrival(isUp: false, isIPv4: true)
        for outlet in [2, 2, 1, 3] as [Int32] {
            arrival.outlet = outlet
            gateway.fromTunnel(tlv + inner, arrival, at: tunnel.now)
        }
        #expect(gateway.path(1)?.counters.receivedPackets == 1)
        #expect(gateway.path(2)?.counters.receivedPackets == 2)
        #expect(gateway.drops[.wrongOuterAddress] == 1)
    }

    @Test(arguments: Tunnel.Kind.all) func probesAreBoundToTheirPathWithAndWithoutGRE(_ kind: Tunnel.Kind) {
        let tunnel = Tunnel(kind)
        tunnel.anchor.apply(.removePath(1), at: tunnel.now)
        tunnel.anchor.apply(.installPath(1, tunnel.path(isUp: false)), at: tunnel.now)
        _ = tunnel.anchor.takeSent()
        func probe(key: SipKey, identifier: UInt8, isFromAnchor: Bool) -> [UInt8] {
            let probe = PathProbe(
                hearsPeer: true,
                isFromAnchor: isFromAnchor,
                interval: 250,
                bindingIdentifier: identifier,
                sentAt: 9_000_000_000,
                echo: 0,
                heldFor: 0
            ).octets(key: key)
            return wrapped(probe, isFromAnchor: isFromAnchor, kind)
        }
        for (key, identifier, isFromAnchor) in [
            (SipKey(k0: 9, k1: 9), 1, false), (Pair.probeKey, 2, false), (Pair.probeKey, 1, true),
        ] as [(SipKey, UInt8, Bool)] {
            let octets = probe(key: key, identifier: identifier, isFromAnchor: isFromAnchor)
            tunnel.anchor.fromTunnel(octets, tunnel.arrival(isUp: true), at: tunnel.now)
        }
        #expect(tunnel.anchor.drops[.badProbe] == 3)
        #expect(tunnel.anchor.path(1)?.condition == .unproven)
        let octets = probe(key: Pair.probeKey, identifier: 1, isFromAnchor: false)
        tunnel.anchor.fromTunnel(octets, tunnel.arrival(isUp: true), at: tunnel.now)
        #expect(tunnel.anchor.path(1)?.condition == .alive)
        // A replay.
        tunnel.anchor.fromTunnel(octets, tunnel.arrival(isUp: true), at: tunnel.now)
        #expect(tunnel.anchor.drops[.badProbe] == 4)
        #expect(tunnel.anchor.leaked == 0)
    }

    /// As `docs/path-probes.md` draws it.
    private func wrapped(_ probe: [UInt8], isFromAnchor: Bool, _ kind: Tunnel.Kind) -> [UInt8] {
        let anchor = "fe 80 00 00 00 00 00 00 00 00 00 00 00 05 00 01"
        let gateway = "fe 80 00 00 00 00 00 00 00 00 00 00 00 05 00 02"
        let ends = isFromAnchor ? anchor + gateway : gateway + anchor
        let plain = Packets.octets("60 00 00 00 00 28 fd 01 " + ends) + probe
        let key = Packets.octets(kind.hasKey ? "20 00 88 b5 0a 0b 0c 01" : "00 00 88 b5")
        switch kind.encapsulation {
        case .ipInIP, .udp: return plain
        case .gre: return key + probe
        case .udpTLV: return Packets.octets("00 29 00 50") + plain
        case .udpTLVGRE: return Packets.octets(kind.hasKey ? "00 2f 00 30" : "00 2f 00 2c") + key + probe
        }
    }
}
