// SPDX-License-Identifier: Apache-2.0
import Foundation
import Testing
import Wire

/// A capture with every kind of message, option and tunnel header, made from the RFCs by other hands.
@Suite struct MessageZooTests {
    /// What a frame is, from outside in.
    struct Frame: CustomTestStringConvertible, Sendable {
        var number: Int
        var about: String
        var headers: String
        /// The message with the types of its options, or the inner flow, or the number of octets not looked into.
        var carries: String
        var checksum: CapturedPacket.ChecksumState

        init(
            _ number: Int,
            _ about: String,
            _ headers: String,
            _ carries: String,
            checksum: CapturedPacket.ChecksumState = .ok
        ) {
            self.number = number
            self.about = about
            self.headers = headers
            self.carries = carries
            self.checksum = checksum
        }

        var testDescription: String { "frame \(number): \(about)" }
    }

    private static let flow6 = "udp [2001:db8:ffff::80]:4000 > [2001:db8:1234:1::10]:4001"
    private static let flow4 = "udp 192.0.2.200:4000 > 10.20.40.5:4001"

    static let frames = [
        Frame(1, "PBU over IPv4, forced UDP", "IPv4 UDP", "PBU 8 22 23 24 27 63 64 36 33"),
        Frame(2, "PBA over IPv4 with home address and NAT detection", "IPv4 UDP", "PBA 8 22 23 24 27 63 37 38 31 33"),
        Frame(3, "heartbeat", "IPv6", "Heartbeat Request"),
        Frame(4, "its response with restart counter", "IPv6", "Heartbeat Response 28"),
        Frame(5, "revocation of one leg", "IPv6", "BRI 8 22 35"),
        Frame(6, "its acknowledgement", "IPv6", "BRA"),
        Frame(7, "update notification", "IPv6", "UPN 8"),
        Frame(8, "its acknowledgement", "IPv6", "UPA 8"),
        Frame(9, "binding error", "IPv6", "Binding Error"),
        Frame(10, "PBU with flow bindings", "IPv6", "PBU 8 22 23 24 27 63 64 45 45 44"),
        Frame(11, "PBA with their statuses", "IPv6", "PBA 8 22 23 24 27 63 45 45"),
        Frame(12, "PBU with authenticator", "IPv6", "PBU 8 22 23 24 27 63 64 9"),
        Frame(13, "IPv6 in IPv6", "IPv6", flow6, checksum: .absent),
        Frame(14, "IPv4 in IPv6", "IPv6", flow4, checksum: .absent),
        Frame(15, "IPv6 in IPv4", "IPv4", flow6, checksum: .absent),
        Frame(16, "IPv4 in IPv4", "IPv4", flow4, checksum: .absent),
        Frame(17, "GRE without key over IPv6", "IPv6 GRE", flow6, checksum: .absent),
        Frame(18, "GRE with key and sequence over IPv6", "IPv6 GRE", flow6, checksum: .absent),
        Frame(19, "GRE with key and sequence over IPv4", "IPv4 GRE", flow4, checksum: .absent),
        Frame(20, "IPv6 in UDP", "IPv4 UDP", flow6),
        Frame(21, "IPv4 in UDP", "IPv4 UDP", flow4),
        Frame(22, "GRE behind a TLV header", "IPv4 UDP TLV GRE", flow6),
        Frame(23, "GTP-U", "IPv4 UDP GTP-U", flow6),
        Frame(24, "GTP-U with sequence", "IPv4 UDP GTP-U", flow4),
        Frame(25, "GTP-U echo request", "IPv4 UDP GTP-U", "0 octets"),
        Frame(26, "GTP-U echo response", "IPv4 UDP GTP-U", "0 octets"),
        Frame(27, "GTP-U error indication", "IPv4 UDP GTP-U", "0 octets"),
        Frame(28, "ESP", "IPv6 ESP", "80 octets", checksum: .absent),
        Frame(29, "PBU with the options of many RFCs", "IPv6", "PBU 8 20 22 23 24 27 25 26 46 49 50 52 53 59 19 55"),
        Frame(30, "PBA with the options of many RFCs", "IPv6", "PBA 8 22 23 24 27 26 39 47 48 50 52 58 59 62 55"),
        Frame(31, "BU of a mobile router with two care-of addresses", "IPv6 Home Address", "BU 35 35 6 8 10"),
    ]

    @Test func everyFrameIsInTheTable() throws {
        let file = try CapturedContent.file("message-zoo")
        #expect(file.damage == nil && file.linkType == .rawIP)
        #expect(file.frames.map { $0.number } == Self.frames.map { $0.number })
        #expect(file.packets.map { $0.frame } == Self.frames.map { $0.number })
    }

    @Test(arguments: frames) func frameIsWhatTheTableSays(_ frame: Frame) throws {
        let packet = try Self.packet(frame)
        #expect(packet.headers.map { $0.name }.joined(separator: " ") == frame.headers)
        #expect(CapturedContent.text(packet) == frame.carries)
        #expect(packet.checksum == frame.checksum)
        #expect(packet.missing == 0 && !packet.isFragment)
    }

    @Test(arguments: frames) func frameIsEncodedOctetForOctet(_ frame: Frame) throws {
        let file = try CapturedContent.file("message-zoo")
        let octets = try #require(file.frames.first { $0.number == frame.number }).octets
        #expect(try CapturedContent.encoded(Self.packet(frame)) == octets)
    }

    /// The checksum as we compute it over the message; the authenticator and all else stand in the message already.
    @Test(arguments: frames) func messageOverIPv6GetsTheSameChecksum(_ frame: Frame) throws {
        let packet = try Self.packet(frame)
        guard let message = packet.message, case .v6(let source) = message.source,
            case .v6(let destination) = message.destination
        else { return }
        let home = packet.headers.lazy.compactMap { header -> IPv6Address? in
            if case .ipv6Extension(let header) = header { header.homeSource } else { nil }
        }.first
        #expect(try message.header.get().octets(from: home ?? source, to: destination) == message.octets)
    }

    @Test(arguments: frames) func everyOptionIsReadAndWrittenFromItsValues(_ frame: Frame) throws {
        guard let message = try Self.packet(frame).message else { return }
        for entry in try message.header.get().message.options.entries where !(entry.option is Padding) {
            let type = entry.option.optionType
            #expect(!(entry.option is MalformedOption), "option \(type)")
            #expect(!(entry.option is UnknownOption), "option \(type)")
            #expect(entry.option.data == entry.received.map { Array($0.dropFirst(2)) }, "option \(type)")
        }
    }

    // MARK: - Values

    /// RFC 5648 §4.2 and RFC 6602 gave the same bit two meanings.
    @Test func overwriteAndBulkFlagsAreToldApart() throws {
        func flags(_ number: Int) throws -> Field? {
            let message = try #require(try Self.packet(Self.frames[number - 1]).message)
            return try message.header.get().message.fields.first { $0.name == "flags" }
        }
        #expect(try flags(29) == Field("flags", "APB"))
        #expect(try flags(31) == Field("flags", "AHRO"))
    }

    @Test func userPlaneHeadersMeanWhatTheyShould() throws {
        func header(_ number: Int) throws -> (GTPUserPlaneHeader, [GTPInformationElement])? {
            guard case .gtp(let header, let elements) = try Self.packet(Self.frames[number - 1]).headers.last else {
                return nil
            }
            return (header, elements)
        }
        #expect(
            try header(23)?.0 == GTPUserPlaneHeader(.gPDU, tunnelEndpointIdentifier: 0xABCD_0001, payloadLength: 51)
        )
        let numbered = GTPUserPlaneHeader(.gPDU, tunnelEndpointIdentifier: 0xABCD_0001, sequence: 5, payloadLength: 31)
        #expect(try header(24)?.0 == numbered)
        #expect(try header(25)?.0.messageType == .echoRequest && header(25)?.0.sequence == 77)
        #expect(try header(26)?.0.messageType == .echoResponse && header(26)?.1 == [.recovery(0)])
        #expect(try header(27)?.0.messageType == .errorIndication)
        let about: [GTPInformationElement] = [
            .tunnelEndpointIdentifierData(0xABCD_0001), .peerAddress(.v4(IPv4Address(198, 51, 100, 2))),
        ]
        #expect(try header(27)?.1 == about)
    }

    @Test func tunnelHeadersMeanWhatTheyShould() throws {
        let keyed = GREHeader(protocolType: GREHeader.ipv6, key: 0x0A0B_0C01, sequence: 0)
        #expect(try Self.packet(Self.frames[17]).headers.last == .gre(keyed))
        #expect(try Self.packet(Self.frames[16]).headers.last == .gre(GREHeader(protocolType: GREHeader.ipv6)))
        let tlv = CapturedHeader.tlv(UDPTLVHeader(nextHeader: IPProtocol.gre, payloadLength: 63))
        #expect(try Self.packet(Self.frames[21]).headers.contains(tlv))
        let security = ESPHeader(securityParametersIndex: 0xC0FF_EE01, sequence: 1)
        #expect(try Self.packet(Self.frames[27]).headers.last == .esp(security))
        let home = try #require(IPv6Address("2001:db8:100::c1"))
        let option = IPv6ExtensionHeader.homeAddress(home, nextHeader: IPProtocol.mobilityHeader)
        #expect(try Self.packet(Self.frames[30]).headers.last == .ipv6Extension(option))
    }

    private static func packet(_ frame: Frame) throws -> CapturedPacket {
        try #require(try CapturedContent.file("message-zoo").packets.first { $0.frame == frame.number })
    }
}
