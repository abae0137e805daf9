// SPDX-License-Identifier: Apache-2.0
import Mobility
import Testbed
import Testing
import Wire

/// RFC 5847 §3: who asks when, and what is answered.
@Suite struct RulesHeartbeatTests {
    typealias Domain = ExampleDomain

    /// §3: nobody asks a peer with which there is no binding; both ends stop with the last one.
    @Test func heartbeatsEndWithTheLastBinding() {
        var talk = Conversation(anchor: Domain.anchor, gateway: Domain.gateway)
        talk.gatewayStarts()
        talk.network.dead = [Domain.lte]
        talk.up("wan1", Domain.lte)
        talk.passes(.seconds(300))
        #expect(talk.heartbeats.isEmpty)
        talk = Domain.registered()
        talk.passes(.seconds(200))
        #expect(!talk.heartbeats.isEmpty)
        talk.gatewayStops()
        talk.passes(.seconds(1))
        talk.forgetMessages()
        talk.passes(.seconds(600))
        #expect(talk.heartbeats.isEmpty)
    }

    /// §3, §3.3, §3.4: an authentic request is answered with its number and our counter, binding or not; options that
    /// nobody knows do no harm.
    @Test func requestIsAnsweredWithoutABinding() throws {
        var settings = Domain.anchor
        settings.restartCounter = 41
        var alone = LoneAnchor(settings)
        let options = MobilityOptions([
            MessageIdentifier(alone.now.timestamp), UnknownOption(optionType: 222, data: [1, 2]),
        ])
        let request = Heartbeat(isResponse: false, sequence: 0xDEAD_BEEF, options: options)
        let answers = alone.tell(.received(HandmadeUpdate().seal(.heartbeat(request))))
        let answer = try #require(answers.first)
        #expect(answer.source == Domain.anchorIPv6 && answer.destination == Domain.lte)
        guard case .heartbeat(let response) = try MobilityHeader(decoding: answer.octets).message else {
            Issue.record("no heartbeat")
            return
        }
        #expect(response.isResponse && !response.isUnsolicited && response.sequence == 0xDEAD_BEEF)
        #expect(response.options.first(RestartCounter.self)?.counter == 41)
        #expect(response.options.all.last is MessageAuthentication)
    }

    /// §3: the gateway answers its anchor before it has a binding, too.
    @Test func gatewayAnswersBeforeItIsRegistered() throws {
        var alone = LoneGateway()
        alone.forgetMessages()
        let options = MobilityOptions([MessageIdentifier(alone.now.timestamp)])
        let request = Heartbeat(isResponse: false, sequence: 5, options: options)
        var handmade = HandmadeUpdate()
        (handmade.source, handmade.destination) = (Domain.anchorIPv6, Domain.lte)
        handmade.careOf = Domain.lte
        alone.tell(.received(handmade.seal(.heartbeat(request))))
        let answer = try #require(alone.sent.first)
        guard case .heartbeat(let response) = try MobilityHeader(decoding: answer.octets).message else {
            Issue.record("no heartbeat")
            return
        }
        #expect(response.isResponse && response.sequence == 5)
        #expect(response.options.first(RestartCounter.self) != nil)
    }
}
