// SPDX-License-Identifier: Apache-2.0
import Mobility
import Testbed
import Testing
import Wire

/// An anchor whose gateway answers, and revokes, by hand (RFC 5846 §6.2.2, §8.1, §8.2).
@Suite struct AnchorRevocationTests {
    typealias Domain = ExampleDomain

    private static let session = SessionIdentifier(mobileNode: Domain.mobileNode)
    private static let named = MobileNodeIdentifier(Domain.mobileNode)
    private static let ownName = MobileNodeIdentifier(Domain.gatewayName)
    private static let globally: BindingRevocationFlags = [.proxyBinding, .global]

    private func registered(isGlobalAllowed: Bool = true) -> LoneAnchor {
        var settings = Domain.anchor
        settings.gateways[0].isGlobalRevocationAllowed = isGlobalAllowed
        settings.ipv4HomeAddresses = PrefixPool(range: Domain.prefix("10.9.0.0/24"), length: 32)
        var lone = LoneAnchor(settings)
        lone.ask { $0.further = [IPv4HomeAddressRequest.allocation] }
        lone.ask {
            $0.source = Domain.wlan
            $0.further = [IPv4HomeAddressRequest.allocation]
            $0.multipath = MAGMultipathBinding(accessTechnology: .wlan, interfaceLabel: 9, bindingIdentifier: 2)
        }
        return lone
    }

    private func revoke(_ lone: inout LoneAnchor) -> BindingRevocationIndication? {
        lone.tell(.request(.revoke(.mobileNode(Domain.mobileNode)))).compactMap(\.revocationIndication).first
    }

    private func answer(
        _ lone: inout LoneAnchor,
        _ status: BindingRevocationStatus,
        to indication: BindingRevocationIndication,
        _ change: (inout BindingRevocationAcknowledgement, inout HandmadeUpdate) -> Void = { _, _ in }
    ) {
        var reply = BindingRevocationAcknowledgement(
            status: status,
            sequence: indication.sequence,
            flags: indication.flags
        )
        var frame = HandmadeUpdate()
        change(&reply, &frame)
        lone.tell(.received(frame.seal(.bindingRevocationAcknowledgement(reply))))
    }

    // MARK: Acknowledgements

    /// RFC 5846 §6.2.2 leaves refusals to us: what an operator wants gone goes.
    @Test(arguments: [0, 1, 128, 129, 130, 131, 132, 133, 134, 135, 200] as [UInt8])
    func everyStatusEndsIt(_ status: UInt8) throws {
        var lone = registered()
        let status = BindingRevocationStatus(rawValue: status)
        answer(&lone, status, to: try #require(revoke(&lone)))
        let isGone = status.isAccepted || status == .bindingDoesNotExist
        #expect(lone.anchor.snapshot.revocations.map(\.outcome) == [isGone ? .revoked : .refused(status)])
        #expect(lone.session == nil && lone.ledger.isEmpty && lone.ledger.faults.isEmpty)
    }

    /// RFC 5846 §6.2.2: matched by sequence number; §6.1.2: the flags are copied; §6.2: from who shares the key.
    @Test func answersThatDoNotMatchAreDropped() throws {
        var lone = registered()
        let indication = try #require(revoke(&lone))
        var other = Domain.association
        other.key = Array(1...16)
        answer(&lone, .success, to: indication) { reply, _ in reply.sequence &+= 1 }
        answer(&lone, .success, to: indication) { reply, _ in reply.flags.insert(.global) }
        answer(&lone, .success, to: indication) { reply, _ in reply.flags = [] }
        answer(&lone, .success, to: indication) { _, frame in frame.authentication = .none }
        answer(&lone, .success, to: indication) { _, frame in frame.authentication = .sharedKey(other) }
        answer(&lone, .success, to: indication) { _, frame in frame.source = Domain.address("2001:db8:c::2") }
        #expect(lone.drops[.noMatchingRequest] == 2 && lone.drops[.answerDoesNotMatch] == 2)
        #expect(lone.drops[.authenticationMissing] == 1 && lone.drops[.authenticationWrong] == 1)
        #expect(lone.session?.legs.map(\.state) == ["revoking", "revoking"])
        answer(&lone, .success, to: indication)
        #expect(lone.session == nil)
    }

    /// RFC 5846 §6.2: the gateway does not know the message. It is not asked again, and what is revoked goes at once.
    @Test func gatewayWithoutRevocationIsNotAskedTwice() throws {
        var lone = registered()
        let error = BindingError(status: BindingError.unknownMobilityHeaderType, homeAddress: .zero)
        _ = revoke(&lone)
        lone.tell(.received(HandmadeUpdate().seal(.bindingError(error))))
        #expect(lone.anchor.snapshot.revocations.map(\.outcome) == [.unsupported] && lone.session == nil)
        lone.ask()
        #expect(lone.session != nil)
        #expect(revoke(&lone) == nil && lone.session == nil)
    }

    /// RFC 5846 §5.1
    @Test func outstandingNumbersAreUnique() {
        var settings = Domain.anchor
        let nodes = (0..<300).map { NodeIdentifier(nai: "node\($0)@example.net") }
        settings.gateways[0].mobileNodes = nodes
        var lone = LoneAnchor(settings)
        for node in nodes { lone.ask { $0.mobileNode = node } }
        var numbers: Set<UInt16> = []
        for node in nodes {
            let sent = lone.tell(.request(.revoke(.mobileNode(node)))).compactMap(\.revocationIndication)
            numbers.formUnion(sent.map(\.sequence))
        }
        #expect(numbers.count == 300)
        #expect(zip(numbers.sorted(), numbers.sorted().dropFirst()).contains { $1 - $0 > 1 })
    }

    // MARK: Hand-over

    /// RFC 5846 §8.1: an update that is accepted takes the flag away; a revocation by an operator refuses it.
    @Test func updateDuringAnOperatorsRevocationIsRefused() throws {
        var lone = registered()
        let indication = try #require(revoke(&lone))
        #expect(lone.ask { $0.handoff = .notChanged }?.status == .administrativelyProhibited)
        answer(&lone, .success, to: indication)
        #expect(lone.session == nil)
    }

    /// RFC 5846 §5.1, trigger 7: the old gateway refreshes what has moved on.
    @Test func gatewayThatMissedTheHandoverIsTold() throws {
        var settings = Domain.anchor
        let other = NodeIdentifier(nai: "mag2@example.net")
        var key = Domain.association
        key.spi = 300
        settings.gateways.append(
            GatewayPeer(identifier: other, mobileNodes: [Domain.mobileNode], authentication: .sharedKey(key))
        )
        var lone = LoneAnchor(settings)
        lone.ask()
        lone.passes(.milliseconds(1))
        var update = HandmadeUpdate()
        update.handoff = .notChanged
        update.source = Domain.wlan
        update.gateway = other
        update.authentication = .sharedKey(key)
        let answers = lone.tell(.received(update.datagram(at: lone.now.timestamp)))
        #expect(lone.acknowledgement(in: answers)?.status == .reasonUnspecified)
        let sent = try #require(answers.first { $0.revocationIndication != nil })
        #expect(sent.destination == Domain.wlan)
        let indication = try #require(sent.revocationIndication)
        #expect(indication.trigger == .possibleOutOfSync && indication.flags == .proxyBinding)
        #expect(indication.options.first(MobileNodeIdentifier.self) == Self.named)
        #expect(indication.options.first(BindingIdentifierOption.self)?.identifier == 1)
        // It is nobody's binding: whatever comes of it, the session stays.
        lone.passes(.seconds(10))
        #expect(lone.anchor.snapshot.revocations.map(\.outcome) == [.unanswered])
        #expect(lone.session?.legs.map(\.state) == ["active"])
    }

    // MARK: What a gateway revokes

    private func status(
        _ lone: inout LoneAnchor,
        _ trigger: BindingRevocationTrigger,
        _ flags: BindingRevocationFlags,
        _ options: [any MobilityOption],
        _ change: (inout HandmadeUpdate) -> Void = { _ in }
    ) -> BindingRevocationStatus? {
        lone.passes(.milliseconds(1))
        var frame = HandmadeUpdate()
        change(&frame)
        let indication = BindingRevocationIndication(
            trigger: trigger,
            sequence: 5,
            flags: flags,
            options: MobilityOptions(options + [MessageIdentifier(lone.now.timestamp)])
        )
        let answers = lone.tell(.received(frame.seal(.bindingRevocationIndication(indication))))
        let reply = answers.compactMap(\.revocationAcknowledgement).first
        #expect(reply == nil || reply?.sequence == 5 && reply?.flags == flags)
        return reply?.status
    }

    /// RFC 5846 §8.2: those of the care-of address that it speaks from.
    @Test func gatewayRevokesAllItsBindings() {
        var lone = registered()
        #expect(status(&lone, .perPeerPolicy, Self.globally, [Self.ownName]) == .success)
        #expect(lone.session?.legs.map(\.careOfAddress) == [Domain.wlan])
        #expect(status(&lone, .perPeerPolicy, Self.globally, [Self.ownName]) { $0.source = Domain.wlan } == .success)
        #expect(lone.session == nil && lone.ledger.isEmpty)
        #expect(status(&lone, .perPeerPolicy, Self.globally, [Self.ownName]) == .bindingDoesNotExist)
    }

    /// RFC 5846 §8.2: or of the one that it names.
    @Test func gatewayRevokesTheBindingsOfTheAddressItNames() {
        var lone = registered()
        let careOf = GatewayRevocationTests.careOf(Domain.wlan)
        let answer = status(&lone, .perPeerPolicy, Self.globally, [Self.ownName, careOf]) { $0.careOf = Domain.wlan }
        #expect(answer == .success)
        #expect(lone.session?.legs.map(\.careOfAddress) == [Domain.lte])
    }

    /// RFC 5846 §8.2, §13
    @Test func whoMayNotRevokeAllIsTold() {
        var lone = registered(isGlobalAllowed: false)
        #expect(status(&lone, .perPeerPolicy, Self.globally, [Self.ownName]) == .globalRevocationNotAuthorized)
        lone = registered()
        #expect(status(&lone, .perPeerPolicy, Self.globally, []) == .globalRevocationNotAuthorized)
        #expect(status(&lone, .perPeerPolicy, Self.globally, [Self.named]) == .globalRevocationNotAuthorized)
        #expect(lone.session?.legs.count == 2)
    }

    /// RFC 5846 §6.2.1
    @Test func whatAGatewayMayNotSayIsRefused() {
        var lone = registered()
        #expect(status(&lone, .init(rawValue: 8), .proxyBinding, [Self.named]) == .triggerNotSupported)
        #expect(status(&lone, .revokingMobileNodeLocalPolicy, Self.globally, [Self.named]) == .triggerNotSupported)
        #expect(status(&lone, .unspecified, Self.globally, [Self.ownName]) == .functionNotSupported)
        #expect(status(&lone, .perPeerPolicy, .proxyBinding, [Self.ownName]) == .functionNotSupported)
        #expect(status(&lone, .unspecified, [], [Self.named]) == .functionNotSupported)
        #expect(status(&lone, .unspecified, .proxyBinding, [Self.ownName]) == .bindingDoesNotExist)
        let unnamed: BindingRevocationFlags = [.proxyBinding, .ipv4HomeAddressOnly]
        #expect(status(&lone, .unspecified, unnamed, [Self.named]) == .ipv4HomeAddressOptionRequired)
        #expect(lone.session?.legs.count == 2)
    }

    /// RFC 5846 §8.2, G = 0, 1.–4.
    @Test func gatewayRevokesOneNodesBindings() throws {
        var lone = registered()
        let session = try #require(lone.session)
        let prefix = try #require(session.homeNetworkPrefixes.first.flatMap(HomeNetworkPrefix.init))
        let address = try #require(session.homeAddress?.address)
        let ipv4Only: BindingRevocationFlags = [.proxyBinding, .ipv4HomeAddressOnly]
        let option = IPv4HomeAddressRequest(address: address, prefixLength: 24)
        #expect(status(&lone, .unspecified, ipv4Only, [Self.named, option]) == .success)
        #expect(lone.session?.homeAddress == nil && lone.session?.legs.count == 2)
        let two = [BindingIdentifierOption(identifier: 2), BindingIdentifierOption(identifier: 3)]
        #expect(status(&lone, .unspecified, .proxyBinding, [Self.named, prefix] + two) == .partialSuccess)
        #expect(lone.session?.legs.map(\.careOfAddress) == [Domain.lte])
        #expect(status(&lone, .unspecified, .proxyBinding, [Self.named]) == .success)
        #expect(lone.session == nil && lone.ledger.isEmpty && lone.ledger.faults.isEmpty)
    }

    /// RFC 5846 §6.2, RFC 4285 §6
    @Test func unauthenticAndReplayedIndicationsAreDropped() {
        var lone = registered()
        #expect(status(&lone, .unspecified, .proxyBinding, [Self.named]) { $0.authentication = .none } == nil)
        let indication = BindingRevocationIndication(
            trigger: .unspecified,
            sequence: 5,
            flags: .proxyBinding,
            options: MobilityOptions([Self.named])
        )
        lone.tell(.received(HandmadeUpdate().seal(.bindingRevocationIndication(indication))))
        #expect(lone.drops[.authenticationMissing] == 1 && lone.drops[.replayed] == 1)
        #expect(lone.session?.legs.count == 2)
    }
}
