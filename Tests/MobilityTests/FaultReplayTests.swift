// SPDX-License-Identifier: Apache-2.0
import Mobility
import Testbed
import Testing
import Wire

/// F4: whatever was recorded between a gateway and its anchor comes again, ten seconds and an hour later.
@Suite struct FaultReplayTests {
    typealias Domain = ExampleDomain

    /// A life with registrations, refreshes, heartbeats, a notification, a revocation, a path that goes and comes back.
    static func life(window: Duration = .milliseconds(300)) -> Conversation {
        var anchor = Domain.anchor
        anchor.timestampValidityWindow = window
        var talk = Domain.registered(anchor: anchor)
        talk.passes(.seconds(3000))
        let all = NotificationTarget.mobileNode(Domain.mobileNode)
        talk.tellAnchor(.request(.notify(all, .forceReregistration, isAcknowledgementRequested: true)))
        talk.passes(.seconds(10))
        if let binding = Domain.binding(2) {
            talk.tellAnchor(.request(.revoke(.binding(binding, of: Domain.mobileNode))))
        }
        talk.passes(.seconds(10))
        talk.down("wan2")
        talk.passes(.seconds(30))
        talk.up("wan2", Domain.dsl)
        talk.passes(.seconds(5))
        return talk
    }

    /// A clock that no replay passes, and one so lenient that only numbers and time stamps are left.
    static let cases = [Duration.milliseconds(300), .seconds(7200)].flatMap { window in
        [Duration.seconds(10), .seconds(3600)].map { (window, $0) }
    }

    @Test(arguments: cases) func f4ReplaysChangeNothing(window: Duration, later: Duration) {
        var talk = Self.life(window: window)
        talk.passes(later)
        let recorded = talk.sent.filter { $0.at + later <= talk.now }
        #expect(Set(recorded.map(\.message.type)) == ProofTests.kinds)
        for message in recorded { expectNothing(of: message, in: talk) }
    }

    /// A replay may be answered, but by a refusal; and neither end's state, forwarding or routes change.
    private func expectNothing(of recorded: Conversation.Sent, in talk: Conversation) {
        var copy = talk
        copy.forgetMessages()
        switch recorded.direction {
        case .toAnchor: copy.tellAnchor(.received(recorded.datagram))
        case .toGateway: copy.tell(.received(recorded.datagram))
        }
        let what = "\(recorded.message.name) of \(recorded.at)"
        #expect(copy.anchor.snapshot.sessions == talk.anchor.snapshot.sessions, "\(what)")
        #expect(copy.gatewaySession == talk.gatewaySession, "\(what)")
        #expect(copy.atAnchor.paths == talk.atAnchor.paths && copy.atGateway.paths == talk.atGateway.paths, "\(what)")
        #expect(copy.atAnchor.sessions == talk.atAnchor.sessions, "\(what)")
        for answer in copy.sent {
            guard case .bindingAcknowledgement(let reply) = answer.message else {
                Issue.record("\(what) was answered by \(answer.message.name)")
                continue
            }
            #expect(!reply.status.isAccepted, "\(what)")
        }
        // Refused or dropped: it has left its trace in a counter.
        let counters = [copy.anchor.snapshot.counters, copy.gateway.snapshot.counters]
        let before = [talk.anchor.snapshot.counters, talk.gateway.snapshot.counters]
        #expect(Self.troubles(counters) > Self.troubles(before), "\(what)")
    }

    private static func troubles(_ counters: [EngineCounters]) -> Int {
        counters.reduce(0) { $0 + $1.dropped.values.reduce(0, +) + $1.refused.values.reduce(0, +) }
    }
}
