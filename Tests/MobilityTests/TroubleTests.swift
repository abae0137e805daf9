// SPDX-License-Identifier: Apache-2.0
import Mobility
import Testbed
import Testing
import Wire

/// Everything at once: links flap and change addresses, paths fall silent, messages fare badly, ends restart. When peace
/// returns, both ends are of one mind; when the site is stopped, nothing is left.
@Suite struct TroubleTests {
    typealias Domain = ExampleDomain

    private struct Site {
        var talk: Conversation
        var dice: SeededGenerator
        var anchor = Domain.anchor
        var gateway = Domain.gateway
        /// By interface; the last digit changes.
        var addresses: [String: IPAddress] = [:]

        init(seed: UInt64, isMultipath: Bool) {
            dice = SeededGenerator(seed: seed)
            anchor.isMultipathEnabled = isMultipath
            anchor.maximumLifetime = .seconds(300)
            if let third = Domain.wan("wan3", 3, label: 7, .wlan, .ipv6) { gateway.wans.append(third) }
            talk = Conversation(anchor: anchor, gateway: gateway, seed: seed)
            talk.gatewayStarts()
        }

        mutating func address(of interface: String) -> IPAddress {
            let digit = Int.random(in: 2...4, using: &dice)
            switch interface {
            case "wan1": return Domain.address("2001:db8:a::\(digit)")
            case "wan2": return Domain.address("192.0.2.\(digit)")
            default: return Domain.address("2001:db8:c::\(digit)")
            }
        }

        mutating func trouble() {
            let interface = ["wan1", "wan2", "wan3"].randomElement(using: &dice) ?? "wan1"
            let direction: VirtualNetwork.Direction = Bool.random(using: &dice) ? .toAnchor : .toGateway
            switch Int.random(in: 0..<14, using: &dice) {
            case 0...3: talk.up(interface, address(of: interface))
            case 4: talk.down(interface)
            case 5: talk.network.loses(next: Int.random(in: 1...4, using: &dice), direction)
            case 6: talk.network.duplicates(next: 2, direction)
            case 7:
                talk.network.holdsBack(
                    next: 1,
                    direction,
                    by: .milliseconds(Int64.random(in: 0...2500, using: &dice))
                )
            case 8: talk.network.dead = [address(of: interface)]
            case 9: talk.network.dead = []
            case 10, 11:
                let paths = talk.atGateway.paths.keys.sorted { "\($0)" < "\($1)" }
                if let path = paths.randomElement(using: &dice) {
                    talk.tell(.pathCondition(path, Bool.random(using: &dice) ? .silent : .alive))
                }
            case 12:
                anchor.restartCounter += 1
                if Int.random(in: 0..<4, using: &dice) == 0 {
                    talk.anchorRestarts(anchor, seed: UInt64(anchor.restartCounter))
                }
            default:
                guard Int.random(in: 0..<4, using: &dice) == 0 else { return }
                gateway.restartCounter += 1
                talk.gatewayRestarts(gateway, seed: 1000 + UInt64(gateway.restartCounter))
                talk.gatewayStarts()
            }
        }

        mutating func peace() {
            talk.network.dead = []
            talk.network.quietens()
            for interface in ["wan1", "wan2", "wan3"] { talk.up(interface, address(of: interface)) }
            for path in talk.atGateway.paths.keys { talk.tell(.pathCondition(path, .alive)) }
        }
    }

    /// Without multipath a gateway that has started anew has another session at the anchor (RFC 5213 §5.4.1.3); the old
    /// one ends by its lifetime.
    private static func unnumbered(_ ledger: Ledger) -> [SessionDescription] {
        ledger.sessions.values.map { session in
            var session = session
            session.identifier.number = 0
            return session
        }
    }

    @Test(arguments: 0..<150 as Range<UInt64>)
    func endsAgreeOnceThereIsPeace(_ seed: UInt64) {
        let isMultipath = seed % 4 != 0
        var site = Site(seed: seed, isMultipath: isMultipath)
        for _ in 0..<40 {
            site.trouble()
            site.talk.passes(.milliseconds(Int64.random(in: 0...8000, using: &site.dice)))
        }
        site.peace()
        // Longer than a lifetime: what one side forgot, the other's refresh or expiry puts right.
        site.talk.passes(.seconds(400))
        let talk = site.talk
        #expect(talk.atGateway.faults.isEmpty && talk.atAnchor.faults.isEmpty, "seed \(seed)")
        #expect(talk.atGateway.paths.count == (isMultipath ? 3 : 1), "seed \(seed)")
        #expect(Self.unnumbered(talk.atGateway) == Self.unnumbered(talk.atAnchor), "seed \(seed)")
        #expect(talk.atGateway.prefixes == talk.atAnchor.prefixes, "seed \(seed)")
        let atAnchor = Dictionary(talk.atAnchor.paths.map { ($0.key.binding, $0.value) }) { first, _ in first }
        for (path, description) in talk.atGateway.paths {
            #expect(atAnchor[path.binding]?.remoteAddress == description.localAddress, "seed \(seed)")
            #expect(atAnchor[path.binding]?.encapsulation == description.encapsulation, "seed \(seed)")
        }
        site.talk.gatewayStops()
        site.talk.passes(.seconds(20))
        #expect(site.talk.atGateway.isEmpty && site.talk.atAnchor.isEmpty, "seed \(seed)")
        #expect(site.talk.atGateway.faults.isEmpty && site.talk.atAnchor.faults.isEmpty, "seed \(seed)")
    }
}
