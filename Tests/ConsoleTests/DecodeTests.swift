import Console
// SPDX-License-Identifier: Apache-2.0
import Foundation
import Testing
import Wire

@Suite struct DecodeTests {
    private static let captures = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "WireTests/Captures")
    private static let callFlow = captures.appending(path: "rfc8278-call-flow.pcap")

    private static func frame(_ octets: [UInt8]) -> CapturedFrame {
        CapturedFrame(number: 7, seconds: 1_700_000_000, nanoseconds: 5, originalLength: octets.count, octets: octets)
    }

    private static func presentation(of octets: [UInt8]) throws -> MessagePresentation {
        let source = IPv6Address("2001:db8:a::2") ?? .zero
        let header = IPv6Header(
            source: source,
            destination: source,
            nextHeader: IPProtocol.mobilityHeader,
            payloadLength: octets.count
        )
        return MessagePresentation(
            try #require(CapturedPacket(frame(header.octets + octets), linkType: .rawIP))
        )
    }

    private static func firstOfCallFlow() throws -> MessagePresentation {
        let file = try CaptureFile(Array(try Data(contentsOf: callFlow)))
        return MessagePresentation(try #require(file.packets.first))
    }

    @Test func everyFieldIsInTheObject() throws {
        let text = try Self.firstOfCallFlow().json.text
        #expect(
            text == #"""
                {"frame":1,"time":"1700000000.500000000","source":"2001:db8:a::2","destination":"2001:db8:100::1",\#
                "transport":"ipv6","checksum":"ok","message":"PBU","type":5,"payload-proto":59,"length":128,\#
                "fields":{"sequence":1,"flags":"AP","lifetime":3600},"options":[\#
                {"type":8,"name":"Mobile Node Identifier","fields":{"subtype":1,"identifier":"cpe1@example.net"}},\#
                {"type":22,"name":"Home Network Prefix","fields":{"prefix":"::/0","off-link":false}},\#
                {"type":23,"name":"Handoff Indicator","fields":{"hi":1}},\#
                {"type":24,"name":"Access Technology Type","fields":{"att":1}},\#
                {"type":27,"name":"Timestamp","fields":{"timestamp":"1700000000.500000","value":111411200032768}},\#
                {"type":63,"name":"MAG Multipath Binding","fields":{"if-att":8,"if-label":11,"binding-id":1,\#
                "bulk":false,"overwrite":false}},\#
                {"type":64,"name":"MAG Identifier","fields":{"subtype":1,"identifier":"mag1@example.net"}},\#
                {"type":55,"name":"Delegated Mobile Network Prefix","fields":{"prefix":"::/0"}}]}
                """#
        )
        #expect(!text.contains("\n"))
        _ = try JSONSerialization.jsonObject(with: Data(text.utf8))
    }

    @Test func everyFieldIsInTheText() throws {
        let lines = try Self.firstOfCallFlow().text.split(separator: "\n").map { String($0) }
        #expect(
            lines.first
                == "1  1700000000.500000000  2001:db8:a::2 > 2001:db8:100::1  IPv6, checksum ok  PBU"
        )
        #expect(lines.dropFirst().first == "    sequence 1, flags AP, lifetime 3600")
        #expect(
            lines.contains(
                "     63  MAG Multipath Binding: if-att 8, if-label 11, binding-id 1, bulk false, overwrite false"
            )
        )
        #expect(lines.count == 10)
    }

    @Test func ipv4TransportShowsItsPorts() throws {
        let payload = MobilityHeader(.heartbeat(Heartbeat(isResponse: true, sequence: 3, options: MobilityOptions())))
        let source = IPv4Address(198, 51, 100, 2)
        let datagram = UDPHeader.datagram(
            from: (.v4(source), 40000),
            to: (.v4(source), 5436),
            payload: payload.octets
        )
        let packet = IPv4Header(
            source: source,
            destination: source,
            protocolNumber: IPProtocol.udp,
            payloadLength: datagram.count
        )
        let captured = try #require(CapturedPacket(Self.frame(packet.octets + datagram), linkType: .rawIP))
        let presentation = MessagePresentation(captured)
        #expect(presentation.json.text.contains(#""transport":"udp","source-port":40000,"destination-port":5436,"#))
        #expect(
            presentation.text.contains("198.51.100.2:40000 > 198.51.100.2:5436  UDP, checksum ok  Heartbeat Response")
        )
    }

    @Test func undecodableMessageIsShownWithReasonAndOctets() throws {
        let presentation = try Self.presentation(of: [59, 9, 5, 0, 0, 0, 0, 0])
        let reason = "Header Len ends too early (octet 1)"
        #expect(presentation.json.text.hasSuffix(#""error":"\#(reason)","octets":"3b09050000000000"}"#))
        #expect(presentation.json.text.contains(#""checksum":"bad""#))
        #expect(presentation.text.contains("cannot be decoded: \(reason)\n    octets 3b09050000000000"))
    }

    @Test func undecodableAndUnknownOptionsAreShownInTheirPlace() throws {
        let octets: [UInt8] =
            [59, 2, 5, 0, 0, 0, 0, 1, 0x82, 0, 0, 1] + [27, 1, 9] + [200, 2, 0xAB, 0xCD] + [1, 3, 0, 0, 0]
        let presentation = try Self.presentation(of: octets)
        #expect(
            presentation.json.text.contains(
                #"""
                "options":[{"type":27,"name":"Timestamp","error":"Timestamp ends too early (octet 0)","data":"09"},\#
                {"type":200,"name":"Unknown","fields":{"data":"abcd"}}]
                """#
            )
        )
        #expect(
            presentation.text.contains(
                "     27  Timestamp: cannot be decoded: Timestamp ends too early (octet 0); data 09\n"
            )
        )
        #expect(presentation.text.hasSuffix("    200  Unknown: data abcd"))
    }

    @Test func unknownMessageShowsItsBody() throws {
        let presentation = try Self.presentation(of: [59, 0, 22, 0, 0, 0, 0xAA, 0xBB])
        #expect(presentation.json.text.contains(#""message":"MH type 22","type":22,"#))
        #expect(presentation.json.text.contains(#""fields":{"body":"aabb"},"options":[]}"#))
    }

    @Test func anotherPayloadProtoIsPointedOut() throws {
        let presentation = try Self.presentation(of: [58, 0, 22, 0, 0, 0, 0xAA, 0xBB])
        #expect(presentation.json.text.contains(#""payload-proto":58"#))
        #expect(presentation.text.contains("Payload Proto 58 instead of 59"))
    }

    // MARK: - Tunnels

    private static func zoo(_ frame: Int) throws -> MessagePresentation {
        let file = try CaptureFile(Array(try Data(contentsOf: captures.appending(path: "message-zoo.pcap"))))
        return MessagePresentation(try #require(file.packets.first { $0.frame == frame }))
    }

    private static let udp4 = "192.0.2.1:5437 > 198.51.100.2:5437  UDP, checksum ok"
    private static let inner6 = "inner packet: udp [2001:db8:ffff::80]:4000 > [2001:db8:1234:1::10]:4001, length 51"

    @Test(
        arguments: [
            (
                16, "192.0.2.1 > 198.51.100.2  IPv4, checksum absent  IP-in-IP",
                ["inner packet: udp 192.0.2.200:4000 > 10.20.40.5:4001, length 31"]
            ),
            (
                18, "2001:db8:100::1 > 2001:db8:a::2  IPv6, checksum absent  GRE",
                ["GRE: protocol-type 34525, key 168496129, sequence 0", inner6]
            ),
            (20, "\(udp4)  UDP tunnel", [inner6]),
            (
                22, "\(udp4)  TLV GRE",
                ["TLV: next-header 47, length 63", "GRE: protocol-type 34525, key 168496129, sequence 2", inner6]
            ),
            (
                27, "198.51.100.2:2152 > 192.0.2.1:2152  UDP, checksum ok  GTP-U",
                [
                    "GTP-U: message-type 26, message-name error indication, teid 0, sequence 0, teid-data 2882338817, "
                        + "peer-address 198.51.100.2"
                ]
            ),
            (
                31, "2001:db8:a::2 > 2001:db8:100::1  IPv6, checksum ok  BU",
                ["Home Address: home-address 2001:db8:100::c1", "sequence 7, flags AHRO, lifetime 600"]
            ),
        ] as [(Int, String, [String])]
    )
    func headersAreInTheText(frame: Int, heading: String, lines: [String]) throws {
        let text = try Self.zoo(frame).text.split(separator: "\n").map { String($0) }
        #expect(text.first?.hasSuffix("  " + heading) == true)
        #expect(Array(text.dropFirst().prefix(lines.count)) == lines.map { "    " + $0 })
        #expect(frame == 31 || text.count == lines.count + 1)
    }

    @Test func headersAndInnerPacketAreInTheObject() throws {
        let keyed = try Self.zoo(19).json.text
        #expect(
            keyed == #"""
                {"frame":19,"time":"1700000000.518000000","source":"192.0.2.1","destination":"198.51.100.2",\#
                "transport":"ipv4","checksum":"absent","headers":[{"name":"GRE","fields":{"protocol-type":2048,\#
                "key":168496129,"sequence":1}}],"inner":{"flow":"udp 192.0.2.200:4000 > 10.20.40.5:4001","length":31}}
                """#
        )
        let secured = try Self.zoo(28).json.text
        #expect(
            secured.contains(#""headers":[{"name":"ESP","fields":{"spi":3237998081,"sequence":1}}],"octets":"0000"#)
        )
        let client = try Self.zoo(31).json.text
        let home = #""headers":[{"name":"Home Address","fields":{"home-address":"2001:db8:100::c1"}}],"message":"BU","#
        #expect(client.contains(home))
    }

    /// Every kind of message has a name and a line of fields, and every line of JSON is one.
    @Test(arguments: 1...31) func everyFrameOfTheZooIsPrinted(frame: Int) throws {
        let presentation = try Self.zoo(frame)
        #expect(!presentation.text.contains("cannot be decoded") && !presentation.text.contains("Unknown"))
        _ = try JSONSerialization.jsonObject(with: Data(presentation.json.text.utf8))
    }

    @Test func messagesOfOtherRFCsHaveTheirNamesAndReasons() throws {
        #expect(
            try Self.zoo(5).text.contains("  BRI\n    trigger 1, trigger-name administrative reason, sequence 17185")
        )
        #expect(try Self.zoo(7).json.text.contains(#""message":"UPN","type":19"#))
        #expect(try Self.zoo(7).json.text.contains(#""reason":1,"reason-name":"force re-registration""#))
    }

    @Test func anEmptyDatagramIsAKeepalive() throws {
        let source = IPAddress.v4(IPv4Address(198, 51, 100, 2))
        let datagram = UDPHeader.datagram(from: (source, 5437), to: (source, 5437), payload: [])
        let packet = IPv4Header(
            source: IPv4Address(198, 51, 100, 2),
            destination: IPv4Address(198, 51, 100, 2),
            protocolNumber: IPProtocol.udp,
            payloadLength: datagram.count
        )
        let captured = try #require(CapturedPacket(Self.frame(packet.octets + datagram), linkType: .rawIP))
        #expect(MessagePresentation(captured).text.hasSuffix("  UDP, checksum ok  keepalive"))
    }

    @Test func probesOfSizesAreShownInGREAndInTheEnvelope() throws {
        let probe = PathSizeProbe(isAnswer: true, isFromAnchor: true, size: 1440, bindingIdentifier: 3, number: 77)
        let content = probe.octets(key: SipKey(k0: 1, k1: 2))
        let gre = GREHeader(protocolType: GREHeader.pathProbe, key: 5).octets + content
        let envelope = ProbeEnvelope.header(isFromAnchor: true, length: content.count) + content
        for (next, payload) in [(IPProtocol.gre, gre), (IPProtocol.ipv6, envelope)] {
            let header = IPv6Header(source: .zero, destination: .zero, nextHeader: next, payloadLength: payload.count)
            let packet = try #require(CapturedPacket(Self.frame(header.octets + payload), linkType: .rawIP))
            let text = MessagePresentation(packet).text
            #expect(text.contains("path size probe: binding-id 3, flags RA, length 1440, number 77"))
        }
    }

    @Test func pathReportsAreShownWithEverythingThatTheySay() throws {
        var report = PathReport(
            hearsPeer: true,
            isFromAnchor: true,
            interval: 20,
            bindingIdentifier: 3,
            sentAt: 8,
            madeAt: 7,
            nextNumber: 100,
            expectedNumber: 40,
            runs: [1, 5],
            isCut: true
        )
        report.receptions = [
            PathReport.Reception(
                bindingIdentifier: 3,
                hearsPeer: true,
                newest: 45,
                newestAge: 6,
                octets: 1000,
                octetsAge: 2,
                echo: 9,
                heldFor: 11
            )
        ]
        let content = report.octets(key: SipKey(k0: 1, k1: 2))
        let gre = GREHeader(protocolType: GREHeader.pathProbe, key: 5).octets + content
        let envelope = ProbeEnvelope.header(isFromAnchor: true, length: content.count) + content
        for (next, payload) in [(IPProtocol.gre, gre), (IPProtocol.ipv6, envelope)] {
            let header = IPv6Header(source: .zero, destination: .zero, nextHeader: next, payloadLength: payload.count)
            let packet = try #require(CapturedPacket(Self.frame(header.octets + payload), linkType: .rawIP))
            let text = MessagePresentation(packet).text
            #expect(
                text.contains(
                    "path report: binding-id 3, flags HAT, interval 20, sent-at 8, made-at 7, next-number 100, "
                        + "expected-number 40"
                )
            )
            #expect(text.contains("newest-number 45, newest-age 6, octets 1000, octets-age 2, echo 9, held-for 11"))
            #expect(text.contains("missing and arrived in turn: 1 5"))
            let json = MessagePresentation(packet).json.text
            #expect(json.contains(#""path-report":{"fields":{"binding-id":3,"#) && json.contains(#""runs":[1,5]"#))
            _ = try JSONSerialization.jsonObject(with: Data(json.utf8))
        }
    }

    @Test func jsonStringsAreEscaped() {
        let json = OrderedJSON.object([
            .init("a\"\\\n\u{1}\u{2028}é", .array([.bool(true), .number(.max), .string("")]))
        ])
        #expect(json.text == #"{"a\"\\\n\u0001\u2028é":[true,18446744073709551615,""]}"#)
    }

    @Test func commandReadsACaptureAndRefusesWhatIsNone() throws {
        try Self.run(Self.callFlow.path)
        #expect(throws: DecodeFailure.self) { try Self.run(#filePath) }
        #expect(throws: FileFailure.self) { try Self.run("/nonexistent.pcap") }
    }

    private static func run(_ file: String) throws {
        var command = DecodeCommand()
        command.file = file
        command.json = true
        try command.run()
    }
}
