// SPDX-License-Identifier: Apache-2.0
import Mobility
import Testbed
import Testing
import Wire

/// Both ends: what an operator revokes at the anchor (RFC 5846 §8.1, §9.1).
@Suite struct RevocationTests {
    typealias Domain = ExampleDomain

    private func expectSound(_ talk: Conversation) {
        #expect(talk.atGateway.faults.isEmpty && talk.atAnchor.faults.isEmpty)
        #expect(Set(talk.atGateway.paths.keys) == Set(talk.atAnchor.paths.keys))
        #expect(talk.atGateway.sessions == talk.atAnchor.sessions)
        #expect(talk.atGateway.prefixes == talk.atAnchor.prefixes)
        #expect(talk.atGateway.homeAddresses == talk.atAnchor.homeAddresses)
    }

    private func indications(_ talk: Conversation) -> [BindingRevocationIndication] {
        talk.sent.compactMap(\.datagram.revocationIndication)
    }

    private func answers(_ talk: Conversation) -> [BindingRevocationAcknowledgement] {
        talk.sent.compactMap(\.datagram.revocationAcknowledgement)
    }

    private func revoked(_ target: RevocationTarget, in talk: inout Conversation) {
        talk.forgetMessages()
        talk.tellAnchor(.request(.revoke(target)))
        talk.passes(.seconds(1))
    }

    // MARK: What is revoked

    /// RFC 5846 §8.1: MN-ID and prefix; RFC 5846 §9.1: nothing of it stays, and no leave follows.
    @Test func sessionGoesAtBothEnds() throws {
        var talk = Domain.registered()
        let prefixes = talk.anchorSession?.homeNetworkPrefixes
        revoked(.mobileNode(Domain.mobileNode), in: &talk)
        let indication = try #require(indications(talk).first)
        #expect(indications(talk).count == 1)
        #expect(indication.trigger == .administrativeReason && indication.flags == .proxyBinding)
        #expect(indication.options.first(MobileNodeIdentifier.self)?.identifier == Domain.mobileNode)
        #expect(indication.options.all(HomeNetworkPrefix.self).compactMap(\.prefix) == prefixes)
        #expect(indication.options.first(BindingIdentifierOption.self) == nil)
        #expect(answers(talk).map(\.status) == [.success])
        #expect(answers(talk).map(\.sequence) == [indication.sequence])
        #expect(talk.updates.isEmpty)
        #expect(talk.atAnchor.isEmpty && talk.atGateway.isEmpty)
        #expect(talk.gatewaySession.legs.map(\.state) == ["revoked", "revoked"])
        #expect(talk.anchor.snapshot.revocations.map(\.outcome) == [.revoked])
    }

    /// RFC 5846 §5.1: the Binding Identifier tells which; the other path carries on.
    @Test func oneLegGoesAlone() throws {
        var talk = Domain.registered()
        let binding = try #require(Domain.binding(2))
        revoked(.binding(binding, of: Domain.mobileNode), in: &talk)
        let indication = try #require(indications(talk).first)
        let option = try #require(indication.options.first(BindingIdentifierOption.self))
        #expect(option.identifier == 2 && option.careOfAddress == nil && option.data.count == 4)
        #expect(answers(talk).map(\.status) == [.success])
        #expect(talk.atAnchor.paths.keys.map(\.binding) == [Domain.binding(1)])
        #expect(talk.gatewaySession.legs.map(\.state) == ["registered", "revoked"])
        expectSound(talk)
    }

    /// RFC 5846 §8.1: where it cannot go to the care-of address itself, it names it.
    @Test func indicationForADeadLegGoesOverTheLivingOne() throws {
        var talk = Domain.registered()
        talk.network.dead = [Domain.dsl]
        talk.tellAnchor(.pathCondition(Domain.path(2), .silent))
        revoked(.binding(try #require(Domain.binding(2)), of: Domain.mobileNode), in: &talk)
        let sent = try #require(talk.sent.first { $0.datagram.revocationIndication != nil })
        #expect(sent.datagram.destination == Domain.lte)
        #expect(sent.message.options.first(AlternateIPv4CareOfAddress.self).map { .v4($0.address) } == Domain.dsl)
        #expect(answers(talk).map(\.status) == [.success])
        #expect(talk.atAnchor.paths.count == 1)
        expectSound(talk)
    }

    /// RFC 5846 §8.1, V: the address alone, and no prefix is named.
    @Test func homeAddressGoesAndThePrefixStays() throws {
        var (anchor, gateway) = (Domain.anchor, Domain.gateway)
        anchor.ipv4HomeAddresses = PrefixPool(range: Domain.prefix("10.9.0.0/24"), length: 32)
        gateway.requestsIPv4HomeAddress = true
        var talk = Domain.registered(anchor: anchor, gateway: gateway)
        let address = try #require(talk.anchorSession?.homeAddress?.address)
        revoked(.homeAddress(of: Domain.mobileNode), in: &talk)
        let indication = try #require(indications(talk).first)
        #expect(indication.flags == [.proxyBinding, .ipv4HomeAddressOnly])
        #expect(indication.options.first(IPv4HomeAddressRequest.self)?.address == address)
        #expect(indication.options.first(HomeNetworkPrefix.self) == nil)
        #expect(answers(talk).map(\.flags) == [indication.flags] && answers(talk).map(\.status) == [.success])
        #expect(talk.atAnchor.homeAddresses.isEmpty && talk.atAnchor.paths.count == 2)
        expectSound(talk)
        // It is not asked for again with the next refresh.
        talk.passes(.seconds(3600))
        #expect(talk.atAnchor.homeAddresses.isEmpty && talk.atAnchor.paths.count == 2)
        expectSound(talk)
    }

    /// RFC 5846 §8.1: G and trigger 128, and no options but those that prove it.
    @Test func wholeGatewayGoes() throws {
        var talk = Domain.registered()
        revoked(.gateway(Domain.gatewayName), in: &talk)
        let indication = try #require(indications(talk).first)
        #expect(indication.flags == [.proxyBinding, .global] && indication.trigger == .perPeerPolicy)
        #expect(indication.options.all.map(\.optionType) == [MessageIdentifier.type, MessageAuthentication.type])
        #expect(answers(talk).map(\.status) == [.success] && answers(talk).map(\.flags) == [indication.flags])
        #expect(talk.atAnchor.isEmpty && talk.atGateway.isEmpty)
    }

    @Test func withoutKeysAWholeGatewayIsRevokedWithoutAnyOption() throws {
        var (anchor, gateway) = (Domain.anchor, Domain.gateway)
        gateway.anchors[0].authentication = .none
        for index in anchor.gateways.indices { anchor.gateways[index].authentication = .none }
        var talk = Domain.registered(anchor: anchor, gateway: gateway)
        revoked(.everything, in: &talk)
        #expect(try #require(indications(talk).first).options.all.isEmpty)
        #expect(talk.atAnchor.isEmpty && talk.atGateway.isEmpty)
    }

    /// RFC 5846 §8.1: the realm itself, not one above or below it.
    @Test func realmIsExact() throws {
        var talk = Domain.registered()
        for realm in ["net", "foo.example.net", "xample.net"] { revoked(.realm(realm), in: &talk) }
        #expect(indications(talk).isEmpty && talk.atAnchor.paths.count == 2)
        revoked(.realm("example.net"), in: &talk)
        let indication = try #require(indications(talk).first)
        #expect(indication.flags == [.proxyBinding, .global])
        #expect(indication.trigger == .revokingMobileNodeLocalPolicy)
        let name = indication.options.first(MobileNodeIdentifier.self)?.identifier
        #expect(name == NodeIdentifier(nai: "@example.net"))
        #expect(talk.atAnchor.isEmpty && talk.atGateway.isEmpty)
    }

    @Test func whatIsNotThereIsNotRevoked() throws {
        var talk = Domain.registered()
        revoked(.mobileNode(NodeIdentifier(nai: "nobody@example.net")), in: &talk)
        revoked(.binding(try #require(Domain.binding(7)), of: Domain.mobileNode), in: &talk)
        revoked(.gateway(NodeIdentifier(nai: "nobody@example.net")), in: &talk)
        #expect(indications(talk).isEmpty && talk.atAnchor.paths.count == 2)
    }

    // MARK: Messages that get lost, and those that cross

    /// RFC 5846 §6.3, §11: after a second once more, after two more it is over.
    @Test func unansweredIndicationIsRepeatedOnceAndThenTheBindingsGo() throws {
        var talk = Domain.registered()
        talk.network.dead = [Domain.lte, Domain.dsl]
        talk.forgetMessages()
        let start = talk.now
        talk.tellAnchor(.request(.revoke(.mobileNode(Domain.mobileNode))))
        talk.passes(.milliseconds(2999))
        #expect(indications(talk).count == 2 && !talk.atAnchor.isEmpty)
        #expect(talk.anchorSession?.legs.map(\.state) == ["revoking", "revoking"])
        let sent = talk.sent.filter { $0.datagram.revocationIndication != nil }
        #expect(sent.map { $0.at - start } == [.zero, .seconds(1)])
        #expect(Set(indications(talk).map(\.sequence)).count == 1)
        talk.passes(.milliseconds(1))
        #expect(talk.atAnchor.isEmpty)
        #expect(talk.anchor.snapshot.revocations.map(\.outcome) == [.unanswered])
    }

    @Test func repetitionGoesOverAnotherPath() {
        var talk = Domain.registered()
        talk.network.dead = [Domain.lte]
        revoked(.mobileNode(Domain.mobileNode), in: &talk)
        talk.passes(.seconds(1))
        #expect(answers(talk).map(\.status) == [.success])
        #expect(talk.anchor.snapshot.revocations.map(\.outcome) == [.revoked])
        #expect(talk.atAnchor.isEmpty && talk.atGateway.isEmpty)
    }

    @Test func lostAnswerIsGivenAgain() {
        var talk = Domain.registered()
        talk.network.loses(next: 1, .toAnchor)
        revoked(.mobileNode(Domain.mobileNode), in: &talk)
        talk.passes(.seconds(1))
        #expect(answers(talk).map(\.status) == [.success, .success])
        #expect(talk.anchor.snapshot.revocations.map(\.outcome) == [.revoked])
        #expect(talk.atAnchor.isEmpty)
    }

    /// RFC 5846 §8.1: what an operator wants gone is not refreshed, and an update from before does not bring it back.
    @Test func updateThatCrossesTheIndicationDoesNotKeepTheBinding() {
        var talk = Domain.registered()
        talk.network.holdsBack(next: 1, .toGateway, by: .milliseconds(100))
        talk.tellAnchor(.request(.revoke(.mobileNode(Domain.mobileNode))))
        talk.down("wan1")
        talk.up("wan1", Domain.wlan)
        talk.passes(.seconds(5))
        #expect(talk.atAnchor.isEmpty && talk.atGateway.isEmpty)
        #expect(talk.atAnchor.faults.isEmpty && talk.atGateway.faults.isEmpty)
    }

    @Test func overtakenUpdateDoesNotBringTheBindingBack() {
        var talk = Domain.registered()
        // A refresh is under way when the answer to the revocation overtakes it.
        talk.network.holdsBack(next: 1, .toAnchor, by: .milliseconds(200))
        talk.tell(.pathCondition(Domain.path(1), .silent))
        talk.passes(.milliseconds(1))
        talk.tellAnchor(.request(.revoke(.mobileNode(Domain.mobileNode))))
        talk.passes(.seconds(5))
        #expect(talk.atAnchor.isEmpty && talk.atGateway.isEmpty)
    }

    /// RFC 5846 §8.1: as good as an acknowledgement.
    @Test func leaveEndsTheRevocation() {
        var talk = Domain.registered()
        talk.network.loses(next: 2, .toGateway)
        talk.tellAnchor(.request(.revoke(.mobileNode(Domain.mobileNode))))
        talk.gatewayStops()
        talk.passes(.milliseconds(500))
        #expect(talk.anchor.snapshot.revocations.map(\.outcome) == [.revoked])
        #expect(talk.atAnchor.isEmpty && talk.anchorSession == nil)
    }

    // MARK: Afterwards

    /// The time of grace after a revocation is a minute; links that flap do not shorten it.
    @Test func revokedSessionStaysAwayForAMinute() {
        var talk = Domain.registered()
        revoked(.mobileNode(Domain.mobileNode), in: &talk)
        talk.down("wan1")
        talk.up("wan1", Domain.lte)
        talk.passes(.seconds(58))
        #expect(talk.updates.isEmpty && talk.atAnchor.isEmpty)
        talk.passes(.seconds(5))
        #expect(talk.atAnchor.paths.count == 2)
        expectSound(talk)
    }

    @Test func revokedLegComesBackAfterAMinute() throws {
        var talk = Domain.registered()
        revoked(.binding(try #require(Domain.binding(2)), of: Domain.mobileNode), in: &talk)
        talk.passes(.seconds(58))
        #expect(talk.atAnchor.paths.count == 1)
        talk.passes(.seconds(5))
        #expect(talk.atAnchor.paths.count == 2)
        expectSound(talk)
    }

    @Test func gatewayThatIsStartedAnewDoesNotWait() {
        var talk = Domain.registered()
        revoked(.mobileNode(Domain.mobileNode), in: &talk)
        talk.gatewayStops()
        talk.gatewayStarts()
        talk.passes(.seconds(2))
        #expect(talk.atAnchor.paths.count == 2)
        expectSound(talk)
    }

    @Test func singleBindingIsRevokedWithItsSession() {
        var anchor = Domain.anchor
        anchor.isMultipathEnabled = false
        var talk = Domain.registered(anchor: anchor)
        revoked(.mobileNode(Domain.mobileNode), in: &talk)
        #expect(talk.atAnchor.isEmpty && talk.atGateway.isEmpty)
        talk.passes(.seconds(50))
        #expect(talk.atAnchor.isEmpty)
        talk.passes(.seconds(20))
        #expect(talk.atAnchor.paths.count == 1)
        expectSound(talk)
    }
}
