// SPDX-License-Identifier: Apache-2.0

/// What may happen in a virtual domain. Gateways, nodes and WANs go by their numbers, from zero on.
package enum DomainEvent: Hashable, Sendable {
    /// The gateway begins to register, or goes on after a stop.
    case start(gateway: Int)
    /// De-registers and gives its session up.
    case stop(gateway: Int)
    /// Dies without a word and comes back at once with nothing but its links, for this node.
    case restart(gateway: Int, node: Int)
    /// The link has the address of this number.
    case linkUp(gateway: Int, wan: Int, address: Int)
    case linkDown(gateway: Int, wan: Int)
    /// The WAN's address translator, if there is one, forgets all ports, and has another address if it says so.
    case rebind(gateway: Int, wan: Int, isMoving: Bool)
    /// The access network loses everything, or no longer.
    case silence(gateway: Int, wan: Int, isDead: Bool)
    /// The gateway's data plane hears nothing on the path, or again something.
    case condition(gateway: Int, wan: Int, isAlive: Bool)
    /// Of the gateway's clock.
    case skew(gateway: Int, milliseconds: Int)
    /// Dies, if it is not dead, and comes back with nothing.
    case anchorRestart(Int)
    /// Likewise, with what it stored.
    case anchorCrash(Int)
    /// Stays dead until one of the two.
    case anchorDeath(Int)
    /// No network leads to the anchor, or one does again.
    case isolation(anchor: Int, isAlone: Bool)
    case removeSession(anchor: Int, node: Int)
    /// RFC 5846: the anchor's operator wants it.
    case revoke(anchor: Int, Target)
    /// RFC 7077: all that the gateway has at the anchor is to be registered again.
    case notify(anchor: Int, gateway: Int, isAcknowledged: Bool)
    /// In per cent and milliseconds, everywhere.
    case weather(loss: Int, duplication: Int, jitter: Int)
    case pass(milliseconds: Int)
    /// So much time passes, and a gateway (nil: every anchor) does not notice.
    case sleep(gateway: Int?, milliseconds: Int)

    /// What is revoked.
    package enum Target: Hashable, Sendable {
        case node(Int)
        case binding(UInt8, node: Int)
        case homeAddress(node: Int)
        case gateway(Int)
        case realm
        case everything
    }
}

extension DomainEvent.Target: CustomStringConvertible {
    package var description: String {
        switch self {
        case .node(let node): ".node(\(node))"
        case .binding(let binding, let node): ".binding(\(binding), node: \(node))"
        case .homeAddress(let node): ".homeAddress(node: \(node))"
        case .gateway(let gateway): ".gateway(\(gateway))"
        case .realm: ".realm"
        case .everything: ".everything"
        }
    }
}

extension DomainEvent {
    /// A life of a domain: three gateways come up, and then anything.
    package static func random(seed: UInt64) -> [DomainEvent] {
        var dice = SeededGenerator(seed: seed)
        let anchorCount = DomainVariant.random(seed: seed).anchorCount
        var events: [DomainEvent] = []
        for gateway in 0..<VirtualDomain.gatewayCount {
            for wan in 0..<VirtualDomain.wanCount {
                events.append(.linkUp(gateway: gateway, wan: wan, address: 0))
            }
            events.append(.restart(gateway: gateway, node: gateway))
        }
        events.append(.pass(milliseconds: 500))
        for _ in 0..<Int.random(in: 10...60, using: &dice) {
            events.append(any(of: anchorCount, &dice))
            if Int.random(in: 0..<4, using: &dice) > 0 { events.append(.pass(milliseconds: pause(&dice))) }
        }
        return events
    }

    /// Often so short that messages are under way, sometimes so long that lifetimes end.
    private static func pause(_ dice: inout SeededGenerator) -> Int {
        switch Int.random(in: 0..<10, using: &dice) {
        case 0..<4: Int.random(in: 0...40, using: &dice)
        case 4..<8: Int.random(in: 0...3_000, using: &dice)
        case 8: Int.random(in: 0...70_000, using: &dice)
        default: Int.random(in: 0...400_000, using: &dice)
        }
    }

    private static func any(of anchorCount: Int, _ dice: inout SeededGenerator) -> DomainEvent {
        let gateway = Int.random(in: 0..<VirtualDomain.gatewayCount, using: &dice)
        let wan = Int.random(in: 0..<VirtualDomain.wanCount, using: &dice)
        let node = Int.random(in: 0..<VirtualDomain.nodeCount, using: &dice)
        let anchor = Int.random(in: 0..<anchorCount, using: &dice)
        let isSo = Bool.random(using: &dice)
        switch Int.random(in: 0..<100, using: &dice) {
        case 0..<5: return .start(gateway: gateway)
        case 5..<10: return .stop(gateway: gateway)
        case 10..<18: return .restart(gateway: gateway, node: node)
        case 18..<33:
            return .linkUp(gateway: gateway, wan: wan, address: Int.random(in: 0..<3, using: &dice))
        case 33..<44: return .linkDown(gateway: gateway, wan: wan)
        case 44..<50: return .rebind(gateway: gateway, wan: wan, isMoving: isSo)
        case 50..<58: return .silence(gateway: gateway, wan: wan, isDead: isSo)
        case 58..<66: return .condition(gateway: gateway, wan: wan, isAlive: isSo)
        case 66..<69: return .skew(gateway: gateway, milliseconds: Int.random(in: -120...120, using: &dice))
        case 69..<84: return anchors(anchor, gateway, node, isSo, &dice)
        case 84..<87: return .sleep(gateway: isSo ? gateway : nil, milliseconds: pause(&dice))
        default: return weather(&dice)
        }
    }

    /// What happens to an anchor, or what its operator does.
    private static func anchors(
        _ anchor: Int,
        _ gateway: Int,
        _ node: Int,
        _ isSo: Bool,
        _ dice: inout SeededGenerator
    ) -> DomainEvent {
        switch Int.random(in: 0..<15, using: &dice) {
        case 0..<2: .anchorRestart(anchor)
        case 2..<4: .anchorCrash(anchor)
        case 4: .anchorDeath(anchor)
        case 5..<7: .isolation(anchor: anchor, isAlone: isSo)
        case 7..<9: .removeSession(anchor: anchor, node: node)
        case 9..<11: .notify(anchor: anchor, gateway: gateway, isAcknowledged: isSo)
        default: .revoke(anchor: anchor, target(gateway, node, &dice))
        }
    }

    private static func target(_ gateway: Int, _ node: Int, _ dice: inout SeededGenerator) -> Target {
        switch Int.random(in: 0..<7, using: &dice) {
        case 0..<2: .node(node)
        case 2: .binding(UInt8.random(in: 1...UInt8(VirtualDomain.wanCount), using: &dice), node: node)
        case 3: .homeAddress(node: node)
        case 4: .gateway(gateway)
        case 5: .realm
        default: .everything
        }
    }

    private static func weather(_ dice: inout SeededGenerator) -> DomainEvent {
        let isFair = Int.random(in: 0..<3, using: &dice) == 0
        return .weather(
            loss: isFair ? 0 : Int.random(in: 0...50, using: &dice),
            duplication: isFair ? 0 : Int.random(in: 0...30, using: &dice),
            jitter: isFair ? 0 : Int.random(in: 0...1_500, using: &dice)
        )
    }

    /// As a test would write it.
    package var text: String { ".\(self)" }
}
