// SPDX-License-Identifier: Apache-2.0
import Foundation
import Testing
import Wire

/// What other implementations send, frame by frame (`Captures/peers/README.md`).
@Suite struct PeerCaptureTests {
    /// What a capture's frames are; those that are not named are neighbour discovery and the like.
    struct Peer: CustomTestStringConvertible, Sendable {
        var file: String
        var checksum: CapturedPacket.ChecksumState
        var frames: [Int: String]

        var testDescription: String { file }
    }

    private static let ping = "icmp 2001:db8:1:1:0:ff:fe00:aa > 2001:db8:cafe::1"
    private static let pong = "icmp 2001:db8:cafe::1 > 2001:db8:1:1:0:ff:fe00:aa"
    private static let routerPing = "icmp 2001:db8:3000::1 > 2001:db8:c::1"
    private static let routerPong = "icmp 2001:db8:c::1 > 2001:db8:3000::1"
    /// RFC 6275 §6.1.1: Payload Proto 59, so nothing may follow; four octets do.
    private static let tooLong = "refused: Header Len is followed by 4 octets that do not belong there (octet 1)"

    static let peers = [
        Peer(
            file: "opmip-icmp",
            checksum: .ok,
            frames: [
                8: "PBU 8 22 23 24", 9: "PBA 8 22 23 24", 13: ping, 14: pong, 15: ping, 16: pong, 17: ping, 18: pong,
            ]
        ),
        Peer(
            file: "opmip-lma-vs-rfc8278-pbu",
            checksum: .ok,
            frames: [
                3: "PBU 8 22 23 24 25 27", 4: "PBA 8 22 23 24",
                5: "PBU 8 22 23 24 25 27 63 64", 6: "PBA 8 22 23 24",
                7: "PBU 8 22 23 24 25 27 63 64", 8: "PBA 8 22 23 24",
                11: "PBU 8 22 23 24 25 27 63 64", 14: "PBA 8 22 23 24",
                17: "PBU 8 22 23 24 25", 18: "PBA 8 22 23 24",
                19: "PBU 8 22 23 24 25 27", 20: "PBA 8 22 23 24",
                23: "PBU 8 22 23 24 25 27", 24: "PBA 8 22 23 24",
                25: "PBU 8 23 24 25 27", 26: "PBA 8 22 23 24",
                27: "PBU 8 22 23 24 25 27 63 64", 28: "PBA 8 22 23 24",
            ]
        ),
        Peer(
            file: "oai-plain",
            checksum: .ok,
            frames: [
                6: tooLong, 7: tooLong, 8: tooLong, 9: tooLong, 12: ping, 13: pong, 14: tooLong, 15: tooLong,
                16: ping, 17: pong, 18: ping, 19: pong,
            ]
        ),
        Peer(
            file: "oai-mag-vs-minilma-lenient",
            checksum: .ok,
            frames: [
                3: tooLong, 5: tooLong, 7: tooLong, 8: "PBA 8 22 23 24 25 27", 11: tooLong,
                12: "PBA 8 22 23 24 25 27", 13: ping, 14: pong, 15: tooLong, 16: "PBA 8 22 23 24 25 27",
                17: ping, 18: pong, 19: ping, 20: pong,
            ]
        ),
        Peer(
            file: "umip-nemo-explicit",
            checksum: .ok,
            frames: [
                3: "BU 3 6", 6: "BA", 14: routerPing, 15: routerPong, 16: routerPing, 17: routerPong, 18: routerPing,
                19: routerPong, 20: "BU 3", 21: "BA",
            ]
        ),
        // A receiver drops all of these for their checksums (RFC 6275 §9.2).
        Peer(
            file: "tcpdump-ipv6_mobility_1",
            checksum: .bad,
            frames: [
                1: "Binding Refresh Request", 2: "MH type 1", 3: "MH type 2", 4: "MH type 3", 5: "MH type 4",
                6: "BU", 7: "BU 3", 8: "BU 4", 9: "BU 5", 10: "BU 3 4 5", 11: "BA", 12: "BA 2", 13: "BA 5",
                14: "BA 2 5", 15: "Binding Error", 16: "BU",
            ]
        ),
    ]

    @Test(arguments: peers) func framesAreWhatTheTableSays(_ peer: Peer) throws {
        let file = try CapturedContent.file("peers/\(peer.file)")
        #expect(file.damage == nil)
        let found = file.packets.map { ($0.frame, CapturedContent.text($0)) }
        #expect(Dictionary(uniqueKeysWithValues: found) == peer.frames)
        for message in file.messages { #expect(message.checksum == peer.checksum, "frame \(message.frame)") }
    }

    /// Odd padding, reserved bits and wrong checksums go out as they came.
    @Test(arguments: peers) func whatIsReadIsEncodedOctetForOctet(_ peer: Peer) throws {
        let file = try CapturedContent.file("peers/\(peer.file)")
        for packet in file.packets where peer.frames[packet.frame] != Self.tooLong {
            let frame = try #require(file.frames.first { $0.number == packet.frame })
            let octets = Array(frame.octets.dropFirst(file.linkType == .ethernet ? 14 : 0))
            #expect(try CapturedContent.encoded(packet) == octets, "frame \(packet.frame)")
        }
    }

    @Test(arguments: peers) func everyOptionIsRead(_ peer: Peer) throws {
        for message in try CapturedContent.file("peers/\(peer.file)").messages {
            guard let header = try? message.header.get() else { continue }
            #expect(header.message.options.malformed.isEmpty, "frame \(message.frame)")
            #expect(header.message.options.all(UnknownOption.self).isEmpty, "frame \(message.frame)")
        }
    }

    // MARK: - What they say

    @Test func anchorWithoutMultipathAnswersAsItsRFCSays() throws {
        let messages = try CapturedContent.file("peers/opmip-lma-vs-rfc8278-pbu").messages
        let answers = try messages.compactMap { message -> (Int, UInt8)? in
            guard case .bindingAcknowledgement(let reply) = try message.header.get().message else { return nil }
            #expect(reply.options.first(MAGMultipathBinding.self) == nil)
            return (message.frame, reply.status.rawValue)
        }
        let statuses: [Int: UInt8] = [4: 0, 6: 0, 8: 0, 14: 154, 18: 135, 20: 153, 24: 0, 26: 0, 28: 0]
        #expect(Dictionary(uniqueKeysWithValues: answers) == statuses)
    }

    /// A prefix of zeros and status 0: accepted, and nothing assigned.
    @Test func anchorThatAssignsNothingEchoesTheWish() throws {
        let messages = try CapturedContent.file("peers/opmip-lma-vs-rfc8278-pbu").messages
        let reply = try #require(messages.first { $0.frame == 24 }).header.get().message
        #expect(reply.options.first(HomeNetworkPrefix.self)?.isRequest == true)
    }

    /// Both ends of client mode: the home address stands in for what the IP header shows.
    @Test func clientModeIsCheckedOverTheHomeAddress() throws {
        let packets = try CapturedContent.file("peers/umip-nemo-explicit").packets
        let home = try #require(IPv6Address("2001:db8:1000::2"))
        let update = try #require(packets.first { $0.frame == 3 })
        #expect(update.headers.last == .ipv6Extension(.homeAddress(home, nextHeader: IPProtocol.mobilityHeader)))
        let answer = try #require(packets.first { $0.frame == 6 })
        #expect(answer.headers.last == .ipv6Extension(.homeRouting(home, nextHeader: IPProtocol.mobilityHeader)))
        #expect(answer.carrier.destination != .v6(home))
    }

    /// The time stamp stands across the end that Header Len tells, so that less would be read than was meant.
    @Test func messageBeyondHeaderLenIsReadableOnlyWithoutItsEnd() throws {
        let message = try #require(try CapturedContent.file("peers/oai-plain").messages.first)
        let fault = DecodeError(.trailingOctets(4), field: "Header Len", offset: 1)
        #expect(message.header == .failure(.undecodable(fault)))
        let length = (Int(message.octets[1]) + 1) * 8
        #expect(message.octets.count == length + 4)
        #expect(throws: DecodeError(.truncated, field: "option 27", offset: 76)) {
            try MobilityHeader(decoding: Array(message.octets.prefix(length)))
        }
    }

    // MARK: - Frames that are nobody's message

    struct Spoilt: CustomTestStringConvertible, Sendable {
        var file: String
        var frame: Int
        /// Behind the link's header.
        var offset: Int
        /// What the capture lacks of the message that the frame claims to hold.
        var missing: Int
        /// Why the octets that are there are no message either.
        var fault: DecodeError

        var testDescription: String { "\(file), frame \(frame)" }
    }

    static let spoilt = [
        Spoilt(
            file: "tcpdump-ipv6-mobility-header-oobr",
            frame: 1,
            offset: 0,
            missing: 12_329,
            fault: DecodeError(.truncated, field: "Header Len", offset: 1)
        ),
        Spoilt(
            file: "tcpdump-mobility_opt_asan",
            frame: 1,
            offset: 14,
            missing: 7122,
            fault: DecodeError(.truncated, field: "Header Len", offset: 1)
        ),
        Spoilt(
            file: "tcpdump-mobility_opt_asan",
            frame: 2,
            offset: 14,
            missing: 7122,
            fault: DecodeError(.truncated, field: "Header Len", offset: 1)
        ),
    ]

    /// They carry next header 62, which drafts of Mobile IPv6 used; and with 135 in its place they are cut, and what is
    /// left of them is no message.
    @Test(arguments: spoilt) func spoiltFrameIsRefused(_ spoilt: Spoilt) throws {
        let file = try CapturedContent.file("peers/\(spoilt.file)")
        var frame = try #require(file.frames.first { $0.number == spoilt.frame })
        #expect(frame.octets[spoilt.offset + 6] == 62)
        #expect(CapturedPacket(frame, linkType: file.linkType) == nil)
        frame.octets[spoilt.offset + 6] = IPProtocol.mobilityHeader
        let message = try #require(CapturedMessage(frame, linkType: file.linkType))
        #expect(message.header == .failure(.cut(missing: spoilt.missing)))
        #expect(throws: spoilt.fault) { try MobilityHeader(decoding: message.octets) }
    }
}
