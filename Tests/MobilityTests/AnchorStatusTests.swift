// SPDX-License-Identifier: Apache-2.0
import Mobility
import Testbed
import Testing
import Wire

/// Every status that the anchor answers with, and the options around it (RFC 5213 §5.3.1, §5.3.6).
@Suite struct AnchorStatusTests {
    typealias Domain = ExampleDomain

    static let other = NodeIdentifier(nai: "cpe2@example.net")

    @Test func acceptedUpdateIsAnsweredWithWhatWasAssigned() throws {
        var alone = LoneAnchor()
        let reply = try #require(alone.ask { $0.further = [DelegatedMobileNetworkPrefix.requestIPv6] })
        #expect(reply.status == .accepted && reply.flags == .proxyRegistration)
        #expect(reply.lifetime == BindingLifetime(.seconds(3600)))
        #expect(reply.options.all(HomeNetworkPrefix.self).compactMap(\.prefix) == [Domain.prefix("2001:db8:1234::/64")])
        #expect(
            reply.options.all(DelegatedMobileNetworkPrefix.self).compactMap(\.prefix) == [
                Domain.prefix("2001:db8:5600::/56")
            ]
        )
        #expect(reply.options.first(GREKey.self)?.key != nil)
        #expect(reply.options.first(TimestampOption.self)?.timestamp == alone.now.timestamp)
        #expect(reply.options.all.last is MessageAuthentication)
    }

    @Test func delegatedPrefixesAreGivenOnlyWhenAskedFor() {
        var alone = LoneAnchor()
        #expect(alone.ask()?.options.first(DelegatedMobileNetworkPrefix.self) == nil)
        #expect(alone.session?.delegatedPrefixes == [])
    }

    @Test func lifetimeIsCutToTheMaximum() {
        var settings = Domain.anchor
        settings.maximumLifetime = .seconds(600)
        var alone = LoneAnchor(settings)
        #expect(alone.ask()?.lifetime == BindingLifetime(.seconds(600)))
    }

    @Test func linkLocalAddressIsKeptOrMadeUp() throws {
        var alone = LoneAnchor()
        #expect(alone.ask()?.options.first(LinkLocalAddress.self) == nil)
        let made = try #require(
            alone.ask { $0.further = [LinkLocalAddress(.zero)] }?.options.first(LinkLocalAddress.self)
        )
        #expect(made.address.isLinkLocal)
        #expect(alone.ask { $0.further = [LinkLocalAddress(.zero)] }?.options.first(LinkLocalAddress.self) == made)
        let own = LinkLocalAddress(IPv6Address(high: 0xFE80_0000_0000_0000, low: 7))
        #expect(alone.ask { $0.further = [own] }?.options.first(LinkLocalAddress.self) == own)
    }

    @Test func refusalRepeatsTheRequest() throws {
        var alone = LoneAnchor()
        let foreign = HomeNetworkPrefix(address: IPv6Address(high: 0x2001_0DB9_0000_0000, low: 0), prefixLength: 64)
        let reply = try #require(
            alone.ask {
                $0.prefixes = [foreign]
                $0.further = [MobileNodeLinkLayerIdentifier([1, 2, 3])]
            }
        )
        #expect(reply.status == .notAuthorizedForHomeNetworkPrefix && reply.lifetime.isZero)
        #expect(reply.options.all(HomeNetworkPrefix.self) == [foreign])
        #expect(reply.options.first(HandoffIndicator.self) == .attachmentOverNewInterface)
        #expect(reply.options.first(MobileNodeLinkLayerIdentifier.self) == MobileNodeLinkLayerIdentifier([1, 2, 3]))
        #expect(reply.options.first(GREKey.self) == nil)
        #expect(alone.session == nil && alone.ledger.isEmpty)
    }

    @Test func status3WhereUDPIsNotToBeHad() {
        var settings = Domain.anchor
        settings.permittedEncapsulations = [.gre]
        let talk = Domain.registered(anchor: settings)
        #expect(talk.acknowledgements.last?.status == .greTunnelingButTLVHeaderNotSupported)
        #expect(talk.acknowledgements.last?.flags.contains(.tlvHeader) == false)
        #expect(talk.atGateway.paths[Domain.path(2)]?.encapsulation == .gre)
        #expect(talk.atAnchor.paths[Domain.path(2)]?.encapsulation == .gre)
    }

    @Test func status128ForAMixtureOfPrefixAndRequest() {
        var alone = LoneAnchor()
        let named = HomeNetworkPrefix(address: IPv6Address(high: 0x2001_0DB8_1234_0000, low: 0), prefixLength: 64)
        #expect(alone.ask { $0.prefixes = [.request, named] }?.status == .reasonUnspecified)
    }

    @Test func status128ForAnotherKeyBesideAPathThatStays() {
        var alone = LoneAnchor()
        alone.ask()
        let other = alone.ask {
            $0.source = Domain.wlan
            $0.multipath?.bindingIdentifier = 2
            $0.greKey = GREKey(9)
        }
        #expect(other?.status == .reasonUnspecified)
        #expect(alone.ask { $0.greKey = GREKey(9) }?.status == .accepted)
    }

    @Test func status129ForUDPThatIsNotPermitted() {
        var settings = Domain.anchor
        settings.permittedEncapsulations = [.ipInIP, .gre]
        var alone = LoneAnchor(settings)
        let ask: (inout HandmadeUpdate) -> Void = {
            $0.source = Domain.dsl
            $0.destination = Domain.anchorIPv4
            $0.flags.insert(.forceUDP)
            $0.greKey = nil
        }
        #expect(alone.ask(ask)?.status == .administrativelyProhibited)
        alone = LoneAnchor()
        #expect(alone.ask(ask)?.status == .accepted)
        // Directly over IPv6 there is no UDP.
        #expect(alone.ask { $0.flags.insert(.forceUDP) }?.status == .administrativelyProhibited)
    }

    @Test func status130WhenPoolsAreExhausted() {
        var settings = Domain.anchor
        settings.homeNetworkPrefixes = PrefixPool(range: Domain.prefix("2001:db8:1234::/64"), length: 64)
        settings.gateways[0].mobileNodes.append(Self.other)
        var alone = LoneAnchor(settings)
        #expect(alone.ask()?.status == .accepted)
        #expect(alone.ask { $0.mobileNode = Self.other }?.status == .insufficientResources)
        // What is given back can be had again.
        alone.ask { $0.lifetime = .zero }
        alone.passes(.seconds(11))
        #expect(alone.ask { $0.mobileNode = Self.other }?.status == .accepted)
    }

    @Test func status130WhenDelegationIsExhaustedLeavesNothingBehind() {
        var settings = Domain.anchor
        settings.delegatedIPv4 = PrefixPool(range: Domain.prefix("10.64.0.0/24"), length: 24)
        settings.gateways[0].mobileNodes.append(Self.other)
        var alone = LoneAnchor(settings)
        alone.ask { $0.further = [DelegatedMobileNetworkPrefix.requestIPv4] }
        let refused = alone.ask {
            $0.mobileNode = Self.other
            $0.further = [DelegatedMobileNetworkPrefix.requestIPv4]
        }
        #expect(refused?.status == .insufficientResources)
        #expect(
            alone.ask { $0.mobileNode = Self.other }?.options.first(HomeNetworkPrefix.self)?.prefix
                == Domain.prefix("2001:db8:1234:1::/64")
        )
    }

    @Test func status130ForMorePrefixesThanOneSessionMayHave() {
        var alone = LoneAnchor()
        func delegated(_ numbers: Range<UInt64>) -> [any MobilityOption] {
            numbers.compactMap { Domain.prefix("2001:db8:5600::/40").subprefix(length: 56, at: $0) }
                .map { DelegatedMobileNetworkPrefix($0) }
        }
        #expect(alone.ask { $0.further = delegated(0..<8) }?.status == .accepted)
        #expect(alone.ask { $0.further = delegated(8..<9) }?.status == .insufficientResources)
        #expect(alone.session?.delegatedPrefixes.count == 8)
        var other = LoneAnchor()
        let homes = (0..<9).map {
            HomeNetworkPrefix(address: IPv6Address(high: 0x2001_0DB8_1234_0000 + UInt64($0), low: 0), prefixLength: 64)
        }
        #expect(other.ask { $0.prefixes = homes }?.status == .insufficientResources)
        #expect(other.ask()?.options.first(HomeNetworkPrefix.self)?.prefix == Domain.prefix("2001:db8:1234::/64"))
    }

    @Test func status135WithoutTimestampsAndWithAnOldNumber() throws {
        var alone = LoneAnchor()
        #expect(alone.ask { ($0.hasTimestamp, $0.sequence) = (false, 500) }?.status == .accepted)
        let old = try #require(alone.ask { ($0.hasTimestamp, $0.sequence) = (false, 499) })
        #expect(old.status == .sequenceNumberOutOfWindow && old.sequence == 500)
        #expect(alone.ask { ($0.hasTimestamp, $0.sequence) = (false, 501) }?.status == .accepted)
        #expect(
            alone.ask { ($0.hasTimestamp, $0.sequence) = (false, 501 &+ 32768) }?.status == .sequenceNumberOutOfWindow
        )
    }

    @Test func status146ForAWrongKeyIsSignedByOurs() throws {
        var alone = LoneAnchor()
        let wrong = SecurityAssociation(spi: 256, key: [9], algorithm: .hmacSHA256_128)
        let reply = try #require(alone.ask { $0.authentication = .sharedKey(wrong) })
        #expect(reply.status == .authenticationFailure)
        #expect(alone.session == nil)
        #expect(alone.drops == [.authenticationWrong: 1])
    }

    @Test func status153And154ForNodesThatAreNotTheGateways() {
        var settings = Domain.anchor
        settings.gateways.append(
            GatewayPeer(
                identifier: NodeIdentifier(nai: "mag2@example.net"),
                mobileNodes: [Self.other],
                authentication: .none
            )
        )
        var alone = LoneAnchor(settings)
        #expect(
            alone.ask { $0.mobileNode = NodeIdentifier(nai: "nobody@example.net") }?.status == .notLMAForThisMobileNode
        )
        #expect(alone.ask { $0.mobileNode = Self.other }?.status == .magNotAuthorizedForProxyRegistration)
        let posing = alone.ask { $0.gateway = NodeIdentifier(nai: "mag2@example.net") }
        #expect(posing?.status == .magNotAuthorizedForProxyRegistration)
    }

    @Test func status155ForPrefixesOfOthers() {
        var settings = Domain.anchor
        settings.gateways[0].mobileNodes.append(Self.other)
        var alone = LoneAnchor(settings)
        alone.ask()
        let theirs = HomeNetworkPrefix(address: IPv6Address(high: 0x2001_0DB8_1234_0000, low: 0), prefixLength: 64)
        let reply = alone.ask {
            $0.mobileNode = Self.other
            $0.prefixes = [theirs]
        }
        #expect(reply?.status == .notAuthorizedForHomeNetworkPrefix)
        #expect(
            alone.ask { $0.prefixes = [HomeNetworkPrefix(address: theirs.address, prefixLength: 200)] }?.status
                == .notAuthorizedForHomeNetworkPrefix
        )
    }

    @Test func freePrefixOfOursIsGivenToWhoNamesIt() {
        var alone = LoneAnchor()
        let wanted = HomeNetworkPrefix(address: IPv6Address(high: 0x2001_0DB8_1234_0007, low: 0), prefixLength: 64)
        #expect(alone.ask { $0.prefixes = [wanted] }?.options.all(HomeNetworkPrefix.self) == [wanted])
    }

    @Test func status156OutsideTheWindowTellsOurClock() throws {
        var alone = LoneAnchor()
        for offset in [Duration.milliseconds(-400), .milliseconds(400)] {
            let theirs = alone.now.timestamp + offset
            let reply = try #require(alone.ask { $0.timestamp = theirs })
            #expect(reply.status == .timestampMismatch)
            #expect(reply.options.first(TimestampOption.self)?.timestamp == alone.now.timestamp)
        }
    }

    @Test func status157ForAnOlderUpdateOfTheSameBindingOnly() throws {
        var alone = LoneAnchor()
        alone.ask()
        let older = alone.now.timestamp + .milliseconds(-50)
        let reply = try #require(alone.ask { $0.timestamp = older })
        #expect(reply.status == .timestampLowerThanPreviouslyAccepted)
        #expect(reply.options.first(TimestampOption.self)?.timestamp == alone.now.timestamp)
        let second = alone.ask {
            $0.timestamp = older
            $0.source = Domain.wlan
            $0.multipath?.bindingIdentifier = 2
        }
        #expect(second?.status == .accepted)
        // With O it would replace both, so it has to be newer than both.
        let replacing = alone.ask {
            $0.timestamp = older + .milliseconds(1)
            $0.source = Domain.wlan
            $0.multipath?.bindingIdentifier = 2
            $0.multipath?.isOverwrite = true
        }
        #expect(replacing?.status == .timestampLowerThanPreviouslyAccepted)
    }

    @Test func duplicateOfTheSameOctetsGetsTheSameAnswer() throws {
        var alone = LoneAnchor()
        let update = HandmadeUpdate().datagram(at: alone.now.timestamp)
        let first = alone.tell(.received(update))
        let before = alone.session
        alone.passes(.milliseconds(100))
        #expect(alone.tell(.received(update)) == first)
        #expect(alone.session == before)
        // The same time stamp on another update is no duplicate.
        let stamp = try #require(alone.acknowledgement(in: first)?.options.first(TimestampOption.self)?.timestamp)
        #expect(alone.ask { ($0.timestamp, $0.sequence) = (stamp, 2) }?.status == .timestampMismatch)
    }

    @Test func missingOptionsHaveTheirStatuses() throws {
        var alone = LoneAnchor()
        #expect(alone.ask { $0.prefixes = [] }?.status == .missingHomeNetworkPrefixOption)
        #expect(alone.ask { $0.prefixes = [] }?.options.all(HomeNetworkPrefix.self) == [.request])
        #expect(alone.ask { $0.handoff = nil }?.status == .missingHandoffIndicatorOption)
        #expect(alone.ask { $0.technology = nil }?.status == .missingAccessTechnologyTypeOption)
        let nameless = try #require(alone.ask { $0.mobileNode = nil })
        #expect(nameless.status == .missingMobileNodeIdentifierOption)
        #expect(nameless.options.first(MobileNodeIdentifier.self)?.identifier == NodeIdentifier(subtype: 1, octets: []))
    }

    @Test func status159ForAnotherSetOfPrefixes() {
        var alone = LoneAnchor()
        alone.ask()
        let another = HomeNetworkPrefix(address: IPv6Address(high: 0x2001_0DB8_1234_0009, low: 0), prefixLength: 64)
        #expect(alone.ask { $0.prefixes = [another] }?.status == .prefixSetDoesNotMatch)
    }

    @Test func status163WithoutGRE() {
        var settings = Domain.anchor
        settings.isGRERequired = true
        var alone = LoneAnchor(settings)
        #expect(alone.ask { $0.greKey = nil }?.status == .greKeyOptionRequired)
        #expect(alone.ask { $0.greKey = GREKey(nil) }?.options.first(GREKey.self) == GREKey(nil))
    }

    @Test func status174ForAnEndOfTheOtherFamily() {
        var alone = LoneAnchor()
        let reply = alone.ask {
            $0.careOf = Domain.dsl
            $0.further = [AlternateIPv4CareOfAddress(IPv4Address(192, 0, 2, 1))]
        }
        #expect(reply?.status == .invalidCareOfAddress)
        #expect(reply?.options.first(AlternateIPv4CareOfAddress.self) != nil)
    }

    @Test func status174ForAnAddressOfOurOwn() {
        var alone = LoneAnchor()
        let reply = alone.ask {
            $0.careOf = Domain.anchorIPv6
            if case .v6(let address) = Domain.anchorIPv6 { $0.further = [AlternateCareOfAddress(address)] }
        }
        #expect(reply?.status == .invalidCareOfAddress)
    }

    @Test func status177And178ForDelegatedPrefixes() {
        var settings = Domain.anchor
        settings.gateways[0].isDelegationAllowed = false
        var strict = LoneAnchor(settings)
        let ask = [DelegatedMobileNetworkPrefix.requestIPv6]
        #expect(strict.ask { $0.further = ask }?.status == .notAuthorizedForDelegatedPrefix)
        var alone = LoneAnchor()
        let foreign = [DelegatedMobileNetworkPrefix(Domain.prefix("2001:db9::/56"))]
        #expect(alone.ask { $0.further = foreign }?.status == .requestedDelegatedPrefixInUse)
    }

    @Test func anchorWithoutPoolsForDelegationIgnoresTheWish() {
        var settings = Domain.anchor
        settings.delegatedIPv4 = nil
        var alone = LoneAnchor(settings)
        let reply = alone.ask {
            $0.further = [DelegatedMobileNetworkPrefix.requestIPv6, DelegatedMobileNetworkPrefix.requestIPv4]
        }
        #expect(reply?.options.all(DelegatedMobileNetworkPrefix.self).map(\.address.isIPv4) == [false])
    }

    @Test func status180BesideABindingWithoutIdentifier() {
        var alone = LoneAnchor()
        alone.ask { ($0.multipath, $0.gateway) = (nil, nil) }
        let beside = alone.ask { $0.source = Domain.wlan }
        #expect(beside?.status == .cannotSupportMultipathBinding)
        // The same care-of address makes it the first path; O replaces it.
        #expect(alone.ask()?.status == .accepted)
        #expect(alone.session?.legs.map(\.identifier) == [Domain.path(1)])
        alone.ask { ($0.multipath, $0.gateway) = (nil, nil) }
        #expect(alone.session?.legs.map(\.identifier) == [Domain.path(nil)])
        let replacing = alone.ask {
            $0.source = Domain.wlan
            $0.multipath?.isOverwrite = true
        }
        #expect(replacing?.status == .accepted)
        #expect(alone.session?.legs.map(\.careOfAddress) == [Domain.wlan])
        #expect(alone.ledger.faults.isEmpty && alone.ledger.paths.count == 1)
    }
}
