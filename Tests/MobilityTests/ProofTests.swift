// SPDX-License-Identifier: Apache-2.0
import Mobility
import Testbed
import Testing
import Wire

/// The table of docs/trust.md, line by line: what proves each kind of message, and what happens without.
@Suite struct ProofTests {
    typealias Domain = ExampleDomain

    /// Of the mobility header: whatever a gateway and its anchor say to one another.
    static let kinds: Set<UInt8> = [
        BindingUpdate.type, BindingAcknowledgement.type, Heartbeat.type, BindingRevocationIndication.type,
        UpdateNotification.type, UpdateNotificationAcknowledgement.type,
    ]

    struct Forgery: CustomTestStringConvertible, Sendable {
        var testDescription: String
        var authentication: PeerAuthentication
        var reason: DropReason
    }

    static let forgeries = [
        Forgery(testDescription: "unsigned", authentication: .none, reason: .authenticationMissing),
        Forgery(
            testDescription: "signed by a wrong key",
            authentication: .sharedKey(SecurityAssociation(spi: 256, key: [9], algorithm: .hmacSHA256_128)),
            reason: .authenticationWrong
        ),
        Forgery(
            testDescription: "signed under an index of nobody",
            authentication: .sharedKey(SecurityAssociation(spi: 999, key: Domain.key, algorithm: .hmacSHA256_128)),
            reason: .unknownPeer
        ),
    ]

    private static func resealed(
        _ sent: Conversation.Sent,
        without option: UInt8? = nil,
        by authentication: PeerAuthentication
    ) -> Datagram {
        let there = sent.datagram
        let back = Datagram(
            source: there.destination,
            destination: there.source,
            ports: there.ports?.reversed,
            octets: [],
            wan: there.wan
        )
        var message = sent.message
        message.options = MobilityOptions(
            message.options.all.filter { !($0 is MessageAuthentication) && $0.optionType != option }
        )
        let careOf = sent.direction == .toAnchor ? there.source : there.destination
        return Authentication.seal(message, on: SignallingRoute(answering: back), careOf: careOf, by: authentication)
    }

    @Test func everyMessageOfEveryKindIsSigned() {
        let talk = FaultReplayTests.life()
        #expect(Set(talk.sent.map(\.message.type)) == Self.kinds)
        #expect(talk.sent.allSatisfy { $0.message.options.all.last is MessageAuthentication })
        let beginnings = talk.sent.filter { $0.message.freshness == .messageIdentifier }
        #expect(!beginnings.isEmpty)
        #expect(beginnings.allSatisfy { $0.message.options.first(MessageIdentifier.self) != nil })
        #expect(talk.anchor.snapshot.counters.dropped.isEmpty && talk.gateway.snapshot.counters.dropped.isEmpty)
    }

    @Test(arguments: forgeries) func nothingUnprovenHasAnEffect(_ forgery: Forgery) {
        let talk = FaultReplayTests.life()
        for sent in talk.sent {
            // Addresses that are no more belong to nobody.
            let datagram = Self.resealed(sent, by: forgery.authentication)
            let (reasons, answers) = Self.effect(of: datagram, sent.direction, in: talk)
            // An answer to nothing is known as such before anybody looks who signed it.
            let isAnswer = sent.message.freshness == .answersOurs
            let expected: Set<DropReason> = isAnswer ? [forgery.reason, .noMatchingRequest] : [forgery.reason]
            #expect(expected.isSuperset(of: reasons) && reasons.count == 1, "\(sent.message.name): \(reasons)")
            for answer in answers {
                #expect(answer.status == .authenticationFailure && forgery.reason == .authenticationWrong)
                #expect(sent.message.type == BindingUpdate.type)
            }
        }
    }

    /// Whoever begins an exchange says when.
    @Test func nothingWithoutATimeBeginsAnExchange() {
        let talk = FaultReplayTests.life()
        for sent in talk.sent where sent.message.freshness == .messageIdentifier {
            let signature = PeerAuthentication.sharedKey(Domain.association)
            let datagram = Self.resealed(sent, without: MessageIdentifier.type, by: signature)
            let (reasons, answers) = Self.effect(of: datagram, sent.direction, in: talk)
            #expect(reasons == [.replayed] && answers.isEmpty, "\(sent.message.name): \(reasons)")
        }
    }

    /// Why it was dropped, and the acknowledgements that it brought about; nothing else may come of it.
    private static func effect(
        of datagram: Datagram,
        _ direction: VirtualNetwork.Direction,
        in talk: Conversation
    ) -> (reasons: [DropReason], answers: [BindingAcknowledgement]) {
        var copy = talk
        copy.forgetMessages()
        switch direction {
        case .toAnchor: copy.tellAnchor(.received(datagram))
        case .toGateway: copy.tell(.received(datagram))
        }
        #expect(copy.anchor.snapshot.sessions == talk.anchor.snapshot.sessions)
        #expect(copy.gatewaySession == talk.gatewaySession)
        #expect(copy.sent.count == copy.acknowledgements.count)
        let before = [talk.anchor.snapshot.counters.dropped, talk.gateway.snapshot.counters.dropped]
        let after = [copy.anchor.snapshot.counters.dropped, copy.gateway.snapshot.counters.dropped]
        let reasons = zip(before, after).flatMap { old, new in
            new.filter { $0.value > old[$0.key] ?? 0 }.map(\.key)
        }
        return (reasons, copy.acknowledgements)
    }
}
