// SPDX-License-Identifier: Apache-2.0
import Mobility
import Testbed
import Testing
import Wire

/// A physical node goes from one multihomed gateway to another, keeps what it has, and leaves nothing behind
/// (RFC 5213 §5.4.1, RFC 5846 §8.1, RFC 8278 §4.4).
@Suite struct NodeMoveTests {
    typealias Domain = RoamingDomain

    private static let laptop = RoamingDomain.laptop
    private static let phone = RoamingDomain.phone

    /// A node at the first gateway; `interface` 0: nobody knows its address.
    private func atFirst(interface: UInt8 = 1, _ change: (inout AnchorSettings) -> Void = { _ in }) -> Domain {
        var domain = Domain(anchor: change)
        domain.attach(to: 0, interface: interface)
        domain.passes(.seconds(1))
        #expect(domain.paths() == [0: [1, 2]])
        domain.forgetMessages()
        return domain
    }

    /// Everything of the node's is at this gateway and nowhere else, and what it had it has.
    private func expectMoved(_ domain: Domain, to index: Int, with before: MobileNodeService?) {
        #expect(domain.service(at: index) == before && domain.service(at: 1 - index) == nil)
        #expect(domain.paths() == [index: [1, 2]])
        #expect(!domain.gateways[1 - index].ledger.paths.keys.contains { $0.session.mobileNode == Self.laptop })
        let others = domain.gateways[1 - index].engine.snapshot.sessions.map(\.identifier.mobileNode)
        #expect(!others.contains(Self.laptop))
        let sessions = domain.anchor.snapshot.sessions.filter { $0.identifier.mobileNode == Self.laptop }
        #expect(sessions.count == 1 && domain.faults.isEmpty)
    }

    /// From then until the second gateway serves the node; nil: it never does.
    private func gap(_ domain: Domain, at index: Int, since start: Instant) -> Duration? {
        domain.served.first { $0.gateway == index && $0.service != nil }.map { $0.at - start }
    }

    @Test(
        arguments: [HandoffIndicator.attachmentOverNewInterface, .handoffBetweenGateways, .unknown],
        [0, 1] as [UInt8]
    )
    func oldGatewayLeavesFirst(_ handoff: HandoffIndicator, _ interface: UInt8) {
        var domain = atFirst(interface: interface)
        let before = domain.service(at: 0)
        domain.detach(from: 0)
        domain.passes(.milliseconds(50))
        let start = domain.now
        domain.attach(to: 1, handoff, interface: interface)
        domain.passes(.seconds(1))
        #expect(gap(domain, at: 1, since: start) == RoamingDomain.roundTrip)
        expectMoved(domain, to: 1, with: before)
        domain.passes(.seconds(60))
        expectMoved(domain, to: 1, with: before)
    }

    /// A prepared move needs one round trip, whatever the old gateway does.
    @Test(arguments: [0, 1] as [UInt8], [true, false])
    func preparedMoveWaitsForNobody(_ interface: UInt8, _ isOldDead: Bool) {
        var domain = atFirst(interface: interface)
        let before = domain.service(at: 0)
        domain.isolate(0, isOldDead)
        let start = domain.now
        domain.attach(to: 1, .handoffBetweenGateways, interface: interface)
        domain.passes(.milliseconds(15))
        // The anchor has accepted it; nothing goes through the old gateway any more.
        #expect(Set(domain.paths().keys) == [1])
        domain.passes(.seconds(1))
        #expect(gap(domain, at: 1, since: start) == RoamingDomain.roundTrip)
        #expect(domain.service(at: 1) == before && domain.paths() == [1: [1, 2]])
        guard !isOldDead else { return }
        // The old gateway has heard of it.
        #expect(domain.indications.map(\.trigger) == [.interMAGHandoverSameAccessType])
        expectMoved(domain, to: 1, with: before)
    }

    /// RFC 5845 §3.3.2, RFC 2890 §2.2: the key stays, and the numbers that come with it are another gateway's.
    @Test func anchorExpectsTheNewGatewaysNumbers() throws {
        var domain = atFirst()
        func expected(_ domain: Domain) throws -> (key: UInt32?, sender: UInt32) {
            let sessions = domain.atAnchor.sessions.values
            let session = try #require(sessions.first { $0.identifier.mobileNode == Self.laptop })
            return (session.uplinkKey, try #require(domain.atAnchor.senders[session.identifier]))
        }
        let first = try expected(domain)
        // Neither its second path nor a refresh is news.
        domain.attach(to: 0, .unknown)
        domain.passes(.seconds(3000))
        #expect(try expected(domain).sender == first.sender)
        domain.attach(to: 1, .handoffBetweenGateways)
        domain.passes(.seconds(1))
        let second = try expected(domain)
        #expect(second.key == first.key && second.sender != first.sender)
        var settings = RoamingDomain.gateway(1)
        settings.restartCounter += 1
        domain.restarts(1, settings)
        domain.attach(to: 1, .unknown)
        domain.passes(.seconds(10))
        #expect(try ![first.sender, second.sender].contains(expected(domain).sender))
    }

    /// RFC 5213 §5.4.1.2 (2): the same interface is at one place at a time, so that nobody needs to be asked where it is.
    @Test(arguments: HandoffPolicy.allCases)
    func unpreparedMoveOfAKnownInterfaceWaitsForNobody(_ policy: HandoffPolicy) {
        var domain = atFirst { $0.handoff = policy }
        let before = domain.service(at: 0)
        domain.isolate(0)
        let start = domain.now
        domain.attach(to: 1, .unknown)
        domain.passes(.seconds(1))
        #expect(gap(domain, at: 1, since: start) == RoamingDomain.roundTrip)
        #expect(domain.service(at: 1) == before && domain.paths() == [1: [1, 2]])
        // The old one comes back, has missed it all, and refreshes what it no longer has.
        domain.isolate(0, false)
        domain.passes(.seconds(3600))
        expectMoved(domain, to: 1, with: before)
    }

    /// Where the interface is not known the old gateway is asked, and lets go at once.
    @Test func unpreparedMoveAsksTheOldGateway() {
        var domain = atFirst(interface: 0)
        let before = domain.service(at: 0)
        let start = domain.now
        domain.attach(to: 1, .unknown, interface: 0)
        domain.passes(.milliseconds(25))
        #expect(domain.indications.map(\.trigger) == [.interMAGHandoverUnknown])
        #expect(domain.service(at: 0) == nil && domain.service(at: 1) == nil)
        domain.passes(.seconds(1))
        #expect(gap(domain, at: 1, since: start) == RoamingDomain.roundTrip * 2)
        expectMoved(domain, to: 1, with: before)
    }

    /// A silent one is waited for; then its session is the new gateway's, and not one beside it (RFC 8278 §4.1, O).
    @Test(arguments: [(HandoffPolicy.wait, 1500), (.revoke, 3000)])
    func silentGatewayIsNotWaitedForForEver(_ policy: HandoffPolicy, _ milliseconds: Int) {
        var domain = atFirst(interface: 0) { $0.handoff = policy }
        let before = domain.service(at: 0)
        domain.isolate(0)
        let start = domain.now
        domain.attach(to: 1, .unknown, interface: 0)
        domain.passes(.seconds(10))
        #expect(gap(domain, at: 1, since: start) == RoamingDomain.roundTrip + .milliseconds(milliseconds))
        #expect(domain.service(at: 1) == before && domain.paths() == [1: [1, 2]])
        #expect(domain.anchor.snapshot.sessions.count == 1 && domain.faults.isEmpty)
    }

    /// The data plane of the anchor has noticed that the old gateway is dead, before the node comes elsewhere or while its
    /// update waits.
    @Test(arguments: HandoffPolicy.allCases, [0, 400])
    func deadGatewayIsNotWaitedFor(_ policy: HandoffPolicy, _ milliseconds: Int) {
        var domain = atFirst(interface: 0) { $0.handoff = policy }
        let before = domain.service(at: 0)
        func fallsSilent(_ binding: UInt8) {
            let session = SessionIdentifier(mobileNode: Self.laptop)
            let path = PathIdentifier(session: session, binding: ExampleDomain.binding(binding))
            domain.tellAnchor(.pathCondition(path, .silent))
        }
        domain.isolate(0)
        fallsSilent(1)
        let start = domain.now
        if milliseconds == 0 { fallsSilent(2) }
        domain.attach(to: 1, .unknown, interface: 0)
        domain.passes(.milliseconds(max(20, milliseconds)))
        #expect((domain.service(at: 1) == before) == (milliseconds == 0))
        if milliseconds > 0 { fallsSilent(2) }
        domain.passes(.seconds(1))
        #expect(gap(domain, at: 1, since: start) == (milliseconds == 0 ? .milliseconds(20) : .milliseconds(410)))
        #expect(domain.service(at: 1) == before && domain.paths() == [1: [1, 2]])
        // The old one is back, and learns that its time is over.
        domain.isolate(0, false)
        domain.passes(.seconds(3600))
        expectMoved(domain, to: 1, with: before)
    }

    /// What an anchor has to be told for a second.
    @Test(arguments: HandoffPolicy.allCases)
    func silentGatewayCostsASecondWhereTheOperatorWantsIt(_ policy: HandoffPolicy) throws {
        var domain = atFirst(interface: 0) {
            $0.handoff = policy
            $0.maxDelayBeforeNewBindingCacheEntryAssign = .milliseconds(900)
            $0.revocation = RevocationSettings(
                initialDelay: .milliseconds(500),
                maximumDelay: .milliseconds(500),
                retries: 0
            )
        }
        let before = domain.service(at: 0)
        domain.isolate(0)
        let start = domain.now
        domain.attach(to: 1, .unknown, interface: 0)
        domain.passes(.seconds(2))
        #expect(try #require(gap(domain, at: 1, since: start)) <= .seconds(1))
        #expect(domain.service(at: 1) == before && domain.paths() == [1: [1, 2]])
    }

    @Test func waitingAnchorAnswersWithTheLeave() {
        var domain = atFirst(interface: 0) { $0.handoff = .wait }
        let before = domain.service(at: 0)
        domain.attach(to: 1, .unknown, interface: 0)
        domain.passes(.milliseconds(300))
        #expect(domain.paths() == [0: [1, 2]] && domain.service(at: 1) == nil)
        let start = domain.now
        domain.detach(from: 0)
        domain.passes(.seconds(1))
        #expect(gap(domain, at: 1, since: start) == RoamingDomain.roundTrip)
        expectMoved(domain, to: 1, with: before)
    }

    /// The old gateway's leave arrives when the node is elsewhere already.
    @Test func lateLeaveTakesNothing() {
        var domain = atFirst()
        let before = domain.service(at: 0)
        domain.gateways[0].network.holdsBack(next: 2, .toAnchor, by: .milliseconds(200))
        domain.detach(from: 0)
        domain.attach(to: 1, .handoffBetweenGateways)
        domain.passes(.seconds(5))
        // It is older than what has replaced what it would take.
        #expect(domain.anchor.snapshot.counters.refused == [.timestampLowerThanPreviouslyAccepted: 2])
        expectMoved(domain, to: 1, with: before)
    }

    /// The old gateway has heard of nothing, and notices only now that the node is gone: nobody's any more.
    @Test func leaveOfWhatIsElsewhereIsIgnored() {
        var domain = atFirst()
        let before = domain.service(at: 0)
        domain.isolate(0)
        domain.attach(to: 1, .handoffBetweenGateways)
        domain.passes(.seconds(5))
        domain.isolate(0, false)
        domain.detach(from: 0)
        domain.passes(.seconds(5))
        #expect(domain.anchor.snapshot.counters.dropped == [.deregistrationOfNothing: 2])
        expectMoved(domain, to: 1, with: before)
    }

    /// Both say that it is theirs, by turns: the newest wins, the other is told, and nobody repeats himself.
    @Test(arguments: [HandoffIndicator.unknown, .handoffBetweenGateways])
    func newestClaimWins(_ handoff: HandoffIndicator) {
        var domain = atFirst()
        let before = domain.service(at: 0)
        for turn in 1...8 {
            domain.attach(to: turn % 2, handoff)
            domain.passes(.milliseconds(300))
            expectMoved(domain, to: turn % 2, with: before)
        }
        // Two legs each time, one indication each time.
        #expect(domain.updates(of: 0).count + domain.updates(of: 1).count == 16 && domain.indications.count == 8)
        domain.forgetMessages()
        domain.passes(.seconds(60))
        #expect(domain.updates(of: 0).isEmpty && domain.updates(of: 1).isEmpty && domain.indications.isEmpty)
    }

    /// The first has not noticed that the node was elsewhere, and says once more that it is there.
    @Test(arguments: [0, 1] as [UInt8], [true, false])
    func nodeThatComesBackUnnoticedIsClaimedAnew(_ interface: UInt8, _ announcesProbes: Bool) {
        var domain = atFirst(interface: interface) { $0.announcesProbes = announcesProbes }
        let before = domain.service(at: 0)
        domain.isolate(0)
        domain.attach(to: 1, .unknown, interface: interface)
        domain.passes(.seconds(10))
        domain.isolate(0, false)
        #expect(domain.service(at: 0) != nil && domain.paths() == [1: [1, 2]])
        domain.attach(to: 0, .unknown, interface: interface)
        domain.passes(.seconds(5))
        expectMoved(domain, to: 0, with: before)
    }

    /// Neither its site's new session nor its new restart counter says anything of a node that has gone.
    @Test func restartOfTheOldGatewayTouchesNothing() {
        var settings = RoamingDomain.gateway(0)
        settings.mobileNode = ExampleDomain.mobileNode
        var domain = Domain(gateways: { index, gateway in if index == 0 { gateway = settings } })
        domain.attach(to: 0)
        domain.passes(.seconds(70))
        let before = domain.service(at: 0)
        domain.attach(to: 1, .handoffBetweenGateways)
        domain.passes(.seconds(70))
        expectMoved(domain, to: 1, with: before)
        settings.restartCounter += 1
        domain.restarts(0, settings)
        domain.passes(.seconds(200))
        expectMoved(domain, to: 1, with: before)
        #expect(domain.paths(of: ExampleDomain.mobileNode) == [0: [1, 2]])
        #expect(!domain.served.contains { $0.gateway == 1 && $0.service == nil })
    }

    /// A gateway that has restarted is told of its nodes anew, and the anchor gives them what they had.
    @Test func restartedGatewayGetsItsNodesBack() {
        var domain = atFirst()
        let before = domain.service(at: 0)
        var settings = RoamingDomain.gateway(0)
        settings.restartCounter += 1
        domain.restarts(0, settings)
        domain.attach(to: 0, .unknown)
        domain.passes(.seconds(200))
        expectMoved(domain, to: 0, with: before)
    }

    /// RFC 5213 alone on one side: no Binding ID, one path (RFC 5648 §6.2: it stands for all).
    @Test(arguments: [HandoffIndicator.handoffBetweenGateways, .unknown])
    func plainGatewayHandsOverAndGetsBack(_ handoff: HandoffIndicator) {
        var domain = Domain(gateways: { index, settings in if index == 0 { settings.isMultipathWanted = false } })
        domain.attach(to: 0)
        domain.passes(.seconds(1))
        let before = domain.service(at: 0)
        #expect(domain.paths() == [0: [0]] && before != nil)
        var start = domain.now
        domain.forgetMessages()
        domain.attach(to: 1, handoff)
        domain.passes(.seconds(1))
        #expect(gap(domain, at: 1, since: start) == RoamingDomain.roundTrip)
        expectMoved(domain, to: 1, with: before)
        domain.forgetMessages()
        start = domain.now
        domain.attach(to: 0, handoff)
        domain.passes(.seconds(1))
        #expect(gap(domain, at: 0, since: start) == RoamingDomain.roundTrip)
        #expect(domain.service(at: 0) == before && domain.service(at: 1) == nil && domain.paths() == [0: [0]])
        #expect(domain.gateways[1].ledger.isEmpty && domain.faults.isEmpty)
    }

    @Test func otherNodesStay() {
        var domain = atFirst()
        domain.attach(Self.phone, to: 0, interface: 2)
        domain.passes(.seconds(1))
        let (before, phone) = (domain.service(at: 0), domain.service(at: 0, Self.phone))
        domain.forgetMessages()
        domain.attach(to: 1, .handoffBetweenGateways)
        domain.passes(.seconds(60))
        expectMoved(domain, to: 1, with: before)
        #expect(domain.service(at: 0, Self.phone) == phone && domain.paths(of: Self.phone) == [0: [1, 2]])
        #expect(domain.updates(of: 0).isEmpty && !domain.served.contains { $0.node == Self.phone })
    }

    /// RFC 5846 §9.1: let go, it is not asked for again by itself.
    @Test func nodeThatIsGoneIsNotAskedFor() {
        var domain = atFirst()
        domain.attach(to: 1, .handoffBetweenGateways)
        domain.passes(.seconds(1))
        domain.forgetMessages()
        domain.passes(.seconds(7200))
        #expect(domain.updates(of: 0).isEmpty && domain.paths() == [1: [1, 2]] && domain.faults.isEmpty)
    }
}
