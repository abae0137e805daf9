// SPDX-License-Identifier: Apache-2.0
import Testing
import Wire

/// What a captured packet shows of tunnels; messages have `CaptureFileTests`.
@Suite struct CapturedPacketTests {
    private static let anchor = IPv6Address("2001:db8:100::1") ?? .zero
    private static let gateway = IPv6Address("2001:db8:a::2") ?? .zero
    private static let anchor4 = IPv4Address(192, 0, 2, 1)
    private static let gateway4 = IPv4Address(198, 51, 100, 2)

    private static func ipv6(_ next: UInt8, _ payload: [UInt8]) -> [UInt8] {
        IPv6Header(source: anchor, destination: gateway, nextHeader: next, payloadLength: payload.count).octets
            + payload
    }

    private static func ipv4(_ number: UInt8, _ payload: [UInt8]) -> [UInt8] {
        IPv4Header(source: anchor4, destination: gateway4, protocolNumber: number, payloadLength: payload.count).octets
            + payload
    }

    private static func udp(_ port: UInt16, _ payload: [UInt8]) -> [UInt8] {
        let header = UDPHeader(sourcePort: port, destinationPort: port, payloadLength: payload.count)
        return header.octets + payload
    }

    private static let inner = ipv4(IPProtocol.tcp, [0, 80, 0x9C, 0x40] + [UInt8](repeating: 0, count: 16))
    private static let heartbeat = MobilityHeader(
        .heartbeat(Heartbeat(isResponse: false, sequence: 7, options: MobilityOptions()))
    ).octets(from: anchor, to: gateway)

    private static func packet(_ octets: [UInt8]) -> CapturedPacket? {
        let frame = CapturedFrame(number: 3, seconds: 1, nanoseconds: 2, originalLength: octets.count, octets: octets)
        return CapturedPacket(frame, linkType: .rawIP)
    }

    @Test func trafficOfOthersIsNotShown() {
        for packet in [
            Self.inner, Self.ipv6(IPProtocol.tcp, Array(Self.inner.dropFirst(20))),
            Self.ipv4(50, [0, 0, 0, 0, 0, 0, 0, 0]),
            Self.ipv4(IPProtocol.udp, Self.udp(53, [1, 2, 3])), Self.ipv4(135, Self.heartbeat),
            Self.ipv4(47, [0xFF, 0]),
            [], [0x45], [0x60, 0, 0, 0], [0x00, 1, 2],
        ] {
            #expect(Self.packet(packet) == nil)
        }
    }

    @Test func tunnelsNestAndTheirUsersPacketIsWhole() throws {
        let gre = GREHeader(protocolType: GREHeader.ipv6, key: 1).octets
        let octets = Self.ipv4(IPProtocol.gre, gre + Self.ipv6(IPProtocol.ipv4, Self.inner))
        let packet = try #require(Self.packet(octets))
        #expect(packet.headers.map { $0.name } == ["IPv4", "GRE", "IPv6"])
        #expect(packet.content == .packet(Self.inner))
        #expect(packet.outer.source == .v4(Self.anchor4) && packet.carrier.source == .v6(Self.anchor))
        #expect(packet.furtherHeaders.map { $0.name } == ["GRE", "IPv6"])
        #expect(try CapturedContent.encoded(packet) == octets)
    }

    @Test func messageInATunnelIsFoundAndChecked() throws {
        let packet = try #require(Self.packet(Self.ipv4(IPProtocol.ipv6, Self.ipv6(135, Self.heartbeat))))
        #expect(packet.message?.source == .v6(Self.anchor))
        #expect(packet.message?.transport == .ipv6)
        #expect(packet.outer.transport == .ipv4)
        #expect(packet.checksum == .ok)
        #expect(try packet.message?.header.get().message.name == "Heartbeat Request")
    }

    @Test func signallingInUDPOverIPv6IsFound() throws {
        let header = MobilityHeader(.heartbeat(Heartbeat(isResponse: true, sequence: 7, options: MobilityOptions())))
        let datagram = UDPHeader.datagram(
            from: (.v6(Self.anchor), 5436),
            to: (.v6(Self.gateway), 40000),
            payload: header.octets
        )
        let packet = try #require(Self.packet(Self.ipv6(IPProtocol.udp, datagram)))
        #expect(packet.message?.transport == .udp(sourcePort: 5436, destinationPort: 40000))
        #expect(packet.checksum == .ok)
        #expect(try packet.message?.header.get() == header)
    }

    @Test(arguments: [UInt16(5436), 5437]) func emptyDatagramsKeepTranslatorsAwake(port: UInt16) throws {
        let packet = try #require(Self.packet(Self.ipv4(IPProtocol.udp, Self.udp(port, []))))
        #expect(packet.content == .opaque([]) && packet.message == nil)
        #expect(packet.furtherHeaders.isEmpty && packet.checksum == .absent)
    }

    @Test func probesAndPayloadsThatAreNoPacketAreOpaque() throws {
        let probe = GREHeader(protocolType: GREHeader.pathProbe, key: 5).octets + [1, 2, 3]
        #expect(Self.packet(Self.ipv6(IPProtocol.gre, probe))?.content == .opaque([1, 2, 3]))
        #expect(Self.packet(Self.ipv4(IPProtocol.udp, Self.udp(5437, [0x70, 1])))?.content == .opaque([0x70, 1]))
        let tlv = UDPTLVHeader(nextHeader: 99, payloadLength: 2).octets + [8, 9]
        #expect(Self.packet(Self.ipv4(IPProtocol.udp, Self.udp(5437, tlv)))?.content == .opaque([8, 9]))
        #expect(Self.packet(Self.ipv4(IPProtocol.ipv6, [1, 2, 3]))?.content == .opaque([1, 2, 3]))
        let echo = GTPUserPlaneHeader(.echoRequest, tunnelEndpointIdentifier: 0, sequence: 1, payloadLength: 2)
        let unreadable = Self.ipv4(IPProtocol.udp, Self.udp(2152, echo.octets + [99, 1]))
        #expect(Self.packet(unreadable)?.content == .opaque([99, 1]))
    }

    @Test func cutTunnelsShowWhatIsThere() throws {
        let octets = Self.ipv6(IPProtocol.ipv4, Self.inner)
        // Not even all of the outer header.
        for count in 0..<40 { #expect(Self.packet(Array(octets.prefix(count))) == nil, "\(count) octets") }
        // Of the inner packet no more than its first octets, which do not tell its length.
        for count in 40..<44 {
            let cut = Array(octets.prefix(count))
            #expect(Self.packet(cut)?.content == .opaque(Array(cut.dropFirst(40))), "\(count) octets")
        }
        for count in 44..<octets.count {
            let cut = Array(octets.prefix(count))
            let packet = try #require(Self.packet(cut))
            #expect(packet.headers.map { $0.name } == ["IPv6"])
            #expect(packet.content == .packet(Array(cut.dropFirst(40))), "\(count) octets")
            #expect(packet.missing == octets.count - count)
        }
    }

    @Test func laterFragmentsOfTunnelsAreNotShownAndFirstOnesAre() {
        var octets = Self.ipv4(IPProtocol.ipv4, Self.inner)
        octets[6] = 0x20
        #expect(Self.packet(octets)?.isFragment == true)
        octets[7] = 1
        #expect(Self.packet(octets) == nil)
    }

    @Test func mutatedTunnelsNeverTrap() {
        var generator = SeededGenerator()
        let gre = GREHeader(protocolType: GREHeader.ipv4, key: 1, sequence: 2).octets + Self.inner
        let user = GTPUserPlaneHeader(.gPDU, tunnelEndpointIdentifier: 7, sequence: 1, payloadLength: Self.inner.count)
        let error = GTPUserPlaneHeader(.errorIndication, tunnelEndpointIdentifier: 0, sequence: 0, payloadLength: 5)
        let tlv = UDPTLVHeader(nextHeader: IPProtocol.gre, payloadLength: gre.count).octets + gre
        let seeds = [
            Self.ipv6(IPProtocol.gre, gre), Self.ipv4(IPProtocol.udp, Self.udp(5437, tlv)),
            Self.ipv4(IPProtocol.udp, Self.udp(2152, user.octets + Self.inner)),
            Self.ipv6(IPProtocol.udp, Self.udp(2152, error.octets + [16, 1, 2, 3, 4])),
            Self.ipv4(IPProtocol.ipv6, Self.ipv6(135, Self.heartbeat)), Self.ipv6(50, [1, 2, 3, 4, 5, 6, 7, 8, 9]),
        ]
        for index in 0..<2000 {
            for seed in seeds {
                guard let packet = Self.packet(generator.mutation(of: seed)) else { continue }
                let what = "seed \(generator.seed), case \(index)"
                #expect(!packet.headers.isEmpty && packet.missing >= 0, Comment(rawValue: what))
                _ = (CapturedContent.text(packet), packet.furtherHeaders.map { ($0.name, $0.fields, $0.octets) })
            }
        }
    }
}
