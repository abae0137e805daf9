// SPDX-License-Identifier: Apache-2.0
import Testing
import Wire

@Suite struct MessageVectorTests {
    static let vectors = VectorFile.all(in: "messages")

    @Test func everyKindHasAVector() {
        for kind in MobilityMessage.known {
            let start = kind.subtype
            #expect(Self.vectors.contains { $0.octets[2] == kind.type && $0.octets.dropFirst(6).starts(with: start) })
        }
        let known = MobilityMessage.known.map { $0.type }
        #expect(Self.vectors.contains { !known.contains($0.octets[2]) })
    }

    @Test(arguments: vectors) func vectorMeansWhatItsFileSays(_ vector: VectorFile) throws {
        let message = try MobilityHeader(decoding: vector.octets).message
        var found = ["name \(message.name)"] + message.fields.map { "\($0.name) \($0.value)" }
        found.append("options " + message.options.all.map { String($0.optionType) }.joined(separator: " "))
        #expect(found.map { $0.trimmedEnd } == vector.expectations.map { $0.trimmedEnd })
    }

    @Test(arguments: vectors) func vectorIsEncodedOctetForOctetAndFromItsValues(_ vector: VectorFile) throws {
        var header = try MobilityHeader(decoding: vector.octets)
        #expect(header.octets == vector.octets)
        header.message.options = header.message.options.normalized
        #expect(header.octets == vector.octets)
    }

    @Test(arguments: vectors) func truncatedAnywhereItIsUnreadable(_ vector: VectorFile) {
        for count in 0..<vector.octets.count {
            let octets = Array(vector.octets.prefix(count))
            #expect(throws: DecodeError.self, "\(count) octets") { try MobilityHeader(decoding: octets) }
        }
        #expect(throws: DecodeError.self) { try MobilityHeader(decoding: vector.octets + [0]) }
    }

    /// Truncated with a Header Len that fits: an error, or options cut off where one ends, and then the same octets.
    @Test(arguments: vectors) func shorterHeaderLenNeverTraps(_ vector: VectorFile) {
        for units in 1..<(vector.octets.count / 8) {
            var octets = Array(vector.octets.prefix(units * 8))
            octets[1] = UInt8(units - 1)
            guard let header = try? MobilityHeader(decoding: octets) else { continue }
            #expect(header.octets == octets)
        }
    }

    @Test(arguments: vectors) func mutationNeverTrapsAndWhatDecodesIsKept(_ vector: VectorFile) {
        var generator = SeededGenerator()
        var decoded = 0
        for index in 0..<1000 {
            let octets = generator.mutation(of: vector.octets)
            guard let header = try? MobilityHeader(decoding: octets) else { continue }
            decoded += 1
            #expect(header.octets == octets, "seed \(generator.seed), case \(index)")
            exercise(header)
        }
        #expect(decoded > 100, "seed \(generator.seed)")
    }

    @Test func randomOctetsNeverTrapAndWhatDecodesIsKept() {
        var generator = SeededGenerator()
        var decoded = 0
        for index in 0..<1000 {
            let units = Int.random(in: 1...32, using: &generator)
            var octets = generator.octets(units * 8)
            octets[1] = UInt8(units - 1)
            octets[2] = (MobilityMessage.known.map { $0.type } + [octets[2]]).randomElement(using: &generator) ?? 5
            if [16, 21].contains(octets[2]) { octets.replaceSubrange(6..<8, with: [UInt8(index % 3), 2]) }
            guard let header = try? MobilityHeader(decoding: octets) else { continue }
            decoded += 1
            #expect(header.octets == octets, "seed \(generator.seed), case \(index)")
            exercise(header)
        }
        #expect(decoded > 0, "seed \(generator.seed)")
    }

    private func exercise(_ header: MobilityHeader) {
        var header = header
        _ = header.message.name
        _ = header.message.fields.map { $0.value.description }
        _ = header.message.options.all.map { ($0.optionName, $0.fields.map { $0.value.description }) }
        header.message.options = header.message.options.normalized
        _ = header.octets(from: .zero, to: .allNodes)
    }

    // MARK: - Rules

    @Test func reservedBitsOfMessagesGoOutAsTheyCame() throws {
        var heartbeat = try #require(Self.vectors.first { $0.name.contains("heartbeat-request") }).octets
        heartbeat[6] = 0xA5
        heartbeat[7] = 0xFC
        #expect(try MobilityHeader(decoding: heartbeat).octets == heartbeat)
        var error = try #require(Self.vectors.first { $0.name.contains("binding-error") }).octets
        error[3] = 0x77
        error[7] = 0xFF
        #expect(try MobilityHeader(decoding: error).octets == error)
    }

    /// Every bit of the fixed part is kept, whatever it means: decoding and encoding lose nothing.
    @Test(arguments: vectors) func everyBitOfTheFixedPartIsKept(_ vector: VectorFile) throws {
        let subtype = [16, 21].contains(vector.octets[2]) ? (vector.octets[2] == 16 ? 1 : 2) : 0
        // A Home Agent Switch starts with the number of its addresses.
        let start = 6 + subtype + (vector.octets[2] == HomeAgentSwitch.type ? 1 : 0)
        // Where handovers are told, options follow after ten octets.
        let isHandover = [HandoverInitiate.type, HandoverAcknowledge.type].contains(vector.octets[2])
        for offset in start..<min(isHandover ? 10 : 12, vector.octets.count) {
            for bit in 0..<8 {
                var octets = vector.octets
                octets[offset] ^= 1 << UInt8(bit)
                #expect(try MobilityHeader(decoding: octets).octets == octets, "octet \(offset), bit \(bit)")
            }
        }
    }

    /// RFC 6275 §9.2: shorter than its kind may be, however the octets read.
    @Test(arguments: MobilityMessage.known.indices) func shorterThanItsMinimumIsRefused(index: Int) throws {
        let kind = MobilityMessage.known[index]
        for length in stride(from: 8, through: kind.minimumLength, by: 8) {
            var octets: [UInt8] = [59, UInt8(length / 8 - 1), kind.type, 0, 0, 0] + kind.subtype
            octets += Array(repeating: 0, count: length - octets.count)
            guard length < kind.minimumLength else {
                #expect(try MobilityHeader(decoding: octets).octets == octets)
                continue
            }
            let fault = DecodeError(.badLength(length), field: "Header Len", offset: 1)
            #expect(throws: fault) { try MobilityHeader(decoding: octets) }
        }
    }

    @Test(arguments: [(16, [0, 0]), (16, [3, 1]), (21, [0, 0]), (21, [0, 3]), (21, [1, 1])] as [(UInt8, [UInt8])])
    func unassignedSubtypeIsAKindThatWeDoNotRead(type: UInt8, subtype: [UInt8]) throws {
        let octets: [UInt8] = [59, 1, type, 0, 0, 0] + subtype + [1, 2, 3, 4, 5, 6, 7, 8]
        let header = try MobilityHeader(decoding: octets)
        #expect(header.message == .unknown(type: type, body: Array(octets.dropFirst(6))))
        #expect(header.octets == octets)
    }

    @Test func globalTriggersAreThoseFrom128() {
        #expect(!BindingRevocationTrigger.possibleOutOfSync.isGlobal && BindingRevocationTrigger.perPeerPolicy.isGlobal)
        #expect(BindingRevocationTrigger(rawValue: 60).description == "trigger 60")
        #expect(NotificationReason(rawValue: 300).description == "reason 300")
        #expect(
            BindingRevocationStatus.partialSuccess.isAccepted && !BindingRevocationStatus.bindingDoesNotExist.isAccepted
        )
        #expect(NotificationStatus.success.isAccepted && !NotificationStatus.mobileNodeNotAttached.isAccepted)
        #expect(LocalizedRoutingStatus.success.isAccepted && !LocalizedRoutingStatus.notAllowed.isAccepted)
        #expect(
            FlowBindingAcknowledgementStatus.success.isAccepted
                && !FlowBindingAcknowledgementStatus.actionNotAuthorized.isAccepted
        )
    }

    @Test func codesOfHandoversBelow128Accept() {
        #expect(HandoverAcknowledgeCode(rawValue: 127).isAccepted)
        #expect(!HandoverAcknowledgeCode.notAccepted.isAccepted)
        #expect(HandoverAcknowledgeCode(rawValue: 7).description == "code 7")
        #expect(HandoverInitiateCode(rawValue: 4).description == "code 4")
    }

    /// The same letters stand for other bits in the two messages: each value is built, and its octets are those drawn.
    @Test func flagsOfHandoversStandWhereTheirMessageHasThem() {
        let initiate = HandoverInitiate(
            sequence: 1,
            flags: [.proxy, .forwarding],
            code: .forwardingCompleted,
            options: MobilityOptions()
        )
        let acknowledge = HandoverAcknowledge(
            sequence: 1,
            flags: [.proxy, .forwarding],
            code: .forwardingNotAvailable,
            options: MobilityOptions()
        )
        let padding: [UInt8] = [1, 4, 0, 0, 0, 0]
        #expect(MobilityHeader(initiate.message).octets == [59, 1, 14, 0, 0, 0, 0, 1, 0x30, 2] + padding)
        #expect(MobilityHeader(acknowledge.message).octets == [59, 1, 15, 0, 0, 0, 0, 1, 0x60, 132] + padding)
    }

    @Test func moreHomeAgentsThanTheFieldCountsAreNotWritten() throws {
        let agents = (0..<300).map { IPv6Address(high: 0x2001_0DB8 << 32, low: $0) }
        // 255 addresses take more than Header Len can say, but no octet of the count overflows.
        #expect(MobilityHeader(.homeAgentSwitch(HomeAgentSwitch(homeAgents: agents))).octets[6] == 255)
        let some = MobilityHeader(.homeAgentSwitch(HomeAgentSwitch(homeAgents: Array(agents.prefix(100)))))
        #expect(try MobilityHeader(decoding: some.octets) == some)
    }

    @Test func oddPaddingAndPadContentGoOutAsTheyCame() throws {
        var octets = try #require(Self.vectors.first { $0.name.contains("heartbeat-request") }).octets
        octets.replaceSubrange(12..<16, with: [0, 0, 0, 0])
        #expect(try MobilityHeader(decoding: octets).octets == octets)
        octets.replaceSubrange(12..<16, with: [1, 2, 0xAA, 0xBB])
        #expect(try MobilityHeader(decoding: octets).octets == octets)
        #expect(try MobilityHeader(decoding: octets).message.options.all.isEmpty)
    }

    @Test func payloadProtocolIsKeptForTheReceiverToJudge() throws {
        var octets = try #require(Self.vectors.first { $0.name.contains("heartbeat-request") }).octets
        octets[0] = 58
        let header = try MobilityHeader(decoding: octets)
        #expect(header.payloadProtocol == 58)
        #expect(header.octets == octets)
    }

    @Test func unknownMessageOfOurOwnIsPaddedToEight() throws {
        let header = MobilityHeader(.unknown(type: 99, body: [1, 2, 3]))
        #expect(header.octets.count == 16)
        #expect(try MobilityHeader(decoding: header.octets).message.type == 99)
        #expect(MobilityHeader(.unknown(type: 99, body: [])).octets == [59, 0, 99, 0, 0, 0, 0, 0])
    }

    @Test func unknownAndMalformedOptionsKeepTheirPlaceAmongKnownOnes() throws {
        let body: [UInt8] =
            [0, 1, 0x82, 0, 0, 1] + [200, 2, 9, 9] + [27, 3, 1, 2, 3] + [23, 2, 0, 4] + [200, 0] + [0, 1, 3, 7, 7, 7]
        var octets: [UInt8] = [59, 0, 5, 0, 0, 0] + body
        octets += Array(repeating: 0, count: (8 - octets.count % 8) % 8)
        octets[1] = UInt8(octets.count / 8 - 1)
        let header = try MobilityHeader(decoding: octets)
        #expect(header.octets == octets)
        #expect(header.message.options.all.map { $0.optionType } == [200, 27, 23, 200])
        #expect(header.message.options.malformed.map { $0.optionType } == [27])
        #expect(header.message.options.first(TimestampOption.self) == nil)
        #expect(header.message.options.first(HandoffIndicator.self)?.value == 4)
        #expect(header.message.options.all(UnknownOption.self).map { $0.content } == [[9, 9], []])
    }

    @Test func messagesDifferIfAnythingButPaddingDoes() {
        func update(_ sequence: UInt16, _ options: [any MobilityOption]) -> MobilityMessage {
            .bindingUpdate(
                BindingUpdate(
                    sequence: sequence,
                    flags: [],
                    lifetime: .zero,
                    options: MobilityOptions(options)
                )
            )
        }
        let one = HandoffIndicator(1)
        #expect(update(1, [one]) == update(1, [Padding(count: 1), one]))
        #expect(update(1, [one]) != update(2, [one]))
        #expect(update(1, [one]) != update(1, [HandoffIndicator(2)]))
        #expect(update(1, [one]) != update(1, [one, one]))
        #expect(update(1, [one]) != .unknown(type: 5, body: []))
    }

    @Test func paddingOfOurOwnIsWellFormed() throws {
        for count in 1...9 {
            var writer = ByteWriter()
            MobilityOptions([Padding(count: count), HandoffIndicator(1)]).encode(into: &writer)
            var reader = ByteReader(writer.octets)
            #expect(try MobilityOptions(decoding: &reader).all.count == 1)
            #expect(writer.octets[0] == (count == 1 ? 0 : 1))
        }
    }

    @Test(arguments: [
        (Duration.zero, UInt16(0)), (.seconds(-4), 0), (.milliseconds(1), 1), (.seconds(3), 1), (.seconds(7), 1),
        (.seconds(8), 2), (.seconds(3600), 900), (.seconds(262_140), 65535), (.seconds(Int64.max), 65535),
    ])
    func lifetimeCountsInFourSeconds(duration: Duration, units: UInt16) {
        #expect(BindingLifetime(duration).units == units)
        #expect(BindingLifetime(units: units).duration == .seconds(Int64(units) * 4))
    }

    @Test func statusesBelow128Accept() {
        #expect(BindingStatus(rawValue: 127).isAccepted)
        #expect(!BindingStatus(rawValue: 128).isAccepted)
        #expect(!BindingStatus.cannotSupportMultipathBinding.isAccepted)
        #expect(BindingStatus(rawValue: 250).description == "status 250")
    }

    @Test func authenticatorCoversAllUpToTheSPIWithoutTheChecksum() throws {
        let octets: [UInt8] = [59, 3, 5, 0, 0xAA, 0xBB] + Array(repeating: 1, count: 26)
        let covered = try #require(MessageAuthentication.covered(of: octets, authenticatorLength: 12))
        #expect(covered == [59, 3, 5, 0, 0, 0] + Array(repeating: 1, count: 14))
        #expect(MessageAuthentication.covered(of: octets, authenticatorLength: -1) == nil)
        #expect(MessageAuthentication.covered(of: octets, authenticatorLength: 20) == nil)
        #expect(MessageAuthentication.covered(of: octets, authenticatorLength: .max) == nil)
    }
}

extension String {
    fileprivate var trimmedEnd: String { split(separator: " ").joined(separator: " ") }
}
