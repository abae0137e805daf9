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
    /// Dies and comes back with nothing.
    case anchorRestart
    case removeSession(node: Int)
    /// In per cent and milliseconds, everywhere.
    case weather(loss: Int, duplication: Int, jitter: Int)
    case pass(milliseconds: Int)
    /// So much time passes, and a gateway (nil: the anchor) does not notice.
    case sleep(gateway: Int?, milliseconds: Int)
}

extension DomainEvent {
    /// A life of a domain: three gateways come up, and then anything.
    package static func random(seed: UInt64) -> [DomainEvent] {
        var dice = SeededGenerator(seed: seed)
        var events: [DomainEvent] = []
        for gateway in 0..<VirtualDomain.gatewayCount {
            for wan in 0..<VirtualDomain.wanCount {
                events.append(.linkUp(gateway: gateway, wan: wan, address: 0))
            }
            events.append(.restart(gateway: gateway, node: gateway))
        }
        events.append(.pass(milliseconds: 500))
        for _ in 0..<Int.random(in: 10...60, using: &dice) {
            events.append(any(&dice))
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

    private static func any(_ dice: inout SeededGenerator) -> DomainEvent {
        let gateway = Int.random(in: 0..<VirtualDomain.gatewayCount, using: &dice)
        let wan = Int.random(in: 0..<VirtualDomain.wanCount, using: &dice)
        let node = Int.random(in: 0..<VirtualDomain.nodeCount, using: &dice)
        let isSo = Bool.random(using: &dice)
        switch Int.random(in: 0..<100, using: &dice) {
        case 0..<6: return .start(gateway: gateway)
        case 6..<12: return .stop(gateway: gateway)
        case 12..<20: return .restart(gateway: gateway, node: node)
        case 20..<38:
            return .linkUp(gateway: gateway, wan: wan, address: Int.random(in: 0..<3, using: &dice))
        case 38..<52: return .linkDown(gateway: gateway, wan: wan)
        case 52..<60: return .rebind(gateway: gateway, wan: wan, isMoving: isSo)
        case 60..<68: return .silence(gateway: gateway, wan: wan, isDead: isSo)
        case 68..<78: return .condition(gateway: gateway, wan: wan, isAlive: isSo)
        case 78..<82: return .skew(gateway: gateway, milliseconds: Int.random(in: -120...120, using: &dice))
        case 82..<86: return .anchorRestart
        case 86..<89: return .removeSession(node: node)
        case 89..<92: return .sleep(gateway: isSo ? gateway : nil, milliseconds: pause(&dice))
        default: return weather(&dice)
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
