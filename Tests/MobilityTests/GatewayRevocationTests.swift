// SPDX-License-Identifier: Apache-2.0
import Mobility
import Testbed
import Testing
import Wire

/// A gateway that is sent indications made by hand (RFC 5846 §6.2.1, §9.1).
@Suite struct GatewayRevocationTests {
    typealias Domain = ExampleDomain

    private static let named = MobileNodeIdentifier(Domain.mobileNode)
    private static let prefix = HomeNetworkPrefix(
        address: IPv6Address(high: 0x2001_0DB8_1234_0000, low: 0),
        prefixLength: 64
    )
    private static let otherPrefix = HomeNetworkPrefix(
        address: IPv6Address(high: 0x2001_0DB8_9999_0000, low: 0),
        prefixLength: 64
    )

    private func registered(_ settings: GatewaySettings = Domain.gateway) -> LoneGateway {
        var lone = LoneGateway(settings)
        lone.answer()
        lone.forgetMessages()
        return lone
    }

    private func indication(
        _ trigger: BindingRevocationTrigger = .administrativeReason,
        _ flags: BindingRevocationFlags = .proxyBinding,
        _ options: [any MobilityOption] = [named, prefix]
    ) -> BindingRevocationIndication {
        BindingRevocationIndication(trigger: trigger, sequence: 7, flags: flags, options: MobilityOptions(options))
    }

    private func datagram(
        _ indication: BindingRevocationIndication,
        to lone: LoneGateway,
        by authentication: PeerAuthentication? = nil,
        at identifier: MessageIdentifier? = nil
    ) -> Datagram {
        var message = MobilityMessage.bindingRevocationIndication(indication)
        message.options.append(identifier ?? MessageIdentifier(lone.now.timestamp))
        let from = SignallingRoute(from: Domain.anchorIPv6, to: Domain.lte)
        return from.map {
            Authentication.seal(message, on: $0, careOf: Domain.lte, by: authentication ?? lone.authentication)
        } ?? Datagram(source: Domain.anchorIPv6, destination: Domain.lte, ports: nil, octets: [])
    }

    /// The answer's status; nil: there is none.
    private func status(
        _ lone: inout LoneGateway,
        _ indication: BindingRevocationIndication
    ) -> BindingRevocationStatus? {
        lone.passes(.milliseconds(1))
        lone.tell(.received(datagram(indication, to: lone)))
        return answer(lone)?.status
    }

    private func answer(_ lone: LoneGateway) -> BindingRevocationAcknowledgement? {
        lone.sent.compactMap(\.revocationAcknowledgement).last
    }

    @Test func acceptedIndicationIsAnsweredToItsSender() throws {
        var lone = registered()
        #expect(status(&lone, indication()) == .success)
        let (reply, sent) = (try #require(answer(lone)), try #require(lone.sent.last))
        // RFC 5846 §6.1.2
        #expect(reply.sequence == 7 && reply.flags == .proxyBinding)
        #expect(sent.source == Domain.lte && sent.destination == Domain.anchorIPv6)
        #expect(lone.ledger.isEmpty && lone.ledger.faults.isEmpty && lone.updates.isEmpty)
    }

    struct Case: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var indication: BindingRevocationIndication
        var status: BindingRevocationStatus
    }

    static func made(
        _ what: String,
        _ trigger: BindingRevocationTrigger,
        _ flags: BindingRevocationFlags,
        _ options: [any MobilityOption],
        _ status: BindingRevocationStatus
    ) -> Case {
        let indication = BindingRevocationIndication(
            trigger: trigger,
            sequence: 9,
            flags: flags,
            options: MobilityOptions(options)
        )
        return Case(testDescription: what, indication: indication, status: status)
    }

    static let administrative = BindingRevocationTrigger.administrativeReason
    static let stranger = MobileNodeIdentifier(NodeIdentifier(nai: "stranger@example.net"))
    static let globally: BindingRevocationFlags = [.proxyBinding, .global]
    static let ipv4Only: BindingRevocationFlags = [.proxyBinding, .ipv4HomeAddressOnly]

    /// RFC 5846 §6.2.1, §9.1: refused, and nothing is gone.
    static let refusals = [
        made("unassigned trigger", .init(rawValue: 8), .proxyBinding, [named], .triggerNotSupported),
        made("trigger for tests", .init(rawValue: 250), globally, [], .triggerNotSupported),
        made("trigger of one node with G", administrative, globally, [named], .functionNotSupported),
        made("trigger of many nodes without G", .perPeerPolicy, .proxyBinding, [], .functionNotSupported),
        made("without P", administrative, [], [named], .functionNotSupported),
        made("whole peer with options", .perPeerPolicy, globally, [named], .functionNotSupported),
        made("nobody's", administrative, .proxyBinding, [], .bindingDoesNotExist),
        made("a stranger's", administrative, .proxyBinding, [stranger], .bindingDoesNotExist),
        made("another prefix", administrative, .proxyBinding, [named, otherPrefix], .bindingDoesNotExist),
        made(
            "another binding",
            administrative,
            .proxyBinding,
            [named, prefix, BindingIdentifierOption(identifier: 5)],
            .bindingDoesNotExist
        ),
        made(
            "a binding beyond what RFC 8278 numbers",
            administrative,
            .proxyBinding,
            [named, prefix, BindingIdentifierOption(identifier: 257)],
            .bindingDoesNotExist
        ),
        made("V without address", administrative, ipv4Only, [named], .ipv4HomeAddressOptionRequired),
        made(
            "V with another address",
            administrative,
            ipv4Only,
            [named, IPv4HomeAddressRequest(address: .zero, prefixLength: 32)],
            .bindingDoesNotExist
        ),
        made(
            "realm without name",
            .revokingMobileNodeLocalPolicy,
            globally,
            [],
            .revokedMobileNodesIdentityRequired
        ),
        made(
            "another realm",
            .revokingMobileNodeLocalPolicy,
            globally,
            [MobileNodeIdentifier(NodeIdentifier(nai: "@net"))],
            .revokedMobileNodesIdentityRequired
        ),
        made("hand-over", .interMAGHandoverUnknown, .proxyBinding, [named, prefix], .mobileNodeIsAttached),
    ]

    @Test(arguments: refusals) func refusedIndicationChangesNothing(_ refusal: Case) {
        var lone = registered()
        #expect(status(&lone, refusal.indication) == refusal.status)
        #expect(answer(lone)?.flags == refusal.indication.flags)
        #expect(lone.ledger.paths.count == 1 && lone.legs.first?.state == "registered")
    }

    static let acceptances = [
        made("all sessions", administrative, .proxyBinding, [named], .success),
        made("one binding", administrative, .proxyBinding, [named, BindingIdentifierOption(identifier: 1)], .success),
        made("by care-of address", administrative, .proxyBinding, [named, careOf(Domain.lte)], .success),
        made("whole peer", .perPeerPolicy, globally, [], .success),
        made(
            "realm and care-of address",
            .revokingMobileNodeLocalPolicy,
            globally,
            [MobileNodeIdentifier(NodeIdentifier(nai: "@example.net")), careOf(Domain.lte)],
            .success
        ),
        made("out of sync", .possibleOutOfSync, .proxyBinding, [named, prefix], .success),
    ]

    static func careOf(_ address: IPAddress) -> AlternateCareOfAddress {
        if case .v6(let address) = address { AlternateCareOfAddress(address) } else { AlternateCareOfAddress(.zero) }
    }

    @Test(arguments: acceptances) func acceptedIndicationTakesTheBinding(_ acceptance: Case) {
        var lone = registered()
        #expect(status(&lone, acceptance.indication) == .success)
        #expect(lone.ledger.isEmpty && lone.legs.first?.state == "revoked")
    }

    /// RFC 5846 §9.1: some bindings are released already.
    @Test func partOfWhatIsNamedIsThere() throws {
        var lone = registered()
        let options: [any MobilityOption] = [
            Self.named, Self.prefix, Self.otherPrefix, BindingIdentifierOption(identifier: 1),
            BindingIdentifierOption(identifier: 4),
        ]
        #expect(status(&lone, indication(.administrativeReason, .proxyBinding, options)) == .partialSuccess)
        let reply = try #require(answer(lone))
        #expect(reply.options.first(MobileNodeIdentifier.self) == Self.named)
        #expect(reply.options.all(HomeNetworkPrefix.self) == [Self.otherPrefix])
        #expect(reply.options.all(BindingIdentifierOption.self).map(\.identifier) == [4])
        #expect(lone.ledger.isEmpty)
    }

    /// RFC 5846 §5.1: skipped, and ignored.
    @Test func unknownOptionsAndReservedBitsAreNothing() throws {
        var lone = registered()
        let unknown = UnknownOption(optionType: 200, data: [1, 2, 3])
        let flags = BindingRevocationFlags(rawValue: 0x9FFF)
        #expect(status(&lone, indication(.administrativeReason, flags, [Self.named, unknown])) == .success)
        #expect(try #require(answer(lone)).flags == .proxyBinding)
        #expect(lone.ledger.isEmpty)
    }

    /// RFC 5846 §9.1: only a node that is gone is handed over.
    @Test func nodeThatIsGoneIsHandedOver() {
        var settings = Domain.gateway
        settings.isMobileNodeAttached = false
        var lone = registered(settings)
        #expect(status(&lone, indication(.interMAGHandoverSameAccessType)) == .success)
        #expect(lone.ledger.isEmpty)
        // It is another gateway's now.
        lone.forgetMessages()
        lone.passes(.seconds(3600))
        #expect(lone.updates.isEmpty)
    }

    /// RFC 5846 §6.2: without the peers' protection nothing happens and nothing is said.
    @Test func unauthenticIndicationIsDropped() {
        var lone = registered()
        var other = Domain.association
        other.key = Array(1...16)
        lone.tell(.received(datagram(indication(), to: lone, by: PeerAuthentication.none)))
        lone.tell(.received(datagram(indication(), to: lone, by: .sharedKey(other))))
        #expect(lone.drops[.authenticationMissing] == 1 && lone.drops[.authenticationWrong] == 1)
        #expect(lone.sent.isEmpty && lone.ledger.paths.count == 1)
    }

    /// RFC 4285 §6: an indication that was recorded is worth nothing later.
    @Test func replayedIndicationIsDropped() {
        var lone = registered()
        let recorded = datagram(indication(), to: lone)
        lone.tell(.received(recorded))
        #expect(lone.ledger.isEmpty)
        lone.passes(.seconds(61))
        lone.answer()
        #expect(lone.ledger.paths.count == 1)
        lone.tell(.received(recorded))
        #expect(lone.drops[.replayed] == 1 && lone.ledger.paths.count == 1)
    }

    @Test func strangersIndicationIsDropped() {
        var lone = registered()
        var forged = datagram(indication(), to: lone)
        forged.source = Domain.wlan
        lone.tell(.received(forged))
        #expect(lone.sent.isEmpty && lone.ledger.paths.count == 1)
    }
}
