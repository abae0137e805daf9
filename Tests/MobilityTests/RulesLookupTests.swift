// SPDX-License-Identifier: Apache-2.0
import Mobility
import Testbed
import Testing
import Wire

/// RFC 5213 §5.4.1 as a table: which updates of another gateway, or of the same one, are about the node's only session.
@Suite struct RulesLookupTests {
    typealias Domain = ExampleDomain

    struct Case: Sendable, CustomTestStringConvertible {
        var isPrefixNamed: Bool
        /// Of the session there is, and of the update.
        var identifiers: (old: UInt8?, new: UInt8?)
        var hasSameTechnology: Bool
        var handoff: HandoffIndicator
        var isSameEnd: Bool

        var testDescription: String {
            "\(isPrefixNamed ? "prefix" : "zeros"), \(identifiers), \(hasSameTechnology ? "same" : "other") technology, "
                + "handoff \(handoff.value), from \(isSameEnd ? "the same" : "another") gateway"
        }

        /// In the RFC's words; nil where it leaves more than one answer.
        var isUpdate: Bool? {
            let isSameLink = identifiers.new != nil && identifiers.new == identifiers.old && hasSameTechnology
            if isPrefixNamed {
                // §5.4.1.1 (5)
                return isSameLink || handoff == .handoffBetweenInterfaces || isSameEnd && hasSameTechnology
                    || identifiers == (nil, nil) && hasSameTechnology && handoff == .handoffBetweenGateways
            }
            // Where the gateway is the same one, its own update may also be a repetition.
            guard !isSameEnd else { return nil }
            // §5.4.1.2
            if identifiers.new != nil { return isSameLink || handoff == .handoffBetweenInterfaces }
            // §5.4.1.3
            return handoff == .handoffBetweenInterfaces || handoff == .handoffBetweenGateways
        }

        static var all: [Case] {
            var cases: [Case] = []
            for isPrefixNamed in [true, false] {
                for identifiers in [(nil, nil), (nil, 1), (1, nil), (1, 1), (1, 2)] as [(UInt8?, UInt8?)] {
                    for hasSameTechnology in [true, false] {
                        for handoff in (1...4).map({ HandoffIndicator($0) }) {
                            for isSameEnd in [true, false] {
                                cases.append(
                                    Case(
                                        isPrefixNamed: isPrefixNamed,
                                        identifiers: identifiers,
                                        hasSameTechnology: hasSameTechnology,
                                        handoff: handoff,
                                        isSameEnd: isSameEnd
                                    )
                                )
                            }
                        }
                    }
                }
            }
            return cases
        }
    }

    private static let second = SecurityAssociation(spi: 400, key: [4], algorithm: .hmacSHA256_128)

    private static var anchor: AnchorSettings {
        var settings = Domain.anchor
        settings.gateways.append(
            GatewayPeer(
                identifier: NodeIdentifier(nai: "mag2@example.net"),
                mobileNodes: [Domain.mobileNode],
                authentication: .sharedKey(second)
            )
        )
        return settings
    }

    private static func plain(_ update: inout HandmadeUpdate, _ identifier: UInt8?) {
        (update.multipath, update.gateway) = (nil, nil)
        if let identifier { update.further = [MobileNodeLinkLayerIdentifier([identifier])] }
    }

    @Test(arguments: Case.all) func updateIsAboutTheSessionThatItsRFCSays(_ one: Case) throws {
        guard let isUpdate = one.isUpdate else { return }
        var alone = LoneAnchor(Self.anchor)
        let first = try #require(alone.ask { Self.plain(&$0, one.identifiers.old) })
        let prefix = try #require(first.options.first(HomeNetworkPrefix.self))
        alone.ask { update in
            Self.plain(&update, one.identifiers.new)
            if one.isPrefixNamed { update.prefixes = [prefix] }
            update.handoff = one.handoff
            update.technology = AccessTechnologyType(one.hasSameTechnology ? .virtual : .wlan)
            if !one.isSameEnd {
                (update.source, update.authentication) = (Domain.wlan, .sharedKey(Self.second))
            }
            // Another lifetime tells which session it was about.
            update.lifetime = BindingLifetime(.seconds(1200))
        }
        // An unknown handoff is waited for.
        alone.passes(.seconds(8))
        let old = try #require(alone.anchor.snapshot.sessions.first { $0.homeNetworkPrefixes == [prefix.prefix] })
        #expect((old.legs.first?.lifetime == BindingLifetime(.seconds(1200))) == isUpdate)
        #expect(alone.ledger.faults.isEmpty)
    }
}
