// SPDX-License-Identifier: Apache-2.0
import Mobility
import Testbed
import Testing
import Wire

/// Faults in what a gateway is answered: F3, F8, F14.
@Suite struct FaultAnswerTests {
    typealias Domain = ExampleDomain

    // MARK: F3: acknowledgements that answer nothing

    struct Forgery: CustomTestStringConvertible, Sendable {
        var testDescription: String
        var reason: DropReason
        var authentication: PeerAuthentication?
        var change: @Sendable (inout BindingAcknowledgement) -> Void = { _ in }
    }

    static let forgeries = [
        Forgery(testDescription: "wrong number", reason: .noMatchingRequest) { $0.sequence &+= 1 },
        Forgery(testDescription: "wrong path", reason: .answerDoesNotMatch) {
            $0.replace(MAGMultipathBinding(accessTechnology: .eutran, interfaceLabel: 11, bindingIdentifier: 2))
        },
        Forgery(testDescription: "wrong time stamp", reason: .answerDoesNotMatch) {
            $0.replace(TimestampOption(Timestamp(seconds: 1)))
        },
        Forgery(testDescription: "without P", reason: .notProxyRegistration) { $0.flags = [] },
        Forgery(testDescription: "unsigned", reason: .authenticationMissing, authentication: PeerAuthentication.none),
        Forgery(
            testDescription: "signed by another",
            reason: .authenticationWrong,
            authentication: .sharedKey(SecurityAssociation(spi: 256, key: [9], algorithm: .hmacSHA256_128))
        ),
    ]

    /// RFC 5213 §6.9.1.2: ignored, and the right one is still waited for.
    @Test(arguments: forgeries) func f3AnswerToNothingIsIgnoredAndCounted(_ forgery: Forgery) {
        var alone = LoneGateway()
        let before = alone.gateway.snapshot.session
        alone.answer(by: forgery.authentication, forgery.change)
        #expect(alone.drops == [forgery.reason: 1])
        #expect(alone.gateway.snapshot.session == before && alone.ledger.isEmpty)
        alone.answer()
        #expect(alone.legs.first?.state == "registered")
    }

    /// RFC 5213 §6.9.1.2: an answer about another node is ignored, and not asked for again before an operator looks.
    @Test func f3AnswerAboutAnUnknownNodeRegistersNothing() {
        var alone = LoneGateway()
        alone.answer { $0.replace(MobileNodeIdentifier(NodeIdentifier(nai: "stranger@example.net"))) }
        #expect(alone.drops == [.answerDoesNotMatch: 1] && alone.ledger.isEmpty)
        alone.forgetMessages()
        alone.passes(.seconds(3600))
        #expect(alone.updates.isEmpty)
    }

    @Test func f3AnswerOverAnotherPathIsIgnored() throws {
        var talk = Domain.registered()
        let recorded = try #require(talk.sent.last { $0.direction == .toGateway && $0.message.name == "PBA" })
        var astray = recorded.datagram
        (astray.destination, astray.wan) = (Domain.lte, "wan1")
        let before = talk.gatewaySession
        talk.tell(.received(astray))
        #expect(talk.gatewaySession == before)
        #expect(talk.gateway.snapshot.counters.dropped.values.reduce(0, +) == 1)
    }

    // MARK: F8: an anchor that passes over options 63 and 64

    @Test func f8AnchorWithoutMultipathHasOnePathAndTheOthersAreClosed() {
        var settings = Domain.anchor
        settings.isMultipathEnabled = false
        var talk = Domain.registered(anchor: settings)
        talk.passes(.seconds(60))
        #expect(talk.atGateway.paths.keys.map(\.binding) == [nil] && talk.atAnchor.paths.keys.map(\.binding) == [nil])
        #expect(talk.gatewaySession.legs.map(\.state) == ["registered", "idle"])
        #expect(talk.atGateway.faults.isEmpty && talk.atAnchor.faults.isEmpty)
    }

    /// The anchor is replaced by such a one while two paths are in use.
    @Test func f8AnchorThatLosesMultipathKeepsOnePath() {
        var talk = Domain.registered()
        #expect(talk.atGateway.paths.count == 2)
        var settings = Domain.anchor
        settings.isMultipathEnabled = false
        settings.restartCounter += 1
        talk.anchorRestarts(settings)
        talk.passes(.seconds(300))
        #expect(talk.atGateway.paths.keys.map(\.binding) == [nil] && talk.atAnchor.paths.keys.map(\.binding) == [nil])
        #expect(talk.gatewaySession.legs.filter { $0.state == "registered" }.count == 1)
        #expect(talk.atGateway.faults.isEmpty && talk.atAnchor.faults.isEmpty)
    }

    // MARK: F14: lifetimes

    /// Asked to stay before it ends, whatever the anchor grants, and not more often than twice in the time.
    @Test(arguments: [1, 2, 15, 900, 0xFFFF] as [UInt16]) func f14GrantedLifetimeIsRenewedBeforeItsEnd(_ units: UInt16)
    {
        var settings = Domain.gateway
        settings.lifetime = .seconds(262_140)
        settings.wans.removeLast()
        settings.heartbeatInterval = .seconds(20_000)
        var anchor = Domain.anchor
        anchor.heartbeatInterval = .seconds(20_000)
        anchor.maximumLifetime = BindingLifetime(units: units).duration
        var talk = Conversation(anchor: anchor, gateway: settings)
        talk.gatewayStarts()
        talk.up("wan1", Domain.lte)
        talk.passes(.seconds(1))
        #expect(talk.gatewaySession.legs.first?.lifetime?.units == units)
        talk.forgetMessages()
        let lifetimes = 10
        talk.passes(BindingLifetime(units: units).duration * lifetimes)
        #expect((lifetimes...2 * lifetimes).contains(talk.updates.count), "\(talk.updates.count) updates")
        #expect(!talk.atAnchor.notices.contains { if case .bindingRemoved = $0 { true } else { false } })
        #expect(talk.atAnchor.paths.count == 1 && talk.atGateway.paths.count == 1)
        #expect(talk.atGateway.faults.isEmpty)
    }

    /// Accepted for no time at all: taken for a refusal, and not asked again at once.
    @Test func f14LifetimeZeroInAnAcceptanceIsNone() {
        var alone = LoneGateway()
        alone.answer { $0.lifetime = .zero }
        #expect(alone.ledger.paths.isEmpty)
        alone.forgetMessages()
        for _ in 0..<60 {
            alone.passes(.seconds(1))
            alone.answer { $0.lifetime = .zero }
        }
        #expect(alone.updates.filter { !$0.lifetime.isZero }.count <= 2)
        #expect(alone.updates.count <= 8)
    }

    @Test func f14LifetimesOfTheRequestAtTheirEnds() {
        var alone = LoneAnchor()
        // A leave of nothing is not answered (RFC 5213 §5.3.5).
        #expect(alone.ask { $0.lifetime = .zero } == nil && alone.drops == [.deregistrationOfNothing: 1])
        #expect(alone.ask { $0.lifetime = BindingLifetime(units: 0xFFFF) }?.lifetime == BindingLifetime(.seconds(3600)))
        #expect(alone.ask { $0.lifetime = BindingLifetime(units: 1) }?.lifetime.units == 1)
        alone.passes(.seconds(4))
        #expect(alone.session == nil && alone.ledger.isEmpty)
    }
}

extension BindingAcknowledgement {
    /// Another option in place of the one of its kind.
    fileprivate mutating func replace<Option: MobilityOption>(_ option: Option) {
        options = MobilityOptions(options.all.map { $0.optionType == option.optionType ? option : $0 })
    }
}
