// SPDX-License-Identifier: Apache-2.0
import Mobility
import Testbed
import Testing
import Wire

/// Recorded messages of other implementations meet our engines, with the translation that they need and without.
@Suite struct CompatibilityTests {
    typealias Domain = ExampleDomain

    private static let anchorAddress = Domain.address("2001:db8:c::1")
    private static let gatewayAddress = Domain.address("2001:db8:c::2")
    private static let prefix = Domain.prefix("2001:db8:1:1::/64")
    private static let opmipNode = NodeIdentifier(nai: "mn1@example.com")
    private static let oaiNode = NodeIdentifier(nai: "00000200000000aa")

    /// An anchor in the place of the recorded one.
    private static func anchor(_ make: PeerCompatibility, for node: NodeIdentifier) -> LocalMobilityAnchor {
        var peer = GatewayPeer(identifier: NodeIdentifier(nai: "mag"), mobileNodes: [node], authentication: .none)
        peer.compatibility = make
        var settings = AnchorSettings(addresses: [anchorAddress], gateways: [peer], restartCounter: 1)
        settings.homeNetworkPrefixes = PrefixPool(range: Domain.prefix("2001:db8:1::/48"), length: 64)
        return LocalMobilityAnchor(settings, seed: 1)
    }

    /// When the time stamp of a message of OpenAirInterface's is right.
    private static func moment(of update: Datagram) throws -> Moment {
        let words = update.octets[76..<84]
        let value = Array(words[76..<80].reversed() + words[80..<84].reversed())
        let timestamp = Timestamp(value: value.reduce(0) { $0 << 8 | UInt64($1) })
        return Moment(instant: Instant(nanoseconds: Int64(timestamp.seconds) * 1_000_000_000), timestamp: timestamp)
    }

    private static let now = Moment(instant: Instant(nanoseconds: 1), timestamp: Timestamp(seconds: 1_795_220_782))

    private func sent(_ actions: [Action]) -> [Datagram] {
        actions.compactMap { if case .send(let datagram) = $0 { datagram } else { nil } }
    }

    // MARK: - Their gateways, our anchor

    /// What that gateway was seen to accept is what it gets: octet for octet.
    @Test func gatewayOfOpenAirInterfaceIsAnsweredInItsForm() throws {
        var anchor = Self.anchor(.oai, for: Self.oaiNode)
        for (request, answer) in [(7, 8), (11, 12), (15, 16)] {
            let update = try PeerCapture.datagram("oai-mag-vs-minilma-lenient", frame: request)
            let expected = try PeerCapture.datagram("oai-mag-vs-minilma-lenient", frame: answer)
            let actions = anchor.handle(.received(update), at: try Self.moment(of: update))
            #expect(sent(actions) == [expected], "frame \(request)")
        }
        let session = try #require(anchor.snapshot.sessions.first)
        #expect(session.identifier.mobileNode == Self.oaiNode && session.homeNetworkPrefixes == [Self.prefix])
        #expect(session.legs.map(\.careOfAddress) == [Self.gatewayAddress])
    }

    @Test func gatewayOfOpenAirInterfaceIsRefusedUnlessTheOperatorSaysSo() throws {
        for make in [PeerCompatibility.strict, .opmip] {
            var anchor = Self.anchor(make, for: Self.oaiNode)
            let update = try PeerCapture.datagram("oai-mag-vs-minilma-lenient", frame: 7)
            #expect(sent(anchor.handle(.received(update), at: try Self.moment(of: update))).isEmpty)
            #expect(anchor.snapshot.counters.dropped == [.malformed: 1] && anchor.snapshot.sessions.isEmpty)
        }
    }

    /// Nobody else profits: another gateway's node in such a message is nobody's.
    @Test func translationIsForTheGatewayThatIsMarkedOnly() throws {
        var anchor = Self.anchor(.oai, for: Self.opmipNode)
        let update = try PeerCapture.datagram("oai-mag-vs-minilma-lenient", frame: 7)
        #expect(sent(anchor.handle(.received(update), at: try Self.moment(of: update))).isEmpty)
        #expect(anchor.snapshot.counters.dropped == [.malformed: 1])
    }

    /// Translation repairs nothing else: a wrong checksum, more than four octets too many, an old time stamp.
    @Test func otherFaultsOfSuchAGatewayStayFaults() throws {
        var anchor = Self.anchor(.oai, for: Self.oaiNode)
        let update = try PeerCapture.datagram("oai-mag-vs-minilma-lenient", frame: 7)
        let now = try Self.moment(of: update)
        var spoilt = update
        spoilt.octets[20] ^= 1
        #expect(sent(anchor.handle(.received(spoilt), at: now)).isEmpty)
        #expect(anchor.snapshot.counters.dropped == [.badChecksum: 1])
        var long = update
        long.octets += [0, 0, 0, 0]
        #expect(sent(anchor.handle(.received(long.repaired), at: now)).isEmpty)
        #expect(anchor.snapshot.counters.dropped == [.badChecksum: 1, .malformed: 1])
        let late = sent(anchor.handle(.received(update), at: now + .seconds(10)))
        let reply = try MobilityHeader(decoding: try #require(late.first).octets).message
        guard case .bindingAcknowledgement(let refusal) = reply else {
            Issue.record("no acknowledgement")
            return
        }
        #expect(refusal.status == .timestampMismatch)
        #expect(anchor.snapshot.sessions.isEmpty)
    }

    @Test func gatewayOfOpmipIsAnsweredInItsForm() throws {
        let update = try PeerCapture.datagram("opmip-icmp", frame: 8)
        var anchor = Self.anchor(.opmip, for: Self.opmipNode)
        #expect(
            sent(anchor.handle(.received(update), at: Self.now)) == [try PeerCapture.datagram("opmip-icmp", frame: 9)]
        )
        #expect(anchor.snapshot.sessions.first?.homeNetworkPrefixes == [Self.prefix])
    }

    /// Its update breaks no rule, so it is served; but the answer is aligned as RFC 5213 §8 has it.
    @Test func gatewayOfOpmipIsAnsweredStrictlyUnlessTheOperatorSaysOtherwise() throws {
        let update = try PeerCapture.datagram("opmip-icmp", frame: 8)
        var anchor = Self.anchor(.strict, for: Self.opmipNode)
        let answer = try #require(sent(anchor.handle(.received(update), at: Self.now)).first)
        let recorded = try PeerCapture.datagram("opmip-icmp", frame: 9)
        #expect(answer != recorded)
        #expect(
            try MobilityHeader(decoding: answer.octets).message == MobilityHeader(decoding: recorded.octets).message
        )
    }

    // MARK: - Their anchors, our gateway

    /// A gateway that has sent its first update, which carries the time that the recorded answer echoes.
    private static func gateway(
        _ make: PeerCompatibility,
        for node: NodeIdentifier,
        at now: Moment
    ) throws -> (gateway: MobileAccessGateway, update: BindingUpdate) {
        let wan = try #require(Domain.wan("wan1", 1, label: 1, .ethernet, .ipv6))
        var settings = GatewaySettings(
            identifier: NodeIdentifier(nai: "mag"),
            mobileNode: node,
            anchors: [AnchorPeer(addresses: [anchorAddress], authentication: .none)],
            wans: [wan],
            restartCounter: 1
        )
        settings.anchors[0].compatibility = make
        var gateway = MobileAccessGateway(settings, seed: 3)
        let actions =
            gateway.handle(.request(.start), at: now)
            + gateway.handle(.wanChanged("wan1", .up(careOfAddress: gatewayAddress)), at: now)
        for action in actions {
            guard case .send(let datagram) = action,
                case .bindingUpdate(let update) = try MobilityHeader(decoding: datagram.octets).message
            else { continue }
            return (gateway, update)
        }
        throw Absent()
    }

    private struct Absent: Error {}

    /// The recorded answer, to our update's number.
    private func answer(
        _ file: String,
        _ frame: Int,
        to update: BindingUpdate,
        _ changes: [Int: UInt8] = [:]
    ) throws -> Datagram {
        var changes = changes
        changes[8] = UInt8(update.sequence >> 8)
        changes[9] = UInt8(update.sequence & 0xFF)
        return try PeerCapture.datagram(file, frame: frame).patched(changes)
    }

    /// Of the time stamp in the answer of OpenAirInterface's anchor.
    private static let oaiNow = Moment(
        instant: Instant(nanoseconds: 1),
        timestamp: Timestamp(value: 0x0000_6B00_E5CF_A829)
    )

    @Test func anchorOfOpenAirInterfaceIsUnderstood() throws {
        var (gateway, update) = try Self.gateway(.oai, for: Self.oaiNode, at: Self.oaiNow)
        // What it is told is in its words.
        #expect(update.options.first(MobileNodeIdentifier.self)?.identifier.octets == [0, 0, 2, 0, 0, 0, 0, 0xAA])
        #expect(update.options.first(TimestampOption.self)?.timestamp.value == 0x006B_0000_29A8_CFE5)
        let answer = try answer("oai-plain", 7, to: update)
        _ = gateway.handle(.received(answer), at: Self.oaiNow)
        let session = gateway.snapshot.session
        #expect(session.homeNetworkPrefixes == [Self.prefix] && !session.isMultipath)
        #expect(session.legs.map(\.state) == ["registered"] && gateway.snapshot.counters.dropped.isEmpty)
        // The next names the prefix as such an anchor knows it.
        let next = gateway.handle(.deadline, at: Self.oaiNow + .seconds(7))
        let refresh = try sent(next).compactMap { datagram -> HomeNetworkPrefix? in
            try MobilityHeader(decoding: datagram.octets).message.options.first(HomeNetworkPrefix.self)
        }
        #expect(refresh.map(\.prefixLength) == [128] && refresh.map(\.address.description) == ["2001:db8:1:1::"])
    }

    @Test func anchorOfOpenAirInterfaceIsNotUnderstoodUnlessTheOperatorSaysSo() throws {
        for make in [PeerCompatibility.strict, .opmip] {
            var (gateway, update) = try Self.gateway(make, for: Self.oaiNode, at: Self.oaiNow)
            _ = gateway.handle(.received(try answer("oai-plain", 7, to: update)), at: Self.oaiNow)
            #expect(gateway.snapshot.counters.dropped == [.malformed: 1])
            #expect(gateway.snapshot.session.legs.map(\.state) == ["registering"])
        }
    }

    /// It repeats what the update says, so handoff indicator and access technology are put in as we send them.
    private static let echoed: [Int: UInt8] = [
        53: HandoffIndicator.attachmentOverNewInterface.value, 57: UInt8(AccessTechnology.virtual.rawValue),
    ]

    @Test func anchorOfOpmipIsUnderstood() throws {
        var (gateway, update) = try Self.gateway(.opmip, for: Self.opmipNode, at: Self.now)
        let answer = try answer(
            "opmip-lma-vs-rfc8278-pbu",
            6,
            to: update,
            Self.echoed
        )
        _ = gateway.handle(.received(answer), at: Self.now)
        #expect(gateway.snapshot.session.homeNetworkPrefixes == [Self.prefix])
        #expect(gateway.snapshot.session.legs.map(\.state) == ["registered"])
        #expect(gateway.snapshot.counters.dropped.isEmpty)
    }

    /// RFC 5213 §6.9.1.2: an acknowledgement without the time stamp of the update is no answer to it.
    @Test func anchorOfOpmipIsNotBelievedUnlessTheOperatorSaysSo() throws {
        for make in [PeerCompatibility.strict, .oai] {
            var (gateway, update) = try Self.gateway(make, for: Self.opmipNode, at: Self.now)
            let answer = try answer(
                "opmip-lma-vs-rfc8278-pbu",
                6,
                to: update,
                Self.echoed
            )
            _ = gateway.handle(.received(answer), at: Self.now)
            #expect(gateway.snapshot.counters.dropped == [.answerDoesNotMatch: 1])
            #expect(gateway.snapshot.session.legs.map(\.state) == ["registering"])
        }
    }

    /// It never assigns: a prefix of zeros with status 0 is an error, not a prefix.
    @Test func prefixOfZerosIsNotAGrant() throws {
        var (gateway, update) = try Self.gateway(.opmip, for: Self.opmipNode, at: Self.now)
        let answer = try answer("opmip-lma-vs-rfc8278-pbu", 24, to: update, Self.echoed)
        _ = gateway.handle(.received(answer), at: Self.now)
        #expect(gateway.snapshot.session.homeNetworkPrefixes.isEmpty)
        #expect(gateway.snapshot.session.legs.map(\.state) == ["refused"])
    }

    /// opmip drops an acknowledgement without P.
    @Test(arguments: PeerCompatibility.allCases)
    func ourAcknowledgementsAlwaysSayProxy(_ make: PeerCompatibility) throws {
        var anchor = Self.anchor(make, for: Self.opmipNode)
        let update = try PeerCapture.datagram("opmip-icmp", frame: 8)
        let answer = try #require(sent(anchor.handle(.received(update), at: Self.now)).first)
        #expect(answer.octets[7] & 0x20 == 0x20)
    }
}
