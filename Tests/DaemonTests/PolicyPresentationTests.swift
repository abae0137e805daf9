// SPDX-License-Identifier: Apache-2.0
import API
import Daemon
import Forwarding
import Mobility
import Testbed
import Testing
import Wire

/// The rules in force, as the management interface is told of them.
@Suite struct PolicyPresentationTests {
    private let talk = ExampleDomain.registered()

    private func rules(
        _ policy: CurrentPolicy,
        _ states: [FlowBindingSnapshot.State],
        peers: [FlowRule] = [],
        counted: [UInt16: RuleCounters] = [:]
    ) throws -> [API.PolicyRule] {
        var snapshot = talk.gateway.snapshot
        let own = zip(policy.bindings, states).map { FlowBindingSnapshot(rule: $0.rule, state: $1) }
        snapshot.sessions[0].flowBindings = own + peers.map { FlowBindingSnapshot(rule: $0, state: .ofPeer) }
        var traffic = TrafficView()
        traffic.rules[snapshot.sessions[0].identifier] = counted
        return Presentation(
            gateway: snapshot,
            named: "mag1@example.net",
            policy: policy,
            traffic: traffic,
            unsendable: 0,
            startedAt: talk.now,
            now: talk.now
        ).status.policy
    }

    @Test func ownRulesAreShownAsTheyWereWritten() throws {
        var policy = CurrentPolicy(
            try PolicyTexts.gatewayPolicy(
                "{ name: web, match: { remote-port: [80, 443], protocol: tcp }, pin: [9, 11], maximum-rate: 5mbit }",
                "{ name: tv, match: { terminal: tv }, bond: any, strict: true }"
            ),
            of: .gateway(labels: [9, 11])
        )
        var counters = RuleCounters(rule: 1)
        (counters.sent.packets, counters.sent.octets, counters.received.drops) = (3, 300, 2)
        let shown = try rules(policy, [.agreed, .agreed, .agreed, .agreed], counted: [1: counters])
        #expect(shown.map(\.rule) == ["web", "tv"] && shown.allSatisfy { $0.owner == .site })
        #expect(shown[0].matches == ["remote-port 80 443, protocol tcp"] && shown[0].flowIdentifiers == [1, 2, 3, 4])
        #expect(
            shown[0].labels == [9, 11] && shown[0].treatment == "pin" && shown[0].maximumBitsPerSecond == 5_000_000
        )
        #expect(shown[0].state == "agreed" && shown[0].source == "configuration")
        #expect(shown[0].sent == API.Traffic(packets: 3, octets: 300) && shown[0].droppedPackets == 2)
        #expect(shown[1].flowIdentifiers.isEmpty && shown[1].state == "matches nothing yet" && shown[1].strict)
        _ = policy.replace(by: policy.rules, from: "new.yaml")
        #expect(try rules(policy, []).first?.source == "new.yaml")
    }

    @Test func whatThePeerMakesOfThemIsCounted() throws {
        let policy = CurrentPolicy(try PolicyTexts.gatewayPolicy("{ name: all, bond: any }"), of: .gateway(labels: [9]))
        let refused = FlowBindingSnapshot.State.refused(.administrativelyProhibited)
        #expect(try rules(policy, [.agreed, refused])[0].state == "1 agreed, 1 refused: administratively prohibited")
        #expect(
            try rules(policy, [.local(.notSupported), .local(.notSupported)])[0].state
                == "here only: the peer knows no flow bindings"
        )
        #expect(try rules(policy, [.pending, .pending])[0].state == "not answered yet")
        #expect(try rules(policy, [])[0].state == "told to nobody")
    }

    @Test func rulesOfThePeerFollowTheSites() throws {
        var selector = IPv4TrafficSelector()
        selector.sourcePorts = SelectorRange(25)
        func rule(_ identifier: UInt16, _ selector: TrafficSelector, _ name: String) -> FlowRule {
            FlowRule(
                identifier: identifier,
                priority: identifier,
                selector: selector,
                treatment: .drop,
                paths: .bindings([1, 2]),
                name: name
            )
        }
        let policy = CurrentPolicy(try PolicyTexts.gatewayPolicy("{ name: all, bond: any }"), of: .gateway(labels: [9]))
        let shown = try rules(
            policy,
            [.agreed, .agreed],
            peers: [
                rule(0x8000, .ipv4(selector), "mail"), rule(0x8001, .ipv6(IPv6TrafficSelector()), "mail"),
                rule(0x8002, .ipv4(selector), ""),
            ]
        )
        #expect(shown.map(\.rule) == ["all", "mail", "FID 32770"])
        #expect(shown[1].owner == .anchor && shown[1].source == "peer" && shown[1].bindingIdentifiers == [1, 2])
        #expect(shown[1].matches == ["family ipv4, source-port 25", "family ipv6"])
        #expect(shown[1].flowIdentifiers == [0x8000, 0x8001] && shown[1].mobileNode == "cpe1@example.net")
    }
}
