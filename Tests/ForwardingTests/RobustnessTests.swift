// SPDX-License-Identifier: Apache-2.0
import Forwarding
import Testing
import Wire

@Suite struct RobustnessTests {
    @Test func randomOctetsNeitherTrapNorLeak() {
        let pair = Pair(.perPacket(reorderTimeout: .milliseconds(20)))
        var generator = Generator(seed: 11)
        for _ in 0..<3000 {
            let octets = generator.octets(Int.random(in: 0...120, using: &generator))
            let path = PathNumber(rawValue: Int32.random(in: 1...2, using: &generator))
            pair.gateway.fromTUN(octets, at: pair.now)
            pair.anchor.fromTUN(octets, at: pair.now)
            pair.anchor.fromTunnel(octets, Pair.arrival(path, isUp: true), at: pair.now)
            pair.gateway.fromTunnel(octets, Pair.arrival(path, isUp: false), at: pair.now)
        }
        #expect(pair.gateway.leaked == 0 && pair.anchor.leaked == 0)
        #expect(pair.gateway.drops.total > 5000)
    }

    @Test(arguments: 1...4 as ClosedRange<UInt64>) func mutatedPacketsNeitherTrapNorLeakNorBlind(seed: UInt64) {
        var generator = Generator(seed: seed)
        let pair = Pair(.perPacket(reorderTimeout: .milliseconds(50)))
        pair.passes(200)
        for _ in 0..<1500 {
            switch Int.random(in: 0..<4, using: &generator) {
            case 0: pair.up(mutate(sample(&generator), with: &generator))
            case 1: pair.up(sample(&generator))
            case 2: pair.down(mutate(Packets.udp("198.51.100.9", "10.1.0.1"), with: &generator))
            default: inject(into: pair, with: &generator)
            }
            if Bool.random(using: &generator) { pair.passes(Int64.random(in: 0...5, using: &generator)) }
            #expect(pair.gateway.leaked == 0 && pair.anchor.leaked == 0, "seed \(seed)")
        }
        pair.passes(2000)
        #expect(pair.gateway.session()?.held == 0 && pair.anchor.session()?.held == 0, "seed \(seed)")
        // After all that, true packets pass, in order.
        _ = pair.anchor.takeDelivered()
        let packets = (0..<50).map { Packets.udp("10.1.0.1", "198.51.100.9", port: UInt16(100 + $0)) }
        for packet in packets {
            pair.up(packet)
            pair.passes(5)
        }
        pair.passes(200)
        #expect(pair.anchor.delivered == packets, "seed \(seed)")
        #expect(pair.gateway.leaked == 0 && pair.anchor.leaked == 0, "seed \(seed)")
    }

    private func sample(_ generator: inout Generator) -> [UInt8] {
        [
            Packets.udp("2001:db8:1234::1", "2001:db8:ffff::80"),
            Packets.udp("10.1.0.1", "198.51.100.9"),
            Packets.tcp("10.1.0.1", "198.51.100.9", flags: 2, options: [2, 4, 0x05, 0xB4]),
            Packets.tcp("2001:db8:1234::1", "2001:db8:ffff::80", flags: 2, options: [1, 2, 4, 0x05, 0xB4, 1, 1, 1]),
            Packets.udp("2001:db8:1234::1", "2001:db8:ffff::80", length: 1500),
        ].randomElement(using: &generator) ?? []
    }

    private func mutate(_ octets: [UInt8], with generator: inout Generator) -> [UInt8] {
        var octets = octets
        for _ in 0..<Int.random(in: 1...4, using: &generator) where !octets.isEmpty {
            let place = Int.random(in: 0..<min(octets.count, 80), using: &generator)
            octets[place] = UInt8.random(in: 0...255, using: &generator)
        }
        if Int.random(in: 0..<5, using: &generator) == 0 {
            octets.removeLast(Int.random(in: 0...octets.count, using: &generator))
        }
        return octets
    }

    /// What flew by lately, mutated, at the other end.
    private func inject(into pair: Pair, with generator: inout Generator) {
        guard let flown = pair.log.suffix(50).randomElement(using: &generator) else { return }
        let peer = flown.isUp ? pair.anchor : pair.gateway
        peer.fromTunnel(
            mutate(flown.octets, with: &generator),
            Pair.arrival(flown.path, isUp: flown.isUp),
            at: pair.now
        )
        pair.launch()
    }

    @Test func withoutFreeSlotsNothingBreaks() {
        let peer = Peer(.gateway, slots: 1)
        peer.apply(.installSession(1, Pair.session(.perFlow, isUp: true)), at: .zero)
        peer.apply(.installPath(1, Pair.path(1, isUp: true, probeKey: Pair.probeKey)), at: .zero)
        let big = Packets.udp("2001:db8:1234::1", "2001:db8:ffff::80", length: 1500)
        peer.fromTUN(big, at: .zero)
        #expect(peer.answered.isEmpty)
        peer.fromTUN(Packets.udp("2001:db8:1234::1", "2001:db8:ffff::80"), at: .milliseconds(500))
        peer.advance(to: .milliseconds(1000))
        #expect(peer.leaked == 0)
    }

    @Test func removingASessionGivesHeldSlotsBack() {
        let pair = Pair(.perPacket(reorderTimeout: .seconds(1)), hasProbes: false)
        let packet = Packets.udp("2001:db8:1234::1", "2001:db8:ffff::80")
        for sequence in [3, 5, 9, 70_000] as [UInt32] {
            let header = GREHeader(protocolType: GREHeader.ipv6, key: Pair.upKey, sequence: sequence).octets
            pair.anchor.fromTunnel(header + packet, Pair.arrival(1, isUp: true), at: pair.now)
        }
        #expect(pair.anchor.session()?.held == 4)
        pair.anchor.apply(.removeSession(1), at: pair.now)
        #expect(pair.anchor.forwarder.arena.outstanding == 0)
        pair.anchor.fromTunnel(
            GREHeader(protocolType: GREHeader.ipv6, key: Pair.upKey).octets + packet,
            Pair.arrival(1, isUp: true),
            at: pair.now
        )
        #expect(pair.anchor.drops[.unknownKey] == 1)
    }

    @Test func commandsAboutWhatIsNotThereDoNothing() {
        let peer = Peer(.anchor)
        peer.apply(.removePath(7), at: .zero)
        peer.apply(.removeSession(7), at: .zero)
        peer.apply(.installPath(1, Pair.path(1, isUp: false)), at: .zero)
        peer.transmissionFailed(1, at: .zero)
        #expect(peer.events.isEmpty)
        #expect(peer.forwarder.snapshot().sessions.isEmpty)
        #expect(peer.forwarder.nextDeadline == nil)
    }

    @Test func theArenaHandsEachSlotOutOnce() {
        var arena = PacketArena(slots: 3)
        let slots = (0..<3).compactMap { _ in arena.take() }
        #expect(Set(slots.map(\.index)).count == 3)
        #expect(arena.take() == nil)
        #expect(slots.allSatisfy { $0.start == 128 && $0.count == 1920 })
        slots.forEach { arena.release($0) }
        #expect(arena.outstanding == 0)
        #expect(arena.buffer(Slot(index: 3, start: 0, count: 1)).count == 0)
        #expect(arena.buffer(Slot(index: 0, start: 2000, count: 100)).count == 0)
        #expect(arena.buffer(Slot(index: -1, start: 0, count: 1)).count == 0)
        #expect(arena.take(filledWith: Array(repeating: 0, count: 1921)) == nil)
        #expect(arena.outstanding == 0)
    }
}
