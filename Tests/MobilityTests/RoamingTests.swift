// SPDX-License-Identifier: Apache-2.0
import Mobility
import Testbed
import Testing
import Wire

/// Whatever nodes, gateways and networks do by turns: nothing is served or forwarded that does not exist, no message is
/// repeated without end, and once it is quiet everybody is where he came last, and has something that is his alone.
@Suite struct RoamingTests {
    @Test(arguments: Lives.portions)
    func nodesAreWhereTheyCameLast(_ portion: UInt64) {
        for seed in Lives.seeds(ofPortion: portion, share: 8) {
            let plan = RoamingPlan(seed: seed)
            let events = RoamingEvent.random(seed: seed, plan)
            guard !plan.faults(of: events).isEmpty else { continue }
            let needed = events.shrunk { !plan.faults(of: $0).isEmpty }
            let reasons = plan.faults(of: needed).joined(separator: "; ")
            let story = needed.map { "\($0)" }.joined(separator: ", ")
            Issue.record("seed \(seed): \(reasons)\nof \(plan) after [\(story)]")
            return
        }
    }
}

/// What happens before the quiet, each with what it takes until the next.
private enum RoamingEvent {
    case comes(Int, to: Int, HandoffIndicator)
    case leaves(Int, from: Int)
    case isAlone(Int, Bool)
    case loses(Int, VirtualNetwork.Direction)
    case doubles(Int, VirtualNetwork.Direction)
    case delays(Int, Duration)
    case accessNetworkGoes(Int, wan: Int, for: Duration)
    case revoked(Int)
    case gatewayRestarts(Int)
    case anchorRestarts
    case passes(Duration)

    static func random(seed: UInt64, _ plan: RoamingPlan) -> [RoamingEvent] {
        var generator = SeededGenerator(seed: seed)
        return (0..<60).flatMap { _ in
            random(&generator, plan) + [.passes(.milliseconds(Int64.random(in: 0...4000, using: &generator)))]
        }
    }

    private static func random(_ generator: inout SeededGenerator, _ plan: RoamingPlan) -> [RoamingEvent] {
        let gateway = Int.random(in: 0...1, using: &generator)
        let number = Int.random(in: 0..<RoamingPlan.nodes.count, using: &generator)
        let direction: VirtualNetwork.Direction = Bool.random(using: &generator) ? .toAnchor : .toGateway
        let wait = Duration.milliseconds(Int64.random(in: 0...3000, using: &generator))
        let wan = Int.random(in: 0...1, using: &generator)
        switch Int.random(in: 0...(plan.hasRestarts ? 13 : 11), using: &generator) {
        case 0...3: return [.comes(number, to: gateway, plan.handoffs.randomElement(using: &generator) ?? .unknown)]
        case 4: return [.leaves(number, from: gateway)]
        case 5: return [.isAlone(gateway, true)]
        case 6: return [.isAlone(gateway, false)]
        case 7: return [.loses(gateway, direction)]
        case 8: return [.doubles(gateway, direction)]
        case 9: return [.delays(gateway, wait)]
        case 10: return [.accessNetworkGoes(gateway, wan: wan, for: wait)]
        case 11: return [.revoked(number)]
        case 12: return [.gatewayRestarts(gateway)]
        default: return [.anchorRestarts]
        }
    }
}

/// A domain, and how a life in it ends.
private struct RoamingPlan: CustomStringConvertible {
    static let nodes = (1...4).map { NodeIdentifier(nai: "node\($0)@example.net") }

    let seed: UInt64
    /// RFC 5213 alone at the first gateway.
    var isPlain: Bool { seed % 5 == 0 }
    var hasRestarts: Bool { seed % 2 == 1 }
    private var handoff: HandoffPolicy { seed / 2 % 2 == 0 ? .revoke : .wait }
    private var announcesProbes: Bool { seed % 3 != 0 }

    init(seed: UInt64) { self.seed = seed }

    var description: String {
        "[\(handoff)\(isPlain ? ", plain" : "")\(announcesProbes ? "" : ", without probes")]"
    }

    /// To a gateway of one path a node that comes over another interface has another session (RFC 5213 §5.4.1.2).
    var handoffs: [HandoffIndicator] {
        [.handoffBetweenGateways, .unknown] + (isPlain ? [] : [.attachmentOverNewInterface])
    }

    /// What is wrong in the end.
    func faults(of events: [RoamingEvent]) -> [String] {
        var anchor = RoamingDomain.anchor
        anchor.handoff = handoff
        anchor.announcesProbes = announcesProbes
        var gateways = [0, 1].map { RoamingDomain.gateway($0) }
        gateways[0].isMultipathWanted = !isPlain
        let (first, all) = (anchor, gateways)
        var domain = RoamingDomain(anchor: { $0 = first }, gateways: { $1 = all[$0] })
        for event in events { happens(event, &domain, &anchor, &gateways) }
        for index in domain.gateways.indices {
            domain.isolate(index, false)
            domain.gateways[index].network.quietens()
        }
        // Of RFC 5213's further sessions nobody may hear any more.
        domain.passes(.seconds(isPlain ? 3700 : 120))
        let places = settle(&domain)
        domain.passes(.seconds(120))
        domain.forgetMessages()
        domain.passes(.seconds(60))
        return domain.faults + faults(domain, places)
    }

    private func happens(
        _ event: RoamingEvent,
        _ domain: inout RoamingDomain,
        _ anchor: inout AnchorSettings,
        _ gateways: inout [GatewaySettings]
    ) {
        switch event {
        case .comes(let number, let gateway, let handoff): attach(number, to: gateway, handoff, &domain)
        case .leaves(let number, let gateway): domain.detach(Self.nodes[number], from: gateway)
        case .isAlone(let gateway, let isAlone): domain.isolate(gateway, isAlone)
        case .loses(let gateway, let direction): domain.gateways[gateway].network.loses(next: 2, direction)
        case .doubles(let gateway, let direction): domain.gateways[gateway].network.duplicates(next: 2, direction)
        case .delays(let gateway, let delay):
            domain.gateways[gateway].network.holdsBack(next: 2, .toAnchor, by: delay)
        case .accessNetworkGoes(let gateway, let wan, let duration):
            domain.tell(gateway, .wanChanged("wan\(wan + 1)", .down))
            domain.passes(duration)
            let address = RoamingDomain.addresses[gateway][wan]
            domain.tell(gateway, .wanChanged("wan\(wan + 1)", .up(careOfAddress: address)))
        case .revoked(let number): domain.tellAnchor(.request(.revoke(.mobileNode(Self.nodes[number]))))
        case .gatewayRestarts(let gateway):
            gateways[gateway].restartCounter += 1
            domain.restarts(gateway, gateways[gateway], seed: seed ^ UInt64(gateways[gateway].restartCounter) << 8)
        case .anchorRestarts:
            anchor.restartCounter += 1
            domain.anchorRestarts(anchor)
        case .passes(let duration): domain.passes(duration)
        }
    }

    /// Of every other node nobody knows the interface.
    private func attach(
        _ number: Int,
        to gateway: Int,
        _ handoff: HandoffIndicator,
        _ domain: inout RoamingDomain
    ) {
        let interface = number.isMultiple(of: 2) ? UInt8(number + 1) : 0
        domain.attach(Self.nodes[number], to: gateway, handoff, interface: interface)
    }

    /// Everybody goes somewhere once more; where they went.
    private func settle(_ domain: inout RoamingDomain) -> [Int] {
        var generator = SeededGenerator(seed: ~seed)
        return Self.nodes.indices.map { number in
            let gateway = Int.random(in: 0...1, using: &generator)
            attach(number, to: gateway, handoffs.randomElement(using: &generator) ?? .unknown, &domain)
            domain.passes(.seconds(10))
            // Its link has noticed by now.
            domain.detach(Self.nodes[number], from: 1 - gateway)
            return gateway
        }
    }

    private func faults(_ domain: RoamingDomain, _ places: [Int]) -> [String] {
        var faults: [String] = []
        var prefixes: [IPPrefix] = []
        for (node, index) in zip(Self.nodes, places) {
            let paths = domain.paths(of: node)
            if paths != [index: isPlain && index == 0 ? [0] : [1, 2]] {
                faults.append("\(node) is at \(index), and its paths are \(paths)")
            }
            if domain.service(at: 1 - index, node) != nil { faults.append("\(node) is served at \(1 - index) as well") }
            let own = domain.service(at: index, node)?.homeNetworkPrefixes ?? []
            if own.isEmpty { faults.append("\(node) has no prefix at \(index)") }
            let held = domain.anchor.snapshot.sessions.filter { $0.identifier.mobileNode == node }
            if held.count != 1 { faults.append("\(node) has \(held.count) sessions") }
            prefixes += own
        }
        if Set(prefixes).count != prefixes.count { faults.append("two nodes have the same prefix") }
        // Heartbeats go on, at their pace.
        let updates = domain.updates(of: 0).count + domain.updates(of: 1).count
        if updates > 0 { faults.append("\(updates) updates in a minute of rest") }
        if !domain.indications.isEmpty { faults.append("\(domain.indications.count) indications in a minute of rest") }
        return faults
    }
}
