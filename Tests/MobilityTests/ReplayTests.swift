// SPDX-License-Identifier: Apache-2.0
import Mobility
import Testbed
import Testing
import Wire

/// Recorded messages that come again after what they made is gone (RFC 5213 §5.5).
@Suite struct ReplayTests {
    typealias Domain = ExampleDomain

    /// A window as wide as an operator may set it, so that the clock alone stops nothing.
    private static var lenient: LoneAnchor {
        var settings = Domain.anchor
        settings.timestampValidityWindow = .seconds(3600)
        return LoneAnchor(settings)
    }

    @Test func updateOfAnEndedSessionIsNotAcceptedAgain() {
        var alone = Self.lenient
        let recorded = HandmadeUpdate().datagram(at: alone.now.timestamp)
        alone.tell(.received(recorded))
        alone.ask { $0.lifetime = .zero }
        alone.passes(.seconds(11))
        #expect(alone.session == nil)
        let answer = alone.acknowledgement(in: alone.tell(.received(recorded)))
        #expect(answer?.status == .timestampLowerThanPreviouslyAccepted)
        #expect(alone.ledger.isEmpty)
        #expect(alone.ask()?.status == .accepted)
    }

    @Test func numberedUpdateOfAnEndedSessionIsNotAcceptedAgain() {
        var alone = Self.lenient
        var handmade = HandmadeUpdate()
        (handmade.hasTimestamp, handmade.sequence) = (false, 500)
        let recorded = handmade.datagram(at: alone.now.timestamp)
        alone.tell(.received(recorded))
        alone.ask { ($0.hasTimestamp, $0.sequence, $0.lifetime) = (false, 501, .zero) }
        alone.passes(.seconds(11))
        let answer = alone.acknowledgement(in: alone.tell(.received(recorded)))
        #expect(answer?.status == .sequenceNumberOutOfWindow && answer?.sequence == 501)
        #expect(alone.ledger.isEmpty)
    }

    @Test func updateOfAReplacedPathDoesNotBringItBack() {
        var alone = Self.lenient
        alone.ask()
        alone.passes(.milliseconds(1))
        var second = HandmadeUpdate()
        second.source = Domain.wlan
        second.multipath?.bindingIdentifier = 2
        let recorded = second.datagram(at: alone.now.timestamp)
        alone.tell(.received(recorded))
        #expect(alone.session?.legs.count == 2)
        alone.ask { $0.multipath?.isOverwrite = true }
        #expect(alone.session?.legs.count == 1)
        alone.tell(.received(recorded))
        #expect(alone.session?.legs.map(\.identifier) == [Domain.path(1)])
    }
}
