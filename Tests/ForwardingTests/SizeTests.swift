// SPDX-License-Identifier: Apache-2.0
import Forwarding
import Testing
import Wire

@Suite struct SizeTests {
    let pair = Pair(hasProbes: false)
    let host6 = "2001:db8:1234::1"
    let server6 = "2001:db8:ffff::80"
    let host4 = "10.1.0.1"
    let server4 = "198.51.100.9"

    @Test func theTunnelMTUIsTheSmallestOfTheInstalledPaths() {
        #expect(pair.gateway.forwarder.tunnelMTU(of: 1) == 1448)
        #expect(pair.gateway.events.contains(.mtuChanged(1, 1448)))
        _ = pair.gateway.takeEvents()
        pair.gateway.apply(.removePath(1), at: pair.now)
        #expect(pair.gateway.forwarder.tunnelMTU(of: 1) == 1456)
        #expect(pair.gateway.events == [.mtuChanged(1, 1456)])
        #expect(pair.gateway.forwarder.tunnelMTU(of: 9) == nil)
    }

    @Test func aSilentPathChangesNothingForTheHosts() {
        let pair = Pair()
        pair.passes(100)
        pair.links[1]?.losesUp = true
        pair.links[1]?.losesDown = true
        _ = pair.gateway.takeEvents()
        pair.passes(1000)
        #expect(pair.gateway.path(1)?.condition == .silent)
        #expect(pair.gateway.forwarder.tunnelMTU(of: 1) == 1448)
        #expect(!pair.gateway.events.contains { if case .mtuChanged = $0 { true } else { false } })
    }

    @Test func whatJustFitsIsSent() {
        pair.up(Packets.udp(host6, server6, length: 1448))
        pair.up(Packets.udp(host4, server4, length: 1448))
        pair.passes(20)
        #expect(pair.anchor.delivered.map(\.count) == [1448, 1448])
    }

    @Test func packetTooBigTellsTheHostTheMTU() throws {
        let packet = Packets.udp(host6, server6, length: 1449)
        pair.up(packet)
        #expect(pair.gateway.drops[.tooBig] == 1)
        let answer = try #require(pair.gateway.answered.first)
        #expect(answer.count == 1280)
        let decoded = IPv6Header(answer.span.bytes)
        let header = try #require(decoded)
        #expect(header.source == IPv6Address("2001:db8:ff::1"))
        #expect(header.destination == IPv6Address(host6))
        #expect(header.nextHeader == IPProtocol.icmpv6)
        #expect(Array(answer[40..<42]) == [2, 0])
        #expect(Array(answer[44..<48]) == [0, 0, 0x05, 0xA8])
        #expect(Array(answer[48...]) == Array(packet[..<1232]))
        let sum = Packets.transportChecksum(.v6(header.source), .v6(header.destination), 58, Array(answer[40...]))
        #expect(sum == 0)
    }

    @Test func fragmentationNeededTellsTheIPv4HostTheMTU() throws {
        let packet = Packets.udp(host4, server4, length: 1449)
        pair.up(packet)
        let answer = try #require(pair.gateway.answered.first)
        #expect(answer.count == 576)
        let decoded = IPv4Header(answer.span.bytes)
        let header = try #require(decoded)
        #expect(header.source == IPv4Address(203, 0, 113, 1))
        #expect(header.destination == IPv4Address(host4))
        #expect(Array(answer[20..<22]) == [3, 4])
        #expect(Array(answer[24..<28]) == [0, 0, 0x05, 0xA8])
        #expect(Array(answer[28...]) == Array(packet[..<548]))
        var whole = Checksum()
        whole.add(Array(answer[..<20]))
        #expect(whole.value == 0)
        var icmp = Checksum()
        icmp.add(Array(answer[20...]))
        #expect(icmp.value == 0)
    }

    @Test func ipv4WithoutDFIsSentForTheOuterToBeFragmented() {
        pair.up(Packets.udp(host4, server4, length: 1500, dontFragment: false))
        #expect(pair.gateway.answered.isEmpty)
        #expect(pair.gateway.drops.total == 0)
    }

    @Test func ipv6UpTo1280OctetsIsAlwaysSent() {
        for path in [1, 2] as [PathNumber] {
            pair.gateway.apply(.installPath(path, Pair.path(path, isUp: true, mtu: 1280)), at: pair.now)
        }
        #expect(pair.gateway.forwarder.tunnelMTU(of: 1) == 1228)
        pair.up(Packets.udp(host6, server6, length: 1280))
        #expect(pair.gateway.answered.isEmpty)
        pair.up(Packets.udp(host6, server6, length: 1281))
        // Never less than 1280 (RFC 2473 §7.1).
        #expect(pair.gateway.answered.first.map { Array($0[44..<48]) } == [0, 0, 5, 0])
    }

    @Test func noErrorAboutAnErrorALaterFragmentOrWithoutASource() {
        let unreachable = [1, 0, 0, 0] + Array(repeating: UInt8(0), count: 1500)
        pair.up(Packets.wrap(address(host6), address(server6), 58, unreachable))
        let unreachable4 = [3, 1, 0, 0] + Array(repeating: UInt8(0), count: 1500)
        pair.up(Packets.wrap(address(host4), address(server4), 1, unreachable4))
        // A fragment header with an offset.
        let fragment = [17, 0, 0x05, 0xA8, 0, 0, 0, 1] + Array(repeating: UInt8(0), count: 1500)
        pair.up(Packets.wrap(address(host6), address(server6), 44, fragment))
        pair.gateway.forwarder.setICMPSources(ipv6: nil, ipv4: nil)
        pair.up(Packets.udp(host6, server6, length: 1500))
        #expect(pair.gateway.drops[.tooBig] == 4)
        #expect(pair.gateway.answered.isEmpty)
        #expect(pair.gateway.leaked == 0)
    }

    @Test func errorsAreLimitedByRate() {
        let packet = Packets.udp(host6, server6, length: 1500)
        for _ in 0..<200 { pair.up(packet) }
        #expect(pair.gateway.answered.count == 50)
        pair.passes(100)
        for _ in 0..<200 { pair.up(packet) }
        #expect(pair.gateway.answered.count == 60)
        #expect(pair.gateway.drops[.tooBig] == 400)
    }

    // MARK: Segment size

    /// The MSS option after the forwarder saw the segment, if the checksum is right.
    private func size(_ packet: [UInt8], at offset: Int) -> Int? {
        guard let inner = InnerPacket(packet.span.bytes), let tcp = inner.transportOffset else { return nil }
        let sum = Packets.transportChecksum(inner.source, inner.destination, 6, Array(packet[tcp...]))
        return sum == 0 ? Int(packet[tcp + offset]) << 8 | Int(packet[tcp + offset + 1]) : nil
    }

    @Test(arguments: [0x02, 0x12] as [UInt8]) func synsOfBothFamiliesAreClamped(flags: UInt8) {
        let options = [2, 4, 0x05, 0xB4, 4, 2, 1, 1] as [UInt8]
        pair.up(Packets.tcp(host6, server6, flags: flags, options: options))
        pair.up(Packets.tcp(host4, server4, flags: flags, options: options))
        pair.passes(20)
        #expect(pair.anchor.delivered.map { size($0, at: 22) } == [1388, 1408])
    }

    @Test func anOptionAtAnOddOffsetKeepsTheChecksumRight() {
        pair.up(Packets.tcp(host6, server6, flags: 2, options: [1, 2, 4, 0x3B, 0xB4, 1, 1, 0]))
        pair.passes(20)
        #expect(pair.anchor.delivered.map { size($0, at: 23) } == [1388])
    }

    @Test func whatComesOutOfTheTunnelIsClampedToo() {
        let syn = Packets.tcp(host6, server6, flags: 2, options: [2, 4, 0x05, 0xB4])
        let header = GREHeader(protocolType: GREHeader.ipv6, key: Pair.upKey).octets
        pair.anchor.fromTunnel(header + syn, Pair.arrival(1, isUp: true), at: pair.now)
        #expect(pair.anchor.delivered.map { size($0, at: 22) } == [1388])
    }

    @Test func smallSizesOtherSegmentsAndBrokenOptionsStayAsTheyAre() {
        let packets = [
            Packets.tcp(host6, server6, flags: 2, options: [2, 4, 0x02, 0x00]),
            Packets.tcp(host6, server6, flags: 0x10, options: [2, 4, 0x05, 0xB4]),
            Packets.tcp(host6, server6, flags: 2, options: [2, 3, 0x05, 0xB4]),
            Packets.tcp(host6, server6, flags: 2, options: [2, 0, 0x05, 0xB4]),
            Packets.tcp(host6, server6, flags: 2, options: [8, 200, 2, 4, 0x05, 0xB4, 1, 1]),
            Packets.tcp(host6, server6, flags: 2, options: [0, 2, 4, 0x05, 0xB4, 1, 1, 1]),
            Packets.tcp(host6, server6, flags: 2, options: [1, 1, 1, 2]),
            Packets.tcp(host6, server6, flags: 2, options: []),
        ]
        packets.forEach(pair.up)
        pair.passes(20)
        #expect(Set(pair.anchor.delivered) == Set(packets))
    }
}
