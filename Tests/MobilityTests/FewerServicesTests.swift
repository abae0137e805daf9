// SPDX-License-Identifier: Apache-2.0
import Mobility
import Testbed
import Testing
import Wire

/// A site that asks for less than it had: after a restart with another configuration, or at another gateway (RFC 5844
/// §3.1.2.4; RFC 7148 §5.1.3.1, §5.2.2).
@Suite struct FewerServicesTests {
    typealias Domain = ExampleDomain

    private static let session = SessionIdentifier(mobileNode: Domain.mobileNode)
    private static let other = NodeIdentifier(nai: "cpe2@example.net")
    private static let otherGateway = NodeIdentifier(nai: "mag2@example.net")
    private static let both: [any MobilityOption] = [
        DelegatedMobileNetworkPrefix.requestIPv6, DelegatedMobileNetworkPrefix.requestIPv4,
    ]
    private static let wishIPv6: [any MobilityOption] = [DelegatedMobileNetworkPrefix.requestIPv6]

    /// Two gateways may serve the node, and one delegated IPv4 prefix is there.
    private static var anchor: AnchorSettings {
        var settings = Domain.anchor
        settings.gateways[0].mobileNodes.append(other)
        settings.gateways.append(
            GatewayPeer(
                identifier: otherGateway,
                mobileNodes: [Domain.mobileNode],
                authentication: .sharedKey(
                    SecurityAssociation(spi: 257, key: Domain.key, algorithm: .hmacSHA256_128)
                )
            )
        )
        settings.delegatedIPv4 = PrefixPool(range: Domain.prefix("10.64.0.0/24"), length: 24)
        settings.ipv4HomeAddresses = PrefixPool(range: Domain.prefix("10.9.0.0/29"), length: 32)
        return settings
    }

    private static var everything: GatewaySettings {
        var settings = Domain.gateway
        settings.requestsIPv4HomeAddress = true
        return settings
    }

    private static var onlyIPv6: GatewaySettings {
        var settings = Domain.gateway
        settings.requestsDelegatedIPv4 = false
        return settings
    }

    // MARK: The gateway

    /// The second path comes up when the first has long told the anchor, and brings nothing back; nor does a refresh.
    @Test func restartedGatewayKeepsOnlyWhatItStillAsksFor() throws {
        var talk = Domain.registered(anchor: Self.anchor, gateway: Self.everything)
        let before = try #require(talk.anchorSession)
        #expect(before.delegatedPrefixes.count == 2 && before.homeAddress != nil)
        talk.gatewayComesBack(Self.onlyIPv6)
        talk.forgetMessages()
        talk.gatewayStarts()
        talk.up("wan1", Domain.lte)
        talk.passes(.seconds(1))
        let delegated = before.delegatedPrefixes.filter { !$0.isIPv4 }
        let kept = Set(before.homeNetworkPrefixes + delegated)
        func expectKept() {
            for ledger in [talk.atGateway, talk.atAnchor] {
                #expect(ledger.prefixes == kept && ledger.homeAddresses.isEmpty && ledger.faults.isEmpty)
                #expect(ledger.sessions[Self.session].map { Set($0.prefixes) } == kept)
                #expect(ledger.records[Self.session].map { Set($0.prefixes) } == kept)
            }
        }
        expectKept()
        talk.up("wan2", Domain.dsl)
        talk.passes(.seconds(8000))
        expectKept()
        #expect(talk.anchorSession?.legs.map(\.state) == ["active", "active"])
        for update in talk.updates {
            #expect(update.options.first(IPv4HomeAddressRequest.self) == nil)
            #expect(update.options.all(DelegatedMobileNetworkPrefix.self).compactMap(\.prefix) == delegated)
        }
    }

    @Test func nodeThatBecomesIPv4OnlyTakesUpNoPrefix() throws {
        var settings = Self.everything
        settings.requestsHomeNetworkPrefix = false
        settings.requestsDelegatedIPv6 = false
        var talk = Domain.registered(anchor: Self.anchor, gateway: Self.everything)
        let address = try #require(talk.gatewaySession.homeAddress?.address)
        talk.gatewayComesBack(settings)
        talk.gatewayStarts()
        talk.up("wan1", Domain.lte)
        talk.passes(.seconds(5))
        for ledger in [talk.atGateway, talk.atAnchor] {
            #expect(ledger.prefixes == [Domain.prefix("10.64.0.0/24")] && ledger.homeAddresses == [address])
            #expect(ledger.faults.isEmpty)
        }
    }

    /// RFC 7148 §5.2.2: none asked for, none told. An anchor that tells all the same gives nothing by it.
    @Test func whatNobodyAskedForIsNotTakenUp() {
        var alone = LoneGateway(Self.onlyIPv6)
        let told = ["2001:db8:5600::/56", "10.64.0.0/24"].map(Domain.prefix)
        alone.answer { reply in
            for prefix in told { reply.options.append(DelegatedMobileNetworkPrefix(prefix)) }
        }
        #expect(alone.ledger.prefixes == [Domain.prefix("2001:db8:1234::/64"), told[0]])
        #expect(alone.ledger.faults.isEmpty)
    }

    // MARK: The anchor

    /// A way in which an update stands alone.
    enum Replacement: CaseIterable, Sendable {
        /// RFC 8278 §4.1
        case overwrite
        case refreshOfTheOnlyPath
        /// RFC 5648 §6.2
        case withoutBindingIdentifier
        case handoff

        func change(_ update: inout HandmadeUpdate) {
            switch self {
            case .overwrite: update.multipath?.isOverwrite = true
            case .refreshOfTheOnlyPath: update.handoff = .notChanged
            case .withoutBindingIdentifier: (update.multipath, update.handoff) = (nil, .handoffBetweenInterfaces)
            case .handoff:
                (update.gateway, update.source) = (FewerServicesTests.otherGateway, Domain.wlan)
                update.handoff = .handoffBetweenGateways
                update.authentication = .sharedKey(
                    SecurityAssociation(spi: 257, key: Domain.key, algorithm: .hmacSHA256_128)
                )
            }
        }
    }

    /// Free at once, and told to the store, the forwarder and the routing.
    @Test(arguments: Replacement.allCases) func whatALoneUpdateDoesNotNameIsGivenBack(
        _ replacement: Replacement
    ) throws {
        var alone = LoneAnchor(Self.anchor)
        let first = try #require(alone.ask { $0.further = Self.both + [IPv4HomeAddressRequest.allocation] })
        let granted = first.options.all(DelegatedMobileNetworkPrefix.self).compactMap(\.prefix)
        #expect(granted.count == 2 && alone.ledger.homeAddresses.count == 1)
        // The pool has no other.
        let request: [any MobilityOption] = [DelegatedMobileNetworkPrefix.requestIPv4]
        #expect(alone.ask { ($0.mobileNode, $0.further) = (Self.other, request) }?.status == .insufficientResources)
        let reply = try #require(
            alone.ask {
                replacement.change(&$0)
                $0.further = Self.wishIPv6
            }
        )
        #expect(reply.status == .accepted)
        let named = reply.options.all(DelegatedMobileNetworkPrefix.self).compactMap(\.prefix)
        #expect(named == granted.filter { !$0.isIPv4 })
        let kept = Set(named + reply.options.all(HomeNetworkPrefix.self).compactMap(\.prefix))
        #expect(alone.ledger.prefixes == kept && alone.ledger.homeAddresses.isEmpty)
        #expect(alone.ledger.sessions[Self.session].map { Set($0.prefixes) } == kept)
        #expect(alone.ledger.records[Self.session].map { Set($0.prefixes) } == kept)
        #expect(alone.ask { ($0.mobileNode, $0.further) = (Self.other, request) }?.status == .accepted)
        #expect(alone.ledger.faults.isEmpty)
    }

    @Test func prefixesAreKeptByNameOneByOne() throws {
        var alone = LoneAnchor(Self.anchor)
        let wanted = ["2001:db8:5611:2200::/56", "2001:db8:5611:3300::/56"].map(Domain.prefix)
        alone.ask { $0.further = wanted.map { DelegatedMobileNetworkPrefix($0) } }
        #expect(alone.session?.delegatedPrefixes == wanted)
        alone.ask {
            $0.multipath?.isOverwrite = true
            $0.further = [DelegatedMobileNetworkPrefix(wanted[1])]
        }
        #expect(alone.session?.delegatedPrefixes == [wanted[1]] && !alone.ledger.prefixes.contains(wanted[0]))
        alone.ask { $0.multipath?.isOverwrite = true }
        #expect(alone.session?.delegatedPrefixes == [] && alone.ledger.prefixes.count == 1)
        #expect(alone.ledger.faults.isEmpty)
    }

    /// RFC 8278 §4.4: a path that has not heard yet what the session has names less, and so does its refresh.
    @Test func pathAmongOthersTakesNothingAway() throws {
        var alone = LoneAnchor(Self.anchor)
        alone.ask { $0.further = Self.both + [IPv4HomeAddressRequest.allocation] }
        let before = try #require(alone.session)
        for (sequence, binding): (UInt16, UInt8) in [(2, 2), (3, 2), (4, 1)] {
            alone.ask {
                $0.sequence = sequence
                $0.source = binding == 1 ? Domain.lte : Domain.wlan
                $0.multipath?.bindingIdentifier = binding
                $0.handoff = sequence == 2 ? .attachmentOverNewInterface : .notChanged
            }
            #expect(alone.session?.legs.count == 2)
            #expect(alone.session?.delegatedPrefixes == before.delegatedPrefixes)
            #expect(alone.session?.homeAddress == before.homeAddress)
        }
        #expect(alone.ledger.faults.isEmpty)
    }

    /// A refused update has released nothing.
    @Test func refusedUpdateTakesNothingAway() throws {
        var alone = LoneAnchor(Self.anchor)
        alone.ask { $0.further = Self.both }
        let before = try #require(alone.session)
        let reply = alone.ask {
            $0.multipath?.isOverwrite = true
            $0.further = [DelegatedMobileNetworkPrefix(Domain.prefix("2001:db8:9999::/56"))]
        }
        #expect(reply?.status == .requestedDelegatedPrefixInUse)
        #expect(alone.session?.delegatedPrefixes == before.delegatedPrefixes && alone.ledger.faults.isEmpty)
    }
}
