// SPDX-License-Identifier: Apache-2.0
import Mobility
import Testbed
import Testing
import Wire

/// What senders who have proved nothing can cause: few answers, few words in the log, no state.
@Suite struct StrangerTests {
    typealias Domain = ExampleDomain

    private static let wrong = SecurityAssociation(spi: 256, key: [9], algorithm: .hmacSHA256_128)

    /// As long as a sealed Binding Error.
    private static let long = [UInt8](repeating: 0, count: 50)

    private func drops(_ notices: [Notice]) -> [Int] {
        notices.compactMap { if case .messageDropped(_, _, let untold) = $0 { untold } else { nil } }
    }

    @Test func droppedMessagesAreToldAtOnceAndThenEveryTenSecondsWithTheirNumber() {
        var alone = LoneAnchor()
        let rubbish = Datagram(source: Domain.dsl, destination: Domain.anchorIPv4, ports: .control, octets: [1, 2])
        for _ in 0..<250 {
            alone.tell(.received(rubbish))
            alone.passes(.milliseconds(100))
        }
        #expect(drops(alone.ledger.notices) == [0, 99, 99])
        #expect(alone.drops == [.malformed: 250])
        // Another reason is another matter.
        let unknown = SecurityAssociation(spi: 999, key: Domain.key, algorithm: .hmacSHA256_128)
        alone.ask { $0.authentication = .sharedKey(unknown) }
        #expect(drops(alone.ledger.notices) == [0, 99, 99, 0])
    }

    @Test func gatewayTellsOfDroppedMessagesAsSparingly() {
        var alone = LoneGateway()
        let rubbish = Datagram(source: Domain.anchorIPv6, destination: Domain.lte, ports: nil, octets: [])
        for _ in 0..<30 { alone.tell(.received(rubbish)) }
        alone.passes(.seconds(10))
        alone.tell(.received(rubbish))
        #expect(drops(alone.ledger.notices) == [0, 29])
    }

    @Test func refusalsOfOneGatewayAreToldAsSparingly() {
        var alone = LoneAnchor()
        for _ in 0..<50 { alone.ask { $0.handoff = nil } }
        alone.passes(.seconds(10))
        alone.ask { $0.handoff = nil }
        let told = alone.ledger.notices.compactMap { notice in
            if case .registrationRefused(_, by: _, _, let untold) = notice { untold } else { nil }
        }
        #expect(told == [0, 49])
    }

    @Test(arguments: [(1, 4...6), (20, 9...11)])
    func forgedUpdatesAreAnsweredTenTimesASecondAtMost(sources: Int, expected: ClosedRange<Int>) {
        var alone = LoneAnchor()
        var answers = 0
        for number in 0..<1000 {
            let reply = alone.ask {
                $0.source = Domain.address("2001:db8:a::\(1 + number % sources)")
                $0.authentication = .sharedKey(Self.wrong)
            }
            answers += reply == nil ? 0 : 1
        }
        #expect(expected.contains(answers))
        #expect(alone.drops == [.authenticationWrong: 1000])
        #expect(alone.session == nil)
    }

    @Test func forgedUpdateIsNotAnsweredAtGreaterLength() {
        var alone = LoneAnchor()
        let update = BindingUpdate(
            sequence: 1,
            flags: [.acknowledge, .proxyRegistration],
            lifetime: .zero,
            options: MobilityOptions()
        )
        var handmade = HandmadeUpdate()
        handmade.authentication = .sharedKey(Self.wrong)
        #expect(alone.tell(.received(handmade.seal(.bindingUpdate(update)))).isEmpty)
        #expect(alone.drops == [.authenticationWrong: 1])
    }

    @Test func refusalsWithoutAuthenticationAreLimitedToo() {
        var settings = Domain.anchor
        settings.gateways[0].authentication = .none
        var alone = LoneAnchor(settings)
        var answers = 0
        for _ in 0..<1000 {
            let reply = alone.ask {
                $0.authentication = .none
                $0.handoff = nil
            }
            answers += reply == nil ? 0 : 1
        }
        #expect((4...6).contains(answers))
        #expect(alone.ask { $0.authentication = .none }?.status == .accepted)
    }

    @Test func gatewayAnswersUnknownMessagesTenTimesASecondAtMost() {
        var alone = LoneGateway()
        alone.answer()
        alone.forgetMessages()
        var handmade = HandmadeUpdate()
        (handmade.source, handmade.destination) = (Domain.anchorIPv6, Domain.lte)
        for _ in 0..<100 { alone.tell(.received(handmade.seal(.unknown(type: 99, body: Self.long)))) }
        #expect(alone.sent.count == 1)
    }

    @Test func heartbeatsOfStrangersAreAnsweredTenTimesASecondAtMost() {
        var settings = Domain.anchor
        settings.gateways[0].authentication = .none
        var alone = LoneAnchor(settings)
        var handmade = HandmadeUpdate()
        handmade.authentication = .none
        func request(_ options: [any MobilityOption]) -> Datagram {
            let options = MobilityOptions(options)
            return handmade.seal(.heartbeat(Heartbeat(isResponse: false, sequence: 4, options: options)))
        }
        let datagram = request([MessageIdentifier(value: 1)])
        var answers = 0
        // The response would be longer.
        #expect(alone.tell(.received(request([]))).isEmpty)
        for _ in 0..<100 { answers += alone.tell(.received(datagram)).count }
        #expect(answers == 1)
        // Who has a binding is answered always (RFC 5847 §3).
        alone.ask { $0.authentication = .none }
        for _ in 0..<100 { answers += alone.tell(.received(datagram)).count }
        #expect(answers == 101)
    }

    @Test func bindingErrorDoesNotSilenceHeartbeatsThatWereAnswered() throws {
        var talk = Domain.registered()
        // A stranger makes the anchor send a Binding Error to the gateway, while a request of its own is open.
        talk.passes(.seconds(59))
        talk.network.loses(next: 100, .toAnchor)
        talk.passes(.seconds(2))
        talk.network.quietens()
        let stranger = HandmadeUpdate().seal(.unknown(type: 99, body: Self.long))
        talk.tellAnchor(.received(stranger))
        talk.passes(.seconds(1))
        talk.forgetMessages()
        talk.passes(.seconds(125))
        let requests = talk.sent.filter { $0.datagram.source == Domain.lte && $0.message.name == "Heartbeat Request" }
        #expect(requests.count == 2)
    }
}
