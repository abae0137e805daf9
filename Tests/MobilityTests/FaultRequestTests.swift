// SPDX-License-Identifier: Apache-2.0
import Mobility
import Testbed
import Testing
import Wire

/// Faults in what an anchor is asked: F6, F7, F13.
@Suite struct FaultRequestTests {
    typealias Domain = ExampleDomain

    private static let other = NodeIdentifier(nai: "cpe2@example.net")
    private static let otherKey = SecurityAssociation(spi: 300, key: [1, 2, 3], algorithm: .hmacSHA256_128)

    /// A second gateway with a node of its own.
    private static var settings: AnchorSettings {
        var settings = Domain.anchor
        settings.gateways.append(
            GatewayPeer(
                identifier: NodeIdentifier(nai: "mag2@example.net"),
                mobileNodes: [other],
                authentication: .sharedKey(otherKey)
            )
        )
        return settings
    }

    /// Every refusal has the request's MMB and no MAG Identifier (RFC 8278 §4.4), and leaves nothing behind.
    private func refusal(
        _ alone: inout LoneAnchor,
        _ change: (inout HandmadeUpdate) -> Void
    ) -> BindingStatus? {
        let before = alone.anchor.snapshot.sessions
        var asked: MAGMultipathBinding?
        let reply = alone.ask {
            change(&$0)
            asked = $0.multipath
        }
        #expect(reply?.options.first(MAGMultipathBinding.self) == asked)
        #expect(reply?.options.first(MAGIdentifier.self) == nil)
        #expect(alone.anchor.snapshot.sessions == before && alone.ledger.faults.isEmpty)
        return reply?.status
    }

    // MARK: F6: what a gateway may not

    @Test func f6GatewayActsForItsOwnNodesOnly() {
        var alone = LoneAnchor(Self.settings)
        #expect(alone.ask()?.status == .accepted)
        // Another gateway's node, whether it lives there or not; for which gateway it claims to speak changes nothing.
        #expect(refusal(&alone) { $0.mobileNode = Self.other } == .magNotAuthorizedForProxyRegistration)
        let asOther: (inout HandmadeUpdate) -> Void = {
            $0.authentication = .sharedKey(Self.otherKey)
            $0.gateway = NodeIdentifier(nai: "mag2@example.net")
            $0.source = Domain.wlan
        }
        #expect(refusal(&alone, asOther) == .magNotAuthorizedForProxyRegistration)
        let posing: (inout HandmadeUpdate) -> Void = {
            $0.authentication = .sharedKey(Self.otherKey)
            $0.source = Domain.wlan
        }
        #expect(refusal(&alone, posing) == .magNotAuthorizedForProxyRegistration)
        // Nor may it take a node of another's away.
        let leave: (inout HandmadeUpdate) -> Void = {
            asOther(&$0)
            $0.lifetime = .zero
        }
        #expect(refusal(&alone, leave) == .magNotAuthorizedForProxyRegistration)
        #expect(alone.session?.legs.map(\.state) == ["active"])
    }

    @Test func f6NodeThatNobodyKnowsIsRefused() {
        var alone = LoneAnchor(Self.settings)
        let nobody = NodeIdentifier(nai: "nobody@example.net")
        #expect(refusal(&alone) { $0.mobileNode = nobody } == .notLMAForThisMobileNode)
    }

    @Test func f6PrefixOfAnotherNodeIsRefused() throws {
        var alone = LoneAnchor(Self.settings)
        alone.ask()
        let prefix = try #require(alone.session?.homeNetworkPrefixes.first)
        let status = refusal(&alone) {
            $0.authentication = .sharedKey(Self.otherKey)
            $0.gateway = NodeIdentifier(nai: "mag2@example.net")
            $0.mobileNode = Self.other
            $0.source = Domain.wlan
            $0.prefixes = [prefix].compactMap(HomeNetworkPrefix.init)
        }
        #expect(status == .notAuthorizedForHomeNetworkPrefix)
    }

    @Test func f6MultipathThatIsNotAllowedIsRefused() {
        var settings = Self.settings
        settings.gateways[0].isMultipathAllowed = false
        var alone = LoneAnchor(settings)
        #expect(refusal(&alone) { _ in } == .cannotSupportMultipathBinding)
        #expect(alone.ask { $0.multipath = nil }?.status == .accepted)
    }

    // MARK: F7: options that contradict themselves

    @Test(arguments: [0, 255] as [UInt8]) func f7ReservedBindingIdentifierIsRefused(_ number: UInt8) {
        var alone = LoneAnchor()
        #expect(refusal(&alone) { $0.multipath?.bindingIdentifier = number } == .cannotSupportMultipathBinding)
    }

    @Test func f7BulkWithOverwriteIsRefused() {
        var alone = LoneAnchor()
        let status = refusal(&alone) {
            $0.multipath?.isBulkReregistration = true
            $0.multipath?.isOverwrite = true
        }
        #expect(status == .cannotSupportMultipathBinding)
    }

    @Test func f7MissingGatewayNameIsRefused() {
        var alone = LoneAnchor()
        #expect(refusal(&alone) { $0.gateway = nil } == .cannotSupportMultipathBinding)
    }

    /// RFC 8278 §4.1: O says nothing in a leave; it takes its own path away and no other.
    @Test func f7OverwriteInALeaveIsIgnored() {
        var alone = LoneAnchor()
        alone.ask()
        alone.ask {
            $0.source = Domain.wlan
            $0.multipath?.bindingIdentifier = 2
        }
        let reply = alone.ask {
            $0.lifetime = .zero
            $0.multipath?.isOverwrite = true
        }
        #expect(reply?.status == .accepted)
        #expect(alone.session?.legs.map(\.state) == ["delete-pending", "active"])
    }

    /// RFC 8278 §4.1 gives the label no meaning of its own: 0 is a label like any other.
    @Test func f7LabelZeroIsALabel() {
        var alone = LoneAnchor()
        #expect(alone.ask { $0.multipath?.interfaceLabel = 0 }?.status == .accepted)
        #expect(alone.session?.legs.map(\.interfaceLabel) == [0])
    }

    /// The first counts (RFC 6275 §6.2.1 leaves it to us); the second changes nothing.
    @Test func f7SecondOptionOfAKindIsNotLookedAt() {
        var alone = LoneAnchor()
        let second = MAGMultipathBinding(accessTechnology: .wlan, interfaceLabel: 9, bindingIdentifier: 2)
        let reply = alone.ask { $0.further = [second, MAGIdentifier(NodeIdentifier(nai: "mag9@example.net"))] }
        #expect(reply?.status == .accepted)
        #expect(reply?.options.all(MAGMultipathBinding.self).map(\.bindingIdentifier) == [1])
        #expect(alone.session?.legs.map(\.identifier.binding) == [Domain.binding(1)])
        #expect(alone.session?.legs.map(\.interfaceLabel) == [11])
    }

    // MARK: F13: nothing left to give

    @Test func f13EmptyPoolIsToldAndRecovers() {
        let nodes = (1...17).map { NodeIdentifier(nai: "cpe\($0)@example.net") }
        var settings = Domain.anchor
        settings.homeNetworkPrefixes = PrefixPool(range: Domain.prefix("2001:db8:1234::/60"), length: 64)
        settings.gateways[0].mobileNodes = nodes
        var alone = LoneAnchor(settings)
        func ask(_ number: Int, _ lifetime: BindingLifetime = BindingLifetime(.seconds(3600))) -> BindingStatus? {
            alone.ask {
                $0.mobileNode = nodes[number]
                $0.source = Domain.address("2001:db8:a::\(number + 1)")
                $0.lifetime = lifetime
            }?.status
        }
        for number in 0..<16 { #expect(ask(number) == .accepted) }
        let given = alone.anchor.snapshot.sessions.flatMap(\.homeNetworkPrefixes)
        #expect(given.count == 16 && Set(given).count == 16)
        #expect(ask(16) == .insufficientResources)
        let alarm = Notice.registrationRefused(nodes[16], by: Domain.anchorIPv6, .insufficientResources)
        #expect(alone.ledger.notices.contains(alarm) && alarm.level == .warning)
        // Who has a prefix keeps it meanwhile.
        #expect(ask(3) == .accepted)
        #expect(ask(5, .zero) == .accepted)
        alone.passes(.seconds(11))
        #expect(ask(16) == .accepted)
        #expect(alone.ledger.faults.isEmpty && alone.anchor.snapshot.sessions.count == 16)
    }
}
