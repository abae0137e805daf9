// SPDX-License-Identifier: Apache-2.0
import Mobility
import Testbed
import Testing
import Wire

/// What is decided for single nodes and for realms (RFC 5213 §6.2, §5.3.2, RFC 5844 §3.1.2, RFC 7148 §5.2.2).
@Suite struct ProfileTests {
    typealias Domain = ExampleDomain

    private static func own(_ number: UInt64) -> HomeNetworkPrefix {
        HomeNetworkPrefix(address: IPv6Address(high: 0x2001_0DB8_1234_0000 + number, low: 0), prefixLength: 64)
    }

    private static let other = AnchorStatusTests.other

    private func anchor(_ change: (inout MobileNodeProfile) -> Void) -> LoneAnchor {
        var settings = Domain.anchor
        settings.ipv4HomeAddresses = PrefixPool(range: Domain.prefix("10.9.0.0/24"), length: 32)
        settings.gateways[0].mobileNodes.append(Self.other)
        var profile = MobileNodeProfile(Domain.mobileNode)
        change(&profile)
        settings.profiles = [profile]
        return LoneAnchor(settings)
    }

    // MARK: Addresses

    /// RFC 5213 §5.3.2: the node gets its own, asked by name or not; nobody else does.
    @Test func staticPrefixIsItsNodesAlone() {
        var alone = anchor { $0.homeNetworkPrefixes = [Domain.prefix("2001:db8:1234::/64")] }
        // The lowest of the pool is taken, though the node is not here.
        let first = alone.ask { $0.mobileNode = Self.other }
        #expect(first?.options.all(HomeNetworkPrefix.self) == [Self.own(1)])
        var thief = anchor { $0.homeNetworkPrefixes = [Domain.prefix("2001:db8:1234::/64")] }
        let stolen = thief.ask { ($0.mobileNode, $0.prefixes) = (Self.other, [Self.own(0)]) }
        #expect(stolen?.status == .notAuthorizedForHomeNetworkPrefix)
        for asked in [[HomeNetworkPrefix.request], [Self.own(0)]] {
            var fresh = anchor { $0.homeNetworkPrefixes = [Domain.prefix("2001:db8:1234::/64")] }
            #expect(fresh.ask { $0.prefixes = asked }?.options.all(HomeNetworkPrefix.self) == [Self.own(0)])
        }
        var greedy = anchor { $0.homeNetworkPrefixes = [Domain.prefix("2001:db8:1234::/64")] }
        #expect(greedy.ask { $0.prefixes = [Self.own(5)] }?.status == .notAuthorizedForHomeNetworkPrefix)
    }

    @Test func staticPrefixesMayLieOutsideThePools() {
        let own = ["2001:db8:77::/64", "2001:db8:78::/60"].map(Domain.prefix)
        var alone = anchor { $0.homeNetworkPrefixes = own }
        let reply = alone.ask()
        #expect(reply?.options.all(HomeNetworkPrefix.self).compactMap(\.prefix) == own)
        #expect(alone.ledger.prefixes == Set(own))
        // They are the node's still when it comes back, and a further attachment has one of the pool.
        alone.ask { ($0.lifetime, $0.handoff) = (.zero, .unknown) }
        alone.passes(.seconds(11))
        #expect(alone.session == nil && alone.ledger.isEmpty)
        #expect(alone.ask()?.options.all(HomeNetworkPrefix.self).compactMap(\.prefix) == own)
    }

    @Test func furtherAttachmentHasAPrefixOfThePool() {
        var alone = anchor { $0.homeNetworkPrefixes = [Domain.prefix("2001:db8:1234::/64")] }
        var granted: [[HomeNetworkPrefix]] = []
        for interface in [[1], [2]] as [[UInt8]] {
            let reply = alone.ask {
                $0.isPlain()
                $0.further = [MobileNodeLinkLayerIdentifier(interface)]
            }
            granted.append(reply?.options.all(HomeNetworkPrefix.self) ?? [])
        }
        #expect(granted == [[Self.own(0)], [Self.own(1)]])
    }

    /// A wider or longer prefix takes all of the pool that it overlaps with.
    @Test func poolGivesNothingThatOverlaps() throws {
        var allocator = PrefixAllocator(pool: PrefixPool(range: Domain.prefix("10.0.0.0/21"), length: 24))
        for reserved in ["10.0.0.0/23", "10.0.3.128/25", "10.0.5.0/24", "192.0.2.0/24"] {
            allocator.reserve(Domain.prefix(reserved))
        }
        let given = (0..<5).map { _ in allocator.allocate()?.description }
        #expect(given == ["10.0.2.0/24", "10.0.4.0/24", "10.0.6.0/24", "10.0.7.0/24", nil])
        for reserved in ["10.0.1.0/24", "10.0.3.0/24", "10.0.5.0/24"] {
            allocator.release(Domain.prefix(reserved))
            let isClaimed = allocator.claim(Domain.prefix(reserved))
            #expect(!isClaimed)
        }
        var whole = PrefixAllocator(pool: PrefixPool(range: Domain.prefix("2001:db8::/48"), length: 64))
        whole.reserve(Domain.prefix("2001::/16"))
        let none = whole.allocate()
        #expect(none == nil)
        var vast = PrefixAllocator(pool: PrefixPool(range: Domain.prefix("::/0"), length: 128))
        vast.reserve(Domain.prefix("::/0"))
        let nothing = vast.allocate()
        #expect(nothing == nil)
    }

    /// RFC 7148 §5.2.2
    @Test func staticDelegatedPrefixesAreItsNodesAlone() {
        let own = Domain.prefix("2001:db8:5600::/56")
        var alone = anchor { $0.delegatedPrefixes = [own] }
        let theirs = alone.ask {
            ($0.mobileNode, $0.further) = (Self.other, [DelegatedMobileNetworkPrefix(own)])
        }
        #expect(theirs?.status == .requestedDelegatedPrefixInUse)
        let pool = alone.ask { ($0.mobileNode, $0.further) = (Self.other, [DelegatedMobileNetworkPrefix.requestIPv6]) }
        #expect(
            pool?.options.all(DelegatedMobileNetworkPrefix.self).compactMap(\.prefix)
                == [Domain.prefix("2001:db8:5600:100::/56")]
        )
        for asked in [DelegatedMobileNetworkPrefix.requestIPv6, DelegatedMobileNetworkPrefix(own)] {
            var fresh = anchor { $0.delegatedPrefixes = [own] }
            let reply = fresh.ask { $0.further = [asked] }
            #expect(reply?.options.all(DelegatedMobileNetworkPrefix.self).compactMap(\.prefix) == [own])
        }
    }

    /// RFC 5844 §3.1.2.2: another node's is status 171 with 129; what is not the node's own, 171 as well.
    @Test func staticHomeAddressIsItsNodesAlone() throws {
        let own = IPv4Address(10, 9, 0, 2)
        let named = IPv4HomeAddressRequest(address: own, prefixLength: 24)
        var alone = anchor { $0.homeAddress = own }
        let theirs = try #require(alone.ask { ($0.mobileNode, $0.further) = (Self.other, [named]) })
        #expect(theirs.status == .notAuthorizedForIPv4HomeAddress)
        #expect(theirs.options.first(IPv4HomeAddressReply.self)?.status == .administrativelyProhibited)
        let pool = alone.ask { ($0.mobileNode, $0.further) = (Self.other, [IPv4HomeAddressRequest.allocation]) }
        #expect(pool?.options.first(IPv4HomeAddressReply.self)?.address == IPv4Address(10, 9, 0, 3))
        for asked in [named, .allocation] {
            var fresh = anchor { $0.homeAddress = own }
            #expect(fresh.ask { $0.further = [asked] }?.options.first(IPv4HomeAddressReply.self)?.address == own)
        }
        var greedy = anchor { $0.homeAddress = own }
        let wrong = IPv4HomeAddressRequest(address: IPv4Address(10, 9, 0, 9), prefixLength: 24)
        #expect(greedy.ask { $0.further = [wrong] }?.status == .notAuthorizedForIPv4HomeAddress)
    }

    // MARK: Rights

    @Test func nodeWithoutARightIsRefused() {
        let refusals: [(BindingStatus, (inout MobileNodeProfile) -> Void)] = [
            (.proxyRegistrationNotEnabled, { $0.isProxyRegistrationAllowed = false }),
            (.cannotSupportMultipathBinding, { $0.isMultipathAllowed = false }),
            (.notAuthorizedForDelegatedPrefix, { $0.isDelegationAllowed = false }),
            (.notAuthorizedForIPv4MobilityService, { $0.isIPv4Allowed = false }),
            (.notAuthorizedForIPv6MobilityService, { $0.isIPv6Allowed = false }),
        ]
        for (status, change) in refusals {
            var alone = anchor(change)
            let all: [any MobilityOption] = [
                DelegatedMobileNetworkPrefix.requestIPv6, IPv4HomeAddressRequest.allocation,
            ]
            #expect(alone.ask { $0.further = all }?.status == status)
            // Its neighbour has all of them.
            #expect(alone.ask { ($0.mobileNode, $0.further) = (Self.other, all) }?.status == .accepted)
        }
    }

    // MARK: Realms

    @Test func realmPermitsItsNodesAndNoOthers() {
        var settings = Domain.anchor
        settings.gateways[0].mobileNodes = [NodeIdentifier(nai: "@example.net")]
        var alone = LoneAnchor(settings)
        #expect(alone.ask()?.status == .accepted)
        #expect(alone.ask { $0.mobileNode = Self.other }?.status == .accepted)
        for stranger in ["cpe1@sub.example.net", "cpe1@example.org", "@example.net", "example.net", "cpe1@"] {
            let reply = alone.ask { $0.mobileNode = NodeIdentifier(nai: stranger) }
            #expect(reply?.status == .notLMAForThisMobileNode, "\(stranger)")
        }
    }

    /// A node by its own name belongs to who has it so, and to the realm's gateway too.
    @Test func realmAndNameMayBeOfTwoGateways() {
        var settings = GatewayPair.anchor
        settings.gateways[1].mobileNodes = [NodeIdentifier(nai: "@example.net")]
        var alone = LoneAnchor(settings)
        #expect(alone.ask()?.status == .accepted)
        #expect(alone.ask { $0.isSecondGateways() }?.status == .accepted)
        #expect(alone.ask { $0.mobileNode = Self.other }?.status == .magNotAuthorizedForProxyRegistration)
    }

    // MARK: Timers of gateways (RFC 8127)

    @Test func acceptanceCarriesTheGatewaysTimers() {
        var settings = Domain.anchor
        let registration = ReregistrationControl(
            startTime: BindingLifetime(.seconds(40)),
            initialRetransmissionTime: 1,
            maximumRetransmissionTime: 32
        )
        settings.gatewayParameters = GatewayParameters(reregistration: registration, heartbeat: nil)
        var alone = LoneAnchor(settings)
        let option = alone.ask()?.options.first(LMAControlledMAGParameters.self)
        #expect(
            option?.subOptions.all.count == 1 && option?.subOptions.all.first as? ReregistrationControl == registration
        )
        #expect(alone.ask { $0.handoff = nil }?.options.first(LMAControlledMAGParameters.self) == nil)
        let leave = alone.ask { ($0.lifetime, $0.handoff) = (.zero, .unknown) }
        #expect(leave?.status == .accepted && leave?.options.first(LMAControlledMAGParameters.self) == nil)
    }

    // MARK: Ordering (RFC 5213 §5.5, §9.3)

    @Test func timeStampsOfANodeAreNoTimeOfDay() {
        var settings = Domain.anchor
        settings.ordering = .nodeTimestamps
        var alone = LoneAnchor(settings)
        #expect(alone.ask { $0.timestamp = Timestamp(seconds: 1000) }?.status == .accepted)
        #expect(alone.ask { $0.timestamp = Timestamp(seconds: 1001) }?.status == .accepted)
        #expect(alone.ask { $0.timestamp = Timestamp(seconds: 1000) }?.status == .timestampLowerThanPreviouslyAccepted)
    }

    @Test func numbersOrderWhereTimeStampsAreNotInUse() throws {
        var settings = Domain.anchor
        settings.ordering = .sequenceNumbers
        var alone = LoneAnchor(settings)
        #expect(alone.ask { ($0.timestamp, $0.sequence) = (Timestamp(seconds: 9), 10) }?.status == .accepted)
        let old = try #require(alone.ask { ($0.timestamp, $0.sequence) = (Timestamp(seconds: 10), 9) })
        #expect(old.status == .sequenceNumberOutOfWindow && old.sequence == 10)
        #expect(alone.ask { ($0.timestamp, $0.sequence) = (Timestamp(seconds: 8), 11) }?.status == .accepted)
    }
}
