// SPDX-License-Identifier: Apache-2.0
import Mobility
import Testbed
import Testing
import Wire

/// Mesg-ID in updates: nobody is asked for one, but one that is there has to be good (RFC 4285 §6).
@Suite struct MessageIdentifierTests {
    typealias Domain = ExampleDomain

    private static func identifier(in reply: BindingAcknowledgement?) -> UInt64? {
        reply?.options.first(MessageIdentifier.self)?.value
    }

    private func ask(_ alone: inout LoneAnchor, _ identifier: MessageIdentifier, node: UInt8 = 1)
        -> BindingAcknowledgement?
    {
        alone.ask {
            $0.multipath?.bindingIdentifier = node
            $0.source = node == 1 ? Domain.lte : Domain.wlan
            $0.further = [identifier]
        }
    }

    @Test func goodIdentifierComesBackWhole() {
        var alone = LoneAnchor()
        let good = MessageIdentifier(value: MessageIdentifier(alone.now.timestamp).value | 0x1234)
        let reply = ask(&alone, good)
        #expect(reply?.status == .accepted && Self.identifier(in: reply) == good.value)
    }

    @Test func oldIdentifierIsRefusedWith144AndHalfOfOurClock() {
        var alone = LoneAnchor()
        let old = MessageIdentifier(value: MessageIdentifier(alone.now.timestamp + .seconds(-8)).value | 0x1234)
        let reply = ask(&alone, old)
        #expect(reply?.status == .messageIdentifierMismatch && reply?.status.rawValue == 144)
        let expected = MessageIdentifier(alone.now.timestamp).value & 0xFFFF_FFFF_0000_0000 | old.value & 0xFFFF_FFFF
        #expect(Self.identifier(in: reply) == expected)
        #expect(alone.session == nil)
    }

    /// Counted for each path: their updates overtake one another.
    @Test func identifierIsToGrowOnItsPath() {
        var alone = LoneAnchor()
        let first = MessageIdentifier(alone.now.timestamp)
        let earlier = MessageIdentifier(value: first.value - 1)
        #expect(ask(&alone, first)?.status == .accepted)
        #expect(ask(&alone, first)?.status == .messageIdentifierMismatch)
        #expect(ask(&alone, earlier)?.status == .messageIdentifierMismatch)
        #expect(ask(&alone, earlier, node: 2)?.status == .accepted)
        // Heartbeats have a count of their own.
        let heartbeat = Heartbeat(isResponse: false, sequence: 4, options: MobilityOptions([earlier]))
        #expect(alone.tell(.received(HandmadeUpdate().seal(.heartbeat(heartbeat)))).count == 1)
        #expect(alone.ask()?.status == .accepted)
    }

    /// The network's duplicate is no replay: it gets the same answer.
    @Test func duplicateWithIdentifierIsAnsweredAlike() {
        var alone = LoneAnchor()
        var update = HandmadeUpdate()
        update.further = [MessageIdentifier(alone.now.timestamp)]
        let datagram = update.datagram(at: alone.now.timestamp)
        let answers = [alone.tell(.received(datagram)), alone.tell(.received(datagram))]
        #expect(answers[0] == answers[1] && alone.acknowledgement(in: answers[0])?.status == .accepted)
    }
}
