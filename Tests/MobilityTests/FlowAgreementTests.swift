// SPDX-License-Identifier: Apache-2.0
import Mobility
import Testbed
import Testing
import Wire

/// Whatever changes, gets lost, comes late or starts anew: in the end both ends go by the same rules.
@Suite struct FlowAgreementTests {
    typealias Domain = ExampleDomain

    private static func rules(_ random: inout SeededGenerator, from first: UInt16) -> [FlowRule] {
        let treatments: [FlowTreatment] = [.pin, .bond, .overflow, .duplicate, .drop]
        return (UInt16(1)...40).compactMap { number -> FlowRule? in
            guard Int.random(in: 0...2, using: &random) == 0 else { return nil }
            return FlowScene.rule(
                first + number,
                port: UInt16.random(in: 1...3, using: &random),
                treatments[Int.random(in: 0..<5, using: &random)],
                Bool.random(using: &random) ? .any : .labels([9, 11])
            )
        }
    }

    private static func fate(of talk: inout Conversation, _ random: inout SeededGenerator) {
        let direction: VirtualNetwork.Direction = Bool.random(using: &random) ? .toAnchor : .toGateway
        let count = Int.random(in: 1...3, using: &random)
        switch Int.random(in: 0...3, using: &random) {
        case 0: talk.network.loses(next: count, direction)
        case 1: talk.network.duplicates(next: count, direction)
        case 2:
            let delay = Duration.milliseconds(Int.random(in: 20...250, using: &random))
            talk.network.holdsBack(next: count, direction, by: delay)
        default: break
        }
    }

    private static func happening(
        in talk: inout Conversation,
        _ random: inout SeededGenerator,
        _ site: inout [FlowRule],
        _ own: inout [NodeFlowRule]
    ) {
        switch Int.random(in: 0...9, using: &random) {
        case 0...3:
            site = rules(&random, from: 0)
            talk.tell(.policyChanged(site))
        case 4...5:
            own = rules(&random, from: 0x8000).map { NodeFlowRule(rule: $0) }
            talk.tellAnchor(.policyChanged(own))
        case 6: talk.down("wan2")
        case 7: talk.up("wan2", Domain.dsl)
        case 8:
            talk.anchorComesBack(Domain.anchor)
            talk.tellAnchor(.policyChanged(own))
        default:
            talk.gatewayComesBack(Domain.gateway)
            talk.tell(.policyChanged(site))
            talk.gatewayStarts()
            talk.up("wan1", Domain.lte)
        }
    }

    @Test(arguments: Lives.portions) func bothEndsHoldTheSameRules(_ portion: UInt64) {
        for seed in Lives.seeds(ofPortion: portion, share: 4) {
            var random = SeededGenerator(seed: seed)
            var talk = Domain.registered()
            var site: [FlowRule] = []
            var own: [NodeFlowRule] = []
            for _ in 0..<Int.random(in: 2...8, using: &random) {
                Self.fate(of: &talk, &random)
                Self.happening(in: &talk, &random, &site, &own)
                talk.passes(.milliseconds(Int.random(in: 0...400, using: &random)))
            }
            talk.network.quietens()
            // An hour's refresh is the last resort.
            talk.passes(.seconds(3700))
            let expected = site + own.map(\.rule)
            #expect(talk.rulesAtGateway == expected, "seed \(seed), gateway")
            #expect(talk.rulesAtAnchor == expected, "seed \(seed), anchor")
            #expect(talk.atGateway.faults.isEmpty && talk.atAnchor.faults.isEmpty, "seed \(seed)")
        }
    }
}
