// SPDX-License-Identifier: Apache-2.0
import Foundation
import Testing
import Wire

/// The call flow of RFC 8278 (its figure 2) as captured: LTE and WLAN legs, bulk refresh, de-registration, refusal.
@Suite struct CallFlowCaptureTests {
    private static func messages() throws -> [CapturedMessage] {
        let url = VectorFile.root.appending(path: "Captures/rfc8278-call-flow.pcap")
        let file = try CaptureFile(Array(try Data(contentsOf: url)))
        #expect(file.linkType == .rawIP)
        #expect(file.damage == nil)
        #expect(file.frames.count == 10)
        return file.messages
    }

    private static let anchor = "2001:db8:100::1"
    private static let lte = "2001:db8:a::2"
    private static let wlan = "2001:db8:b::2"

    /// The options that all messages of the flow share, in their order, and those in which they differ.
    private struct Meaning {
        var prefix = HomeNetworkPrefix.request
        var handoff: UInt8 = 1
        /// Units of 1/65536 s since 1970.
        var timestamp: UInt64?
        var multipath: MAGMultipathBinding
        var namesGateway = false
        var delegated: DelegatedMobileNetworkPrefix?

        var options: MobilityOptions {
            var options = MobilityOptions()
            options.append(MobileNodeIdentifier(NodeIdentifier(nai: "cpe1@example.net")))
            options.append(prefix)
            options.append(HandoffIndicator(handoff))
            options.append(AccessTechnologyType(.virtual))
            if let timestamp { options.append(TimestampOption(Timestamp(value: timestamp))) }
            options.append(multipath)
            if namesGateway { options.append(MAGIdentifier(NodeIdentifier(nai: "mag1@example.net"))) }
            if let delegated { options.append(delegated) }
            return options
        }
    }

    private static let assigned = HomeNetworkPrefix(
        address: IPv6Address("2001:db8:1234:1::") ?? .zero,
        prefixLength: 64
    )
    private static let delegated = DelegatedMobileNetworkPrefix(
        address: .v6(IPv6Address("2001:db8:5600::") ?? .zero),
        prefixLength: 56
    )
    private static let lteBinding = MAGMultipathBinding(
        accessTechnology: .eutran,
        interfaceLabel: 11,
        bindingIdentifier: 1
    )
    private static let wlanBinding = MAGMultipathBinding(
        accessTechnology: .wlan,
        interfaceLabel: 9,
        bindingIdentifier: 2
    )
    /// 1700000000.5 s
    private static let start: UInt64 = 0x6553_F100_8000

    private static func update(_ sequence: UInt16, lifetime: UInt16 = 900, _ meaning: Meaning) -> MobilityMessage {
        .bindingUpdate(
            BindingUpdate(
                sequence: sequence,
                flags: [.acknowledge, .proxyRegistration],
                lifetime: BindingLifetime(units: lifetime),
                options: meaning.options
            )
        )
    }

    private static func acknowledgement(
        _ sequence: UInt16,
        status: BindingStatus = .accepted,
        lifetime: UInt16 = 900,
        _ meaning: Meaning
    ) -> MobilityMessage {
        .bindingAcknowledgement(
            BindingAcknowledgement(
                status: status,
                flags: [.proxyRegistration],
                sequence: sequence,
                lifetime: BindingLifetime(units: lifetime),
                options: meaning.options
            )
        )
    }

    @Test func firstLegIsRegistered() throws {
        let messages = try Self.messages()
        #expect(messages[0].source.description == Self.lte)
        #expect(messages[0].destination.description == Self.anchor)
        let request = Meaning(
            timestamp: Self.start,
            multipath: Self.lteBinding,
            namesGateway: true,
            delegated: .requestIPv6
        )
        #expect(try messages[0].header.get().message == Self.update(1, request))
        #expect(try messages[0].header.get().checksum == 0xBB26)
        #expect(messages[1].source.description == Self.anchor)
        #expect(messages[1].destination.description == Self.lte)
        let answer = Meaning(
            prefix: Self.assigned,
            timestamp: Self.start,
            multipath: Self.lteBinding,
            delegated: Self.delegated
        )
        #expect(try messages[1].header.get().message == Self.acknowledgement(1, answer))
        #expect(try messages[1].header.get().checksum == 0xB419)
    }

    @Test func secondLegCarriesWhatTheFirstLearnt() throws {
        let messages = try Self.messages()
        #expect(messages[2].source.description == Self.wlan)
        let later = Self.start + 65536
        let request = Meaning(
            prefix: Self.assigned,
            timestamp: later,
            multipath: Self.wlanBinding,
            namesGateway: true,
            delegated: Self.delegated
        )
        #expect(try messages[2].header.get().message == Self.update(2, request))
        #expect(try messages[2].header.get().checksum == 0xFA05)
        let answer = Meaning(
            prefix: Self.assigned,
            timestamp: later,
            multipath: Self.wlanBinding,
            delegated: Self.delegated
        )
        #expect(try messages[3].header.get().message == Self.acknowledgement(2, answer))
        #expect(try messages[3].header.get().checksum == 0xB718)
    }

    @Test func bulkRefreshNamesOneLegForAll() throws {
        let messages = try Self.messages()
        var bulk = Self.lteBinding
        bulk.isBulkReregistration = true
        for (index, isUpdate) in [(4, true), (5, false)] {
            let message = try messages[index].header.get().message
            #expect(message.options.first(MAGMultipathBinding.self) == bulk)
            #expect(message.options.first(HandoffIndicator.self) == .notChanged)
            #expect(message.options.first(HomeNetworkPrefix.self) == Self.assigned)
            #expect((message.options.first(MAGIdentifier.self) != nil) == isUpdate)
            #expect(message.name == (isUpdate ? "PBU" : "PBA"))
        }
    }

    @Test func oneLegIsDeregistered() throws {
        let messages = try Self.messages()
        #expect(messages[6].source.description == Self.wlan)
        guard case .bindingUpdate(let update) = try messages[6].header.get().message,
            case .bindingAcknowledgement(let answer) = try messages[7].header.get().message
        else {
            Issue.record("not a PBU and a PBA")
            return
        }
        #expect(update.flags.rawValue == 0x8200)
        #expect(update.lifetime.isZero && answer.lifetime.isZero)
        #expect(answer.status == .accepted)
        #expect(update.sequence == answer.sequence)
        #expect(update.options.first(HandoffIndicator.self) == .unknown)
        #expect(update.options.first(MAGMultipathBinding.self) == Self.wlanBinding)
    }

    @Test func multipathIsRefused() throws {
        let messages = try Self.messages()
        guard case .bindingAcknowledgement(let answer) = try messages[9].header.get().message else {
            Issue.record("not a PBA")
            return
        }
        #expect(answer.status == .cannotSupportMultipathBinding)
        #expect(!answer.status.isAccepted)
        #expect(answer.options.first(HomeNetworkPrefix.self)?.isRequest == true)
        #expect(answer.options.first(MAGMultipathBinding.self) == Self.lteBinding)
        #expect(answer.options.first(MAGIdentifier.self) == nil)
    }

    @Test(arguments: 0..<10) func frameIsEncodedFromItsValuesWithItsChecksum(index: Int) throws {
        let captured = try #require(try Self.messages().dropFirst(index).first)
        guard case .v6(let source) = captured.source, case .v6(let destination) = captured.destination else {
            Issue.record("not IPv6")
            return
        }
        #expect(captured.checksum == .ok)
        #expect(captured.transport == .ipv6)
        let received = try captured.header.get()
        #expect(received.octets == captured.octets)
        var message = received.message
        message.options = MobilityOptions(
            message.options.all.map { option in
                guard let binding = option as? MAGMultipathBinding else { return option }
                return UnalignedMultipathBinding(binding)
            }
        )
        #expect(MobilityHeader(message).octets(from: source, to: destination) == captured.octets)
        #expect(MobilityHeader.isChecksumRight(of: captured.octets, from: source, to: destination))
        #expect(!MobilityHeader.isChecksumRight(of: captured.octets, from: source, to: .allNodes))
    }

    /// Ours stands at 8n+2, which moves what follows it, and nothing else.
    @Test(arguments: 0..<10) func frameMeansTheSameWithTheMultipathBindingAligned(index: Int) throws {
        let captured = try #require(try Self.messages().dropFirst(index).first)
        var header = try captured.header.get()
        header.message.options = header.message.options.normalized
        let again = try MobilityHeader(decoding: header.octets)
        #expect(again.message == (try captured.header.get().message))
        let octets = header.octets
        let place = octets.indices.first { octets[$0...].starts(with: [63, 6]) }
        #expect(place.map { $0 % 8 } == 2)
    }
}

/// RFC 8278 asks for no alignment, and the capture's author took none.
private struct UnalignedMultipathBinding: MobilityOption {
    static let type = MAGMultipathBinding.type
    static let name = MAGMultipathBinding.name
    var binding: MAGMultipathBinding

    init(_ binding: MAGMultipathBinding) { self.binding = binding }
    init(decoding reader: inout ByteReader) throws(DecodeError) {
        binding = try MAGMultipathBinding(decoding: &reader)
    }
    func encode(into writer: inout ByteWriter) { binding.encode(into: &writer) }
    var fields: [Field] { binding.fields }
}
