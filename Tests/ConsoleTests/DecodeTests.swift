import Console
// SPDX-License-Identifier: Apache-2.0
import Foundation
import Testing
import Wire

@Suite struct DecodeTests {
    private static let callFlow = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "WireTests/Captures/rfc8278-call-flow.pcap")

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

    @Test func jsonStringsAreEscaped() {
        let json = OrderedJSON.object([
            .init("a\"\\\n\u{1}\u{2028}é", .array([.bool(true), .number(.max), .string("")]))
        ])
        #expect(json.text == #"{"a\"\\\n\u0001\u2028é":[true,18446744073709551615,""]}"#)
    }

    @Test func commandReadsACaptureAndRefusesWhatIsNone() throws {
        try Self.run(Self.callFlow.path)
        #expect(throws: DecodeFailure.self) { try Self.run(#filePath) }
        #expect(throws: DecodeFailure.self) { try Self.run("/nonexistent.pcap") }
    }

    private static func run(_ file: String) throws {
        var command = DecodeCommand()
        command.file = file
        command.json = true
        try command.run()
    }
}
