// SPDX-License-Identifier: Apache-2.0
import Mobility
import Testbed
import Testing
import Wire

/// A gateway cannot say whether its node is new, and the anchor asks the other one (RFC 5846 §8.1).
@Suite struct RevokedHandoffTests {
    typealias Domain = ExampleDomain

    /// The node at the first gateway; an update of the second's with Handoff Indicator 4. And what the anchor sent.
    private func asked() -> (alone: LoneAnchor, sent: [Datagram]) {
        var settings = GatewayPair.anchor
        settings.handoff = .revoke
        var alone = LoneAnchor(settings)
        alone.ask { $0.isPlain() }
        alone.passes(.milliseconds(1))
        return (alone, update(&alone))
    }

    private func update(_ alone: inout LoneAnchor) -> [Datagram] {
        var update = HandmadeUpdate()
        update.isPlain()
        update.isSecondGateways()
        (update.handoff, update.greKey) = (.unknown, nil)
        return alone.tell(.received(update.datagram(at: alone.now.timestamp)))
    }

    private func answer(
        _ alone: inout LoneAnchor,
        _ status: BindingRevocationStatus,
        to sent: [Datagram]
    ) throws -> [Datagram] {
        let indication = try #require(sent.compactMap(\.revocationIndication).first)
        let reply = BindingRevocationAcknowledgement(
            status: status,
            sequence: indication.sequence,
            flags: indication.flags
        )
        return alone.tell(.received(HandmadeUpdate().seal(.bindingRevocationAcknowledgement(reply))))
    }

    @Test func oldGatewayIsAskedAtOnce() throws {
        let (alone, sent) = asked()
        let datagram = try #require(sent.first)
        let indication = try #require(datagram.revocationIndication)
        #expect(sent.count == 1 && datagram.destination == Domain.lte)
        #expect(indication.trigger == .interMAGHandoverUnknown && indication.flags == .proxyBinding)
        #expect(alone.session?.legs.map(\.state) == ["revoking"] && alone.ledger.paths.count == 1)
    }

    /// Success: as if it had de-registered, and the session moves with its prefix.
    @Test func nodeThatIsGoneMoves() throws {
        var (alone, sent) = asked()
        let prefixes = alone.session?.homeNetworkPrefixes
        let answers = try answer(&alone, .success, to: sent)
        #expect(alone.acknowledgement(in: answers)?.status == .accepted)
        #expect(answers.map(\.destination) == [GatewayPair.secondAddress])
        #expect(alone.anchor.snapshot.sessions.count == 1 && alone.session?.homeNetworkPrefixes == prefixes)
        #expect(alone.session?.gateway == GatewayPair.secondName)
        #expect(alone.ledger.paths.values.map(\.remoteAddress) == [GatewayPair.secondAddress])
        alone.passes(.seconds(30))
        #expect(alone.ledger.paths.count == 1 && alone.ledger.faults.isEmpty)
    }

    /// Still attached: a further session, with another prefix.
    @Test func nodeThatIsAttachedHasTwoSessions() throws {
        var (alone, sent) = asked()
        let answers = try answer(&alone, .mobileNodeIsAttached, to: sent)
        #expect(alone.acknowledgement(in: answers)?.status == .accepted)
        let sessions = alone.anchor.snapshot.sessions
        #expect(sessions.map(\.gateway) == [Domain.gatewayName, GatewayPair.secondName])
        #expect(Set(sessions.flatMap(\.homeNetworkPrefixes)).count == 2)
        #expect(sessions.flatMap(\.legs).map(\.state) == ["active", "active"])
        #expect(alone.ledger.paths.count == 2 && alone.ledger.faults.isEmpty)
    }

    /// No answer to any repetition: likewise.
    @Test func silentGatewayKeepsItsSession() {
        var (alone, _) = asked()
        alone.passes(.milliseconds(2999))
        #expect(alone.anchor.snapshot.sessions.count == 1)
        alone.passes(.milliseconds(1))
        #expect(alone.anchor.snapshot.sessions.map(\.gateway) == [Domain.gatewayName, GatewayPair.secondName])
        #expect(alone.ledger.paths.count == 2 && alone.ledger.faults.isEmpty)
    }

    /// A de-registration is as good as an acknowledgement.
    @Test func leaveAnswersAsWell() {
        var (alone, _) = asked()
        alone.passes(.milliseconds(1))
        var leave = HandmadeUpdate()
        leave.isPlain()
        (leave.lifetime, leave.handoff) = (.zero, .unknown)
        leave.prefixes = (alone.session?.homeNetworkPrefixes ?? []).compactMap(HomeNetworkPrefix.init)
        let answers = alone.tell(.received(leave.datagram(at: alone.now.timestamp)))
        #expect(answers.contains { $0.destination == GatewayPair.secondAddress })
        #expect(alone.session?.gateway == GatewayPair.secondName && alone.anchor.snapshot.sessions.count == 1)
        #expect(alone.anchor.snapshot.revocations.map(\.outcome) == [.revoked])
    }

    /// The old gateway's refresh takes the flag away: the node is where it was, whatever it answers then.
    @Test func refreshMeanwhileKeepsTheSession() throws {
        var (alone, sent) = asked()
        let prefixes = (alone.session?.homeNetworkPrefixes ?? []).compactMap(HomeNetworkPrefix.init)
        let reply = alone.ask {
            $0.isPlain()
            ($0.handoff, $0.prefixes) = (.notChanged, prefixes)
        }
        #expect(reply?.status == .accepted && alone.session?.legs.map(\.state) == ["active"])
        _ = try answer(&alone, .success, to: sent)
        #expect(alone.anchor.snapshot.revocations.map(\.outcome) == [.stillAttached])
        #expect(alone.anchor.snapshot.sessions.map(\.gateway) == [Domain.gatewayName, GatewayPair.secondName])
    }

    /// RFC 5846 §6.2: a gateway that knows no revocations is waited for (RFC 5213 §5.4.1.2).
    @Test func gatewayWithoutRevocationIsWaitedForTheNextTime() {
        var (alone, _) = asked()
        let error = BindingError(status: BindingError.unknownMobilityHeaderType, homeAddress: .zero)
        alone.tell(.received(HandmadeUpdate().seal(.bindingError(error))))
        #expect(alone.anchor.snapshot.revocations.map(\.outcome) == [.unsupported])
        #expect(alone.anchor.snapshot.sessions.count == 2 && alone.ledger.faults.isEmpty)
    }
}
