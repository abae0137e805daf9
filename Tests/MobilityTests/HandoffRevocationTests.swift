// SPDX-License-Identifier: Apache-2.0
import Mobility
import Testbed
import Testing
import Wire

/// What the old gateway is told of a handoff, and what its answer does (RFC 5846 §8.1).
@Suite struct HandoffRevocationTests {
    typealias Domain = ExampleDomain

    private static let home = HomeNetworkPrefix(
        address: IPv6Address(high: 0x2001_0DB8_1234_0000, low: 0),
        prefixLength: 64
    )

    /// The node at the first gateway; the second has registered it, and cannot say where it was.
    private struct Site {
        var alone: LoneAnchor
        var indications: [BindingRevocationIndication] = []
        var asked: [Datagram] = []

        init(isPlain: Bool, handoff: HandoffIndicator = .unknown) {
            var settings = GatewayPair.anchor
            settings.handoff = .revoke
            alone = LoneAnchor(settings)
            alone.ask { if isPlain { $0.isPlain() } }
            alone.passes(.milliseconds(1))
            var update = HandmadeUpdate()
            if isPlain { update.isPlain() }
            update.isSecondGateways()
            (update.handoff, update.greKey) = (handoff, nil)
            asked = alone.tell(.received(update.datagram(at: alone.now.timestamp)))
            indications = asked.compactMap(\.revocationIndication)
        }

        /// The old gateway's acknowledgement; what the anchor sends then.
        mutating func answer(_ status: BindingRevocationStatus) -> [Datagram] {
            guard let indication = indications.first else { return [] }
            let reply = BindingRevocationAcknowledgement(
                status: status,
                sequence: indication.sequence,
                flags: indication.flags
            )
            return alone.tell(.received(HandmadeUpdate().seal(.bindingRevocationAcknowledgement(reply))))
        }
    }

    @Test(arguments: [true, false])
    func oldGatewayIsAskedAndLetsGo(_ isPlain: Bool) throws {
        var site = Site(isPlain: isPlain)
        let indication = try #require(site.indications.first)
        #expect(site.asked.map(\.destination) == [Domain.lte])
        #expect(indication.trigger == .interMAGHandoverUnknown && indication.flags == [.proxyBinding])
        #expect(indication.options.all(HomeNetworkPrefix.self) == [Self.home])
        site.alone.passes(.milliseconds(500))
        let answers = site.answer(.success)
        let reply = site.alone.acknowledgement(in: answers)
        #expect(answers.map(\.destination) == [GatewayPair.secondAddress])
        #expect(reply?.status == .accepted && reply?.options.all(HomeNetworkPrefix.self) == [Self.home])
        #expect(site.alone.session?.gateway == GatewayPair.secondName)
        #expect(site.alone.anchor.snapshot.sessions.count == 1 && site.alone.ledger.faults.isEmpty)
        site.alone.passes(.seconds(20))
        #expect(site.alone.ledger.paths.values.map(\.remoteAddress) == [GatewayPair.secondAddress])
    }

    @Test(arguments: [true, false])
    func attachedNodeHasASecondSession(_ isPlain: Bool) {
        var site = Site(isPlain: isPlain)
        let reply = site.alone.acknowledgement(in: site.answer(.mobileNodeIsAttached))
        #expect(reply?.status == .accepted && reply?.options.all(HomeNetworkPrefix.self) != [Self.home])
        let sessions = site.alone.anchor.snapshot.sessions
        #expect(sessions.map(\.gateway) == [Domain.gatewayName, GatewayPair.secondName])
        #expect(sessions.first?.legs.map(\.state) == ["active"])
        #expect(site.alone.ledger.paths.count == 2 && site.alone.ledger.faults.isEmpty)
    }

    /// Both times: one second, then two.
    @Test func silentGatewayKeepsItsSession() {
        var site = Site(isPlain: true)
        site.alone.passes(.milliseconds(2900))
        #expect(site.alone.anchor.snapshot.sessions.count == 1)
        site.alone.passes(.milliseconds(200))
        #expect(site.alone.anchor.snapshot.sessions.map(\.gateway) == [Domain.gatewayName, GatewayPair.secondName])
    }

    /// The de-registration crosses the indication: as good as an answer.
    @Test func leaveIsAsGoodAsAnAnswer() {
        var site = Site(isPlain: true)
        site.alone.passes(.milliseconds(10))
        var leave = HandmadeUpdate()
        leave.isPlain()
        (leave.lifetime, leave.handoff, leave.prefixes) = (.zero, .unknown, [Self.home])
        let answers = site.alone.tell(.received(leave.datagram(at: site.alone.now.timestamp)))
        #expect(answers.map(\.destination) == [Domain.lte, GatewayPair.secondAddress])
        #expect(site.alone.session?.gateway == GatewayPair.secondName)
        #expect(site.alone.anchor.snapshot.sessions.count == 1)
    }

    /// Told by who knows, it is done at once; the old gateway hears of it, and whatever it says changes nothing.
    @Test(
        arguments: [
            (HandoffIndicator.handoffBetweenGateways, BindingRevocationTrigger.interMAGHandoverSameAccessType),
            (.handoffBetweenInterfaces, .interMAGHandoverDifferentAccessType),
            (.attachmentOverNewInterface, .interMAGHandoverUnknown),
        ]
    )
    func newestWinsAndTheOldGatewayIsTold(_ handoff: HandoffIndicator, _ trigger: BindingRevocationTrigger) throws {
        for status in [BindingRevocationStatus.success, .mobileNodeIsAttached, nil] {
            var site = Site(isPlain: false, handoff: handoff)
            #expect(site.alone.acknowledgement(in: site.asked)?.status == .accepted)
            #expect(site.indications.map(\.trigger) == [trigger])
            let told = try #require(site.asked.first { $0.revocationIndication != nil })
            #expect(told.destination == Domain.lte)
            if let status { #expect(site.answer(status).isEmpty) }
            site.alone.passes(.seconds(5))
            #expect(site.alone.session?.gateway == GatewayPair.secondName)
            #expect(site.alone.ledger.paths.values.map(\.remoteAddress) == [GatewayPair.secondAddress])
            #expect(site.alone.anchor.snapshot.sessions.count == 1 && site.alone.ledger.faults.isEmpty)
        }
    }
}
