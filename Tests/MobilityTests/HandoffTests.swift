// SPDX-License-Identifier: Apache-2.0
import Mobility
import Testbed
import Testing
import Wire

/// A node that moves from one gateway to another (RFC 5213 §5.4.1.2, §5.4.1.3, RFC 8278 §4.4).
@Suite struct HandoffTests {
    typealias Domain = ExampleDomain

    private static let home = HomeNetworkPrefix(
        address: IPv6Address(high: 0x2001_0DB8_1234_0000, low: 0),
        prefixLength: 64
    )

    /// The anchor of two gateways, the node at the first.
    private func attached(isPlain: Bool) -> LoneAnchor {
        var alone = LoneAnchor(GatewayPair.anchor)
        alone.ask { if isPlain { $0.isPlain() } }
        return alone
    }

    private func leave(_ alone: inout LoneAnchor, isPlain: Bool) -> [Datagram] {
        alone.passes(.milliseconds(1))
        var update = HandmadeUpdate()
        if isPlain { update.isPlain() }
        (update.lifetime, update.handoff, update.prefixes) = (.zero, .unknown, [Self.home])
        return alone.tell(.received(update.datagram(at: alone.now.timestamp)))
    }

    private func unknown(_ alone: inout LoneAnchor, isPlain: Bool) -> BindingAcknowledgement? {
        alone.ask {
            if isPlain { $0.isPlain() }
            $0.isSecondGateways()
            ($0.handoff, $0.greKey) = (.unknown, nil)
        }
    }

    @Test(arguments: [true, false])
    func unknownHandoffWaitsForTheOldGatewaysLeave(_ isPlain: Bool) {
        var alone = attached(isPlain: isPlain)
        #expect(unknown(&alone, isPlain: isPlain) == nil)
        let session = Domain.path(nil).session
        #expect(alone.ledger.notices.contains(.handoffWaits(session, for: GatewayPair.secondName)))
        alone.passes(.milliseconds(1000))
        #expect(alone.session?.gateway == Domain.gatewayName)
        let answers = leave(&alone, isPlain: isPlain)
        // The leave's answer first, then the new gateway's.
        #expect(answers.map(\.destination) == [Domain.lte, GatewayPair.secondAddress])
        let reply = alone.acknowledgement(in: Array(answers.dropFirst()))
        #expect(reply?.status == .accepted && reply?.options.all(HomeNetworkPrefix.self) == [Self.home])
        #expect(alone.session?.gateway == GatewayPair.secondName && alone.anchor.snapshot.sessions.count == 1)
        #expect(alone.ledger.paths.values.map(\.remoteAddress) == [GatewayPair.secondAddress])
        alone.passes(.seconds(30))
        #expect(alone.ledger.paths.count == 1 && alone.ledger.faults.isEmpty)
    }

    /// §9.1, MaxDelayBeforeNewBCEAssign
    @Test(arguments: [true, false])
    func withoutALeaveTheNodeHasTwoSessions(_ isPlain: Bool) {
        var alone = attached(isPlain: isPlain)
        #expect(unknown(&alone, isPlain: isPlain) == nil)
        alone.passes(.milliseconds(1499))
        #expect(alone.anchor.snapshot.sessions.count == 1)
        alone.passes(.milliseconds(1))
        let sessions = alone.anchor.snapshot.sessions
        #expect(sessions.map(\.gateway) == [Domain.gatewayName, GatewayPair.secondName])
        #expect(Set(sessions.flatMap(\.homeNetworkPrefixes)).count == 2)
        #expect(alone.ledger.paths.count == 2 && alone.ledger.faults.isEmpty)
    }

    /// The gateway hears nothing and repeats: one answer, and to the newest.
    @Test func repeatedUpdateWaitsInTheFirstOnesPlace() {
        var alone = attached(isPlain: true)
        #expect(unknown(&alone, isPlain: true) == nil)
        alone.passes(.milliseconds(1000))
        #expect(unknown(&alone, isPlain: true) == nil)
        let newest = alone.now.timestamp
        let answers = leave(&alone, isPlain: true)
        #expect(answers.count == 2)
        let reply = alone.acknowledgement(in: Array(answers.dropFirst()))
        #expect(reply?.options.first(TimestampOption.self)?.timestamp == newest)
        alone.passes(.seconds(2))
        #expect(alone.anchor.snapshot.sessions.count == 1)
    }

    @Test func sessionThatEndsMeanwhileIsNotWaitedFor() {
        var alone = attached(isPlain: true)
        #expect(unknown(&alone, isPlain: true) == nil)
        let answers = alone.tell(.request(.removeSession(Domain.path(nil).session)))
        #expect(alone.acknowledgement(in: answers)?.status == .accepted)
        #expect(alone.session?.gateway == GatewayPair.secondName && alone.ledger.faults.isEmpty)
    }

    @Test func stopServesNobodyWhoWaits() {
        var alone = attached(isPlain: true)
        #expect(unknown(&alone, isPlain: true) == nil)
        #expect(alone.tell(.request(.stop)).isEmpty)
        alone.passes(.seconds(5))
        #expect(alone.session == nil && alone.ledger.isEmpty)
    }

    /// RFC 8278 §4.4: what a gateway says that knows of the move is done at once, and all the old paths go.
    @Test(arguments: [HandoffIndicator.attachmentOverNewInterface, .handoffBetweenGateways])
    func newestGatewayWins(_ handoff: HandoffIndicator) {
        var alone = attached(isPlain: false)
        alone.ask {
            $0.source = Domain.wlan
            $0.multipath?.bindingIdentifier = 2
        }
        let reply = alone.ask {
            $0.isSecondGateways()
            $0.handoff = handoff
        }
        #expect(reply?.status == .accepted && reply?.options.all(HomeNetworkPrefix.self) == [Self.home])
        #expect(alone.session?.gateway == GatewayPair.secondName && alone.anchor.snapshot.sessions.count == 1)
        #expect(alone.ledger.paths.values.map(\.remoteAddress) == [GatewayPair.secondAddress])
        // Its other paths join; Binding IDs are each gateway's own.
        let joining = alone.ask {
            $0.isSecondGateways()
            $0.source = Domain.address("2001:db8:d::2")
            $0.multipath?.bindingIdentifier = 2
        }
        #expect(joining?.status == .accepted && alone.ledger.paths.count == 2 && alone.ledger.faults.isEmpty)
    }

    /// RFC 5213 §5.5: a handoff has to be newer than every path that it replaces.
    @Test func handoffThatIsOlderThanAnyPathIsRefused() {
        var alone = attached(isPlain: false)
        let older = alone.now.timestamp + .milliseconds(-1)
        let reply = alone.ask {
            $0.isSecondGateways()
            $0.timestamp = older
        }
        #expect(reply?.status == .timestampLowerThanPreviouslyAccepted)
    }

    /// It has missed that the node moved on.
    @Test(arguments: [true, false])
    func refreshOfAGatewayWithoutASessionIsRefused(_ isPlain: Bool) {
        var alone = attached(isPlain: isPlain)
        let reply = alone.ask {
            if isPlain { $0.isPlain() }
            $0.isSecondGateways()
            ($0.handoff, $0.prefixes) = (.notChanged, [Self.home])
        }
        #expect(reply?.status == .reasonUnspecified)
        #expect(alone.session?.gateway == Domain.gatewayName && alone.ledger.paths.count == 1)
    }

    /// RFC 8278 §4.1, O: it replaces the sessions of all attachments.
    @Test func overwriteEndsEverySession() {
        var alone = LoneAnchor()
        for interface in [[1], [2]] as [[UInt8]] {
            alone.ask {
                $0.isPlain()
                $0.further = [MobileNodeLinkLayerIdentifier(interface)]
            }
        }
        #expect(alone.anchor.snapshot.sessions.count == 2)
        let reply = alone.ask {
            $0.source = Domain.wlan
            $0.multipath?.isOverwrite = true
        }
        #expect(reply?.status == .accepted)
        #expect(alone.anchor.snapshot.sessions.count == 1 && alone.ledger.prefixes.count == 1)
        #expect(alone.ledger.paths.values.map(\.remoteAddress) == [Domain.wlan] && alone.ledger.faults.isEmpty)
    }

    /// RFC 8278 §4.4 leaves the Handoff Indicator of further paths open: 6 says what they are, 1 is what we send.
    @Test func furtherPathMaySaySharing() {
        var alone = attached(isPlain: false)
        let reply = alone.ask {
            ($0.source, $0.handoff, $0.prefixes) = (Domain.wlan, .attachmentSharingPrefixes, [Self.home])
            $0.multipath?.bindingIdentifier = 2
        }
        #expect(reply?.status == .accepted && alone.session?.legs.count == 2)
        #expect(alone.anchor.snapshot.sessions.count == 1)
    }
}
