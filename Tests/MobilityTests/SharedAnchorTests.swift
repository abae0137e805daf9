// SPDX-License-Identifier: Apache-2.0
import Mobility
import Testbed
import Testing
import Wire

/// What is between gateway and anchor, however many nodes there are: heartbeats, restarts, fail-over, revocations and
/// notifications.
@Suite struct SharedAnchorTests {
    typealias Domain = RoamingDomain

    private static let nodes = (1...4).map { NodeIdentifier(nai: "node\($0)@example.net") }

    private func serving(_ count: Int) -> Domain {
        var domain = Domain()
        for (number, node) in Self.nodes.prefix(count).enumerated() {
            domain.attach(node, to: 0, interface: UInt8(number + 1))
        }
        domain.passes(.seconds(1))
        return domain
    }

    private func served(_ domain: Domain) -> [NodeIdentifier] {
        Self.nodes.filter { domain.service(at: 0, $0) != nil && domain.paths(of: $0) == [0: [1, 2]] }
    }

    /// RFC 5847 §3
    @Test func heartbeatsDoNotGrowWithTheNodes() {
        let counts = [1, 4].map { count in
            var domain = serving(count)
            domain.forgetMessages()
            domain.passes(.seconds(600))
            #expect(served(domain).count == count)
            return domain.sent.filter { if case .heartbeat = $0.message { true } else { false } }.count
        }
        #expect(counts[0] == counts[1] && counts[0] >= 40)
    }

    /// They go on when the node goes by whose binding they went.
    @Test func heartbeatsOutliveANode() {
        var domain = serving(2)
        domain.detach(Self.nodes[0], from: 0)
        domain.passes(.seconds(10))
        domain.forgetMessages()
        domain.passes(.seconds(120))
        let requests = domain.sent.filter {
            if case .heartbeat(let heartbeat) = $0.message { $0.gateway == 0 && !heartbeat.isResponse } else { false }
        }
        #expect(requests.count == 4)
        domain.detach(Self.nodes[1], from: 0)
        domain.passes(.seconds(2))
        #expect(domain.gateways[0].engine.nextDeadline == nil)
    }

    @Test func restartedAnchorIsNoticedByAll() {
        var domain = serving(3)
        let services = Self.nodes.map { domain.service(at: 0, $0) }
        var settings = RoamingDomain.anchor
        settings.restartCounter += 1
        domain.anchorRestarts(settings)
        domain.passes(.seconds(70))
        #expect(served(domain) == Array(Self.nodes.prefix(3)))
        // By name, so that nobody takes another's.
        #expect(
            Self.nodes.map { domain.service(at: 0, $0)?.homeNetworkPrefixes }
                == services.map { $0?.homeNetworkPrefixes }
        )
        #expect(
            domain.gateways[0].ledger.notices.filter { if case .peerRestarted = $0 { true } else { false } }.count == 1
        )
        #expect(domain.faults.isEmpty)
    }

    private static var gatewayOfTwo: GatewaySettings {
        var settings = ExampleDomain.gatewayOfTwo
        settings.mobileNode = nil
        return settings
    }

    private static func attachment(_ number: Int) -> MobileNodeAttachment {
        MobileNodeAttachment(
            identifier: nodes[number],
            linkLayerAddress: nil,
            handoff: .attachmentOverNewInterface,
            wantsIPv4: false
        )
    }

    /// One node's trouble is not the anchor's; but where nobody is answered, all go.
    @Test func allGoToTheNextAnchorTogether() {
        var lone = LoneGateway(Self.gatewayOfTwo)
        for number in 0..<2 { lone.tell(.mobileNodeAttached(Self.attachment(number))) }
        lone.passes(.seconds(8))
        #expect(lone.gateway.snapshot.anchor == "lma2")
        let others = Set(lone.sent.filter { $0.destination == ExampleDomain.otherAnchorIPv6 }.map(\.octets))
        #expect(others.count >= 2)
        #expect(lone.ledger.notices.filter { $0 == .anchorChanged(to: "lma2") }.count == 1)
    }

    @Test func nodeThatIsAnsweredKeepsTheAnchor() {
        var lone = LoneGateway(Self.gatewayOfTwo)
        lone.tell(.mobileNodeAttached(Self.attachment(0)))
        lone.answer()
        let path = PathIdentifier(
            session: SessionIdentifier(mobileNode: Self.nodes[0]),
            binding: ExampleDomain.binding(1)
        )
        lone.tell(.pathCondition(path, .alive))
        // The anchor never says a word about this one.
        lone.tell(.mobileNodeAttached(Self.attachment(1)))
        lone.passes(.seconds(300))
        #expect(lone.gateway.snapshot.anchor != "lma2")
        #expect(lone.ledger.services[Self.nodes[0]] != nil && lone.ledger.services[Self.nodes[1]] == nil)
    }

    @Test func nodesRevocationIsItsOwn() {
        var domain = serving(3)
        domain.tellAnchor(.request(.revoke(.mobileNode(Self.nodes[1]))))
        domain.passes(.milliseconds(100))
        #expect(served(domain) == [Self.nodes[0], Self.nodes[2]])
        // It is forgotten, and comes back only when somebody sees it.
        domain.passes(.seconds(300))
        #expect(domain.gateways[0].engine.snapshot.sessions.count == 2 && domain.faults.isEmpty)
        domain.attach(Self.nodes[1], to: 0, interface: 2)
        domain.passes(.seconds(1))
        #expect(served(domain).count == 3)
    }

    /// RFC 5846 §9.1, G
    @Test(arguments: [RevocationTarget.everything, .gateway(ExampleDomain.gatewayName), .realm("example.net")])
    func globalRevocationTakesAll(_ target: RevocationTarget) {
        var domain = serving(3)
        domain.tellAnchor(.request(.revoke(target)))
        domain.passes(.milliseconds(100))
        #expect(domain.gateways[0].ledger.isEmpty && domain.gateways[0].engine.snapshot.sessions.isEmpty)
        #expect(domain.indications.count == 1 && domain.atAnchor.isEmpty && domain.faults.isEmpty)
    }

    /// RFC 7077 §5: all sessions.
    @Test func groupNotificationIsForAll() {
        var domain = serving(3)
        domain.forgetMessages()
        let target = NotificationTarget.gateway(ExampleDomain.gatewayName)
        domain.tellAnchor(.request(.notify(target, .forceReregistration, isAcknowledgementRequested: true)))
        domain.passes(.seconds(1))
        let named = Set(domain.updates(of: 0).compactMap { $0.options.first(MobileNodeIdentifier.self)?.identifier })
        #expect(named == Set(Self.nodes.prefix(3)) && served(domain).count == 3)
        domain.forgetMessages()
        let one = NotificationTarget.mobileNode(Self.nodes[2])
        domain.tellAnchor(.request(.notify(one, .forceReregistration, isAcknowledgementRequested: true)))
        domain.passes(.seconds(1))
        #expect(domain.updates(of: 0).count == 2 && domain.updates(of: 0, Self.nodes[2]).count == 2)
    }

    /// RFC 5844 §4.1.3: there is one heartbeat for all, and what it shows is all nodes'.
    @Test func movedTranslatorIsFollowedForAll() {
        let outer = [ExampleDomain.address("203.0.113.7"), ExampleDomain.address("203.0.113.9")]
        var domain = Domain(anchor: { $0.heartbeatInterval = .seconds(3600) }, isStarted: false)
        domain.gateways[0].network.translators["wan2"] = AddressTranslator(outerAddress: outer[0])
        domain.starts(0)
        for number in 0..<3 { domain.attach(Self.nodes[number], to: 0, interface: UInt8(number + 1)) }
        domain.passes(.seconds(1))
        func ends() -> [IPAddress] {
            domain.atAnchor.paths.filter { $0.key.binding == ExampleDomain.binding(2) }.map(\.value.remoteAddress)
        }
        #expect(ends() == [outer[0], outer[0], outer[0]])
        domain.gateways[0].network.translators["wan2"]?.rebinds(to: outer[1])
        domain.passes(.seconds(61))
        #expect(ends() == [outer[1], outer[1], outer[1]] && domain.faults.isEmpty)
    }

    /// Another address of a WAN is another for every node.
    @Test func lostAccessNetworkIsLostForAll() {
        var domain = serving(2)
        domain.tell(0, .wanChanged("wan1", .down))
        domain.passes(.seconds(1))
        for node in Self.nodes.prefix(2) { #expect(domain.paths(of: node) == [0: [2]]) }
        domain.tell(0, .wanChanged("wan1", .up(careOfAddress: ExampleDomain.lte)))
        domain.passes(.seconds(1))
        #expect(served(domain).count == 2 && domain.faults.isEmpty)
        // Whoever comes now knows of it as well.
        domain.attach(Self.nodes[2], to: 0, interface: 3)
        domain.passes(.seconds(1))
        #expect(served(domain).count == 3)
    }
}
