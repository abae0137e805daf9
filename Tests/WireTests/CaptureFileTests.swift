// SPDX-License-Identifier: Apache-2.0
import Testing
import Wire

@Suite struct CaptureFileTests {
    private static let client = IPv6Address("2001:db8:a::2") ?? .zero
    private static let anchor = IPv6Address("2001:db8:100::1") ?? .zero
    private static let heartbeat = MobilityHeader(
        .heartbeat(Heartbeat(isResponse: false, sequence: 7, options: MobilityOptions()))
    )

    private static func ipv6(_ payload: [UInt8], next: UInt8 = IPProtocol.mobilityHeader) -> [UInt8] {
        IPv6Header(source: client, destination: anchor, nextHeader: next, payloadLength: payload.count).octets + payload
    }

    private static let message = heartbeat.octets(from: client, to: anchor)

    private static func ipv4(ports: (UInt16, UInt16), payload: [UInt8] = heartbeat.octets) -> [UInt8] {
        let source = IPv4Address(198, 51, 100, 2)
        let destination = IPv4Address(192, 0, 2, 1)
        let datagram = UDPHeader.datagram(
            from: (.v4(source), ports.0),
            to: (.v4(destination), ports.1),
            payload: payload
        )
        return IPv4Header(
            source: source,
            destination: destination,
            protocolNumber: IPProtocol.udp,
            payloadLength: datagram.count
        ).octets + datagram
    }

    private static func file(
        _ frames: [[UInt8]],
        linkType: UInt32 = 101,
        magic: UInt32 = 0xA1B2_C3D4,
        isLittleEndian: Bool = false,
        fraction: UInt32 = 500_000
    ) -> [UInt8] {
        func word(_ value: UInt32) -> [UInt8] {
            let octets = [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: value >> UInt32($0)) }
            return isLittleEndian ? octets.reversed() : octets
        }
        let version: UInt32 = isLittleEndian ? 0x0004_0002 : 0x0002_0004
        var octets = [magic, version, 0, 0, 65535, linkType].flatMap { word($0) }
        for frame in frames {
            let length = UInt32(frame.count)
            octets += [1_700_000_000, fraction, length, length].flatMap { word($0) }
            octets += frame
        }
        return octets
    }

    private static func only(_ frame: [UInt8], linkType: UInt32 = 101) throws -> CapturedMessage? {
        try CaptureFile(file([frame], linkType: linkType)).messages.first
    }

    @Test(arguments: [false, true], [UInt32(0xA1B2_C3D4), 0xA1B2_3C4D])
    func bothOrdersAndBothResolutionsAreRead(isLittleEndian: Bool, magic: UInt32) throws {
        let octets = Self.file([Self.ipv6(Self.message)], magic: magic, isLittleEndian: isLittleEndian)
        let file = try CaptureFile(octets)
        #expect(file.linkType == .rawIP)
        #expect(file.frames.map { $0.octets } == [Self.ipv6(Self.message)])
        #expect(file.messages.first?.time == (magic == 0xA1B2_C3D4 ? "1700000000.500000000" : "1700000000.000500000"))
        #expect(file.messages.first?.frame == 1)
    }

    @Test(arguments: [UInt32(12), 14, 101, 228, 229]) func rawLinksAreRead(type: UInt32) throws {
        #expect(try Self.only(Self.ipv6(Self.message), linkType: type)?.checksum == .ok)
    }

    @Test(arguments: [[], [0x81, 0x00, 0, 5], [0x88, 0xA8, 0, 7, 0x81, 0x00, 0, 5]] as [[UInt8]])
    func ethernetIsReadWithAndWithoutVLANTags(tags: [UInt8]) throws {
        let addresses = [UInt8](repeating: 2, count: 12)
        let six = addresses + tags + [0x86, 0xDD] + Self.ipv6(Self.message)
        #expect(try Self.only(six, linkType: 1)?.checksum == .ok)
        // Padding to the shortest Ethernet frame belongs to nobody.
        let four = addresses + tags + [0x08, 0x00] + Self.ipv4(ports: (5436, 5436)) + [0, 0, 0]
        let message = try #require(try Self.only(four, linkType: 1))
        #expect(message.checksum == .ok)
        #expect(try message.header.get() == Self.heartbeat)
        #expect(try Self.only(addresses + tags + [0x08, 0x06] + Self.ipv6(Self.message), linkType: 1) == nil)
    }

    @Test func cookedLinksAreRead() throws {
        let first = [UInt8](repeating: 0, count: 14) + [0x86, 0xDD] + Self.ipv6(Self.message)
        #expect(try Self.only(first, linkType: 113)?.checksum == .ok)
        let second = [0x86, 0xDD] + [UInt8](repeating: 0, count: 18) + Self.ipv6(Self.message)
        #expect(try Self.only(second, linkType: 276)?.checksum == .ok)
    }

    @Test func unknownLinkShowsNoMessages() throws {
        let file = try CaptureFile(Self.file([Self.ipv6(Self.message)], linkType: 105))
        #expect(!file.linkType.isKnown)
        #expect(file.messages.isEmpty)
    }

    @Test func whatIsNoCaptureIsRefused() {
        #expect(throws: CaptureError.notACapture) { try CaptureFile([]) }
        #expect(throws: CaptureError.notACapture) { try CaptureFile(Array("GET / HTTP/1.1 and so on".utf8)) }
        #expect(throws: CaptureError.nextGenerationFormat) { try CaptureFile([0x0A, 0x0D, 0x0D, 0x0A, 0, 0, 0, 28]) }
        let octets = Self.file([])
        for count in 4..<24 {
            #expect(throws: CaptureError.truncated(offset: count)) { try CaptureFile(Array(octets.prefix(count))) }
        }
    }

    @Test func truncationKeepsTheFramesBeforeIt() throws {
        let whole = Self.file([Self.ipv6(Self.message)])
        let octets = Self.file([Self.ipv6(Self.message), Self.ipv6(Self.message)])
        for count in (whole.count + 1)..<octets.count {
            let file = try CaptureFile(Array(octets.prefix(count)))
            #expect(file.frames.count == 1)
            #expect(file.damage == .truncated(offset: count))
        }
    }

    @Test(arguments: [UInt32(262_145), 0x7FFF_FFFF, 0xFFFF_FFFF]) func absurdLengthIsNamed(length: UInt32) throws {
        var octets = Self.file([Self.ipv6(Self.message)])
        octets.replaceSubrange(32..<36, with: [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: length >> UInt32($0)) })
        #expect(try CaptureFile(octets).damage == .absurdLength(length, frame: 1))
    }

    @Test func absurdFractionsDoNotTrap() throws {
        let file = try CaptureFile(Self.file([[]], fraction: .max))
        #expect(file.frames.first?.time == "1700000000.999999999")
    }

    @Test(arguments: [(5436, 5436), (40000, 5436), (5436, 40000)] as [(UInt16, UInt16)])
    func eitherPortTellsSignallingOverIPv4(ports: (UInt16, UInt16)) throws {
        let message = try #require(try Self.only(Self.ipv4(ports: ports)))
        #expect(message.transport == .udp(sourcePort: ports.0, destinationPort: ports.1))
        #expect(message.checksum == .ok)
        #expect(message.source.description == "198.51.100.2")
        #expect(try Self.only(Self.ipv4(ports: (5437, 5437))) == nil)
    }

    @Test func checksumsAreTold() throws {
        var bad = Self.ipv6(Self.message)
        bad[bad.count - 1] ^= 1
        #expect(try Self.only(bad)?.checksum == .bad)
        var four = Self.ipv4(ports: (5436, 5436))
        four[four.count - 5] ^= 1
        #expect(try Self.only(four)?.checksum == .bad)
        four.replaceSubrange(26..<28, with: [0, 0])
        #expect(try Self.only(four)?.checksum == .absent)
    }

    @Test func extensionHeadersAreWalkedOver() throws {
        let options: [UInt8] = [43, 0, 1, 4, 0, 0, 0, 0]
        let routing: [UInt8] = [135, 0, 0, 0, 0, 0, 0, 0]
        let message = try #require(
            try Self.only(Self.ipv6(options + routing + Self.message, next: IPProtocol.hopByHopOptions))
        )
        #expect(message.checksum == .ok)
        #expect(try message.header.get().message == Self.heartbeat.message)
    }

    @Test func homeAddressesStandInForTheAddressesOfTheHeader() throws {
        let home = try #require(IPv6Address("2001:db8:100::c1"))
        let option: [UInt8] = [135, 2, 1, 2, 0, 0, 201, 16] + home.octets
        let fromHome = Self.heartbeat.octets(from: home, to: Self.anchor)
        #expect(try Self.only(Self.ipv6(option + fromHome, next: IPProtocol.destinationOptions))?.checksum == .ok)
        let routing: [UInt8] = [135, 2, 2, 1, 0, 0, 0, 0] + home.octets
        let toHome = Self.heartbeat.octets(from: Self.client, to: home)
        let message = try #require(try Self.only(Self.ipv6(routing + toHome, next: IPProtocol.routing)))
        #expect(message.checksum == .ok)
        #expect(message.destination == .v6(Self.anchor))
    }

    @Test func fragmentsAndCutFramesAreNamedAsSuch() throws {
        let fragment: [UInt8] = [135, 0, 0, 1, 0, 0, 0, 9]
        let first = try #require(try Self.only(Self.ipv6(fragment + Self.message, next: IPProtocol.fragment)))
        #expect(first.header == .failure(.fragment))
        let later: [UInt8] = [135, 0, 0, 8, 0, 0, 0, 9]
        #expect(try Self.only(Self.ipv6(later + Self.message, next: IPProtocol.fragment)) == nil)
        let cut = try #require(try Self.only(Array(Self.ipv6(Self.message).dropLast(3))))
        #expect(cut.header == .failure(.cut(missing: 3)))
        #expect(cut.octets.count == Self.message.count - 3)
        #expect(try Self.only(Array(Self.ipv6(Self.message).prefix(40)))?.header == .failure(.cut(missing: 16)))
    }

    @Test func undecodableMessageIsKeptWithItsReason() throws {
        var octets = Self.ipv6(Self.message)
        octets[41] = 0
        let message = try #require(try Self.only(octets))
        guard case .failure(.undecodable(let error)) = message.header else {
            Issue.record("decoded")
            return
        }
        #expect(error == DecodeError(.trailingOctets(8), field: "Header Len", offset: 1))
        #expect(message.octets.count == 16)
    }

    @Test func mutatedFramesNeverTrap() throws {
        var generator = SeededGenerator()
        let frames = [
            Self.ipv6(Self.message), Self.ipv4(ports: (5436, 5436)),
            Self.ipv6([43, 0, 1, 4, 0, 0, 0, 0] + [135, 0, 2, 1, 0, 0, 0, 0] + Self.message, next: 0),
            Self.ipv6([135, 2, 1, 2, 0, 0, 201, 16] + Self.client.octets + Self.message, next: 60),
            Self.ipv6([135, 0, 0, 1, 0, 0, 0, 9] + Self.message, next: 44),
        ]
        for _ in 0..<1000 {
            for frame in frames {
                let octets = generator.mutation(of: frame)
                for type in [LinkType.rawIP, .ethernet, .linuxCooked, .linuxCooked2] {
                    let captured = CapturedFrame(
                        number: 1,
                        seconds: 0,
                        nanoseconds: 0,
                        originalLength: 0,
                        octets: octets
                    )
                    if let message = CapturedMessage(captured, linkType: type),
                        case .success(let header) = message.header
                    {
                        #expect(header.octets == message.octets, "seed \(generator.seed)")
                    }
                }
            }
        }
        for _ in 0..<1000 { _ = try? CaptureFile(generator.mutation(of: Self.file(frames))).messages }
    }
}
