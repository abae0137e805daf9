// SPDX-License-Identifier: Apache-2.0
import Mobility
import Testbed
import Testing
import Wire

/// What RFC 5213 §5 asks of an anchor, rule by rule, where no other suite does.
@Suite struct RulesAnchorTests {
    typealias Domain = ExampleDomain

    private static let foreign = HomeNetworkPrefix(
        address: IPv6Address(high: 0x2001_0DB9_0000_0000, low: 0),
        prefixLength: 64
    )

    private static func own(_ number: UInt64) -> HomeNetworkPrefix {
        HomeNetworkPrefix(address: IPv6Address(high: 0x2001_0DB8_1234_0000 + number, low: 0), prefixLength: 64)
    }

    /// §5.3: of several faults the one that is looked for first decides.
    @Test func checksComeInTheirOrder() {
        var alone = LoneAnchor()
        let repairs: [(inout HandmadeUpdate) -> Void] = [
            { $0.mobileNode = NodeIdentifier(nai: "nobody@example.net") }, { $0.mobileNode = Domain.mobileNode },
            { $0.timestamp = nil }, { $0.prefixes = [Self.foreign] }, { $0.handoff = .attachmentOverNewInterface },
            { $0.technology = AccessTechnologyType(.virtual) }, { $0.prefixes = [.request] },
        ]
        var statuses: [BindingStatus?] = []
        for count in 0...repairs.count {
            let reply = alone.ask { update in
                (update.mobileNode, update.handoff, update.technology, update.prefixes) = (nil, nil, nil, [])
                update.timestamp = Timestamp(seconds: 1)
                for repair in repairs.prefix(count) { repair(&update) }
            }
            statuses.append(reply?.status)
        }
        #expect(
            statuses == [
                .missingMobileNodeIdentifierOption, .notLMAForThisMobileNode, .timestampMismatch,
                .missingHomeNetworkPrefixOption, .missingHandoffIndicatorOption, .missingAccessTechnologyTypeOption,
                .notAuthorizedForHomeNetworkPrefix, .accepted,
            ]
        )
    }

    /// §5.3.1 (2): no Home Address option is asked for, and with P the flag H says nothing.
    @Test func homeRegistrationFlagIsNotLookedAt() {
        var alone = LoneAnchor()
        let reply = alone.ask { $0.flags.insert(BindingUpdate.Flags(rawValue: 0x4000)) }
        #expect(reply?.status == .accepted && reply?.flags.contains(.proxyRegistration) == true)
    }

    /// §8.1: what is not understood is skipped.
    @Test func optionsThatNobodyKnowsAreSkipped() {
        var alone = LoneAnchor()
        let reply = alone.ask { $0.further = [UnknownOption(optionType: 200, data: [1, 2, 3])] }
        #expect(reply?.status == .accepted)
    }

    /// §5.2, §5.3.6: all prefixes of a session are its node's alone, and each is named.
    @Test func severalPrefixesAreOneSession() throws {
        var alone = LoneAnchor()
        let wanted = [Self.own(4), Self.own(7)]
        let reply = try #require(alone.ask { $0.prefixes = wanted })
        #expect(reply.status == .accepted && reply.options.all(HomeNetworkPrefix.self) == wanted)
        #expect(alone.session?.homeNetworkPrefixes.count == 2)
        #expect(alone.ledger.prefixes == Set(wanted.compactMap(\.prefix)))
        // §5.4.1.1: fewer or more than the session has are another set.
        for other in [[Self.own(4)], wanted + [Self.own(9)]] {
            let refused = try #require(alone.ask { ($0.prefixes, $0.handoff) = (other, .notChanged) })
            #expect(refused.status == .prefixSetDoesNotMatch && refused.options.all(HomeNetworkPrefix.self) == other)
        }
        #expect(alone.ask { ($0.prefixes, $0.handoff) = (wanted.reversed(), .notChanged) }?.status == .accepted)
    }

    /// §5.3.6: what was not asked is not answered.
    @Test func acceptanceHasOnlyTheOptionsOfItsRequest() throws {
        var alone = LoneAnchor()
        let plain = try #require(alone.ask { ($0.hasTimestamp, $0.sequence) = (false, 10) })
        #expect(plain.status == .accepted && plain.sequence == 10)
        #expect(plain.options.first(TimestampOption.self) == nil)
        #expect(plain.options.first(MobileNodeLinkLayerIdentifier.self) == nil)
        #expect(plain.options.first(LinkLocalAddress.self) == nil)
        #expect(plain.options.first(MobileNodeIdentifier.self)?.identifier == Domain.mobileNode)
        #expect(plain.options.first(HandoffIndicator.self) == .attachmentOverNewInterface)
        #expect(plain.options.first(AccessTechnologyType.self) == AccessTechnologyType(.virtual))
        let refused = try #require(alone.ask { ($0.hasTimestamp, $0.sequence) = (false, 9) })
        #expect(refused.status == .sequenceNumberOutOfWindow)
        #expect(refused.options.first(TimestampOption.self) == nil)
    }

    /// §5.3.6: a link-layer identifier comes back as it went.
    @Test func linkLayerIdentifierIsRepeated() {
        var alone = LoneAnchor()
        let identifier = MobileNodeLinkLayerIdentifier([2, 0, 0, 0, 0, 7])
        let reply = alone.ask { $0.further = [identifier] }
        #expect(reply?.status == .accepted && reply?.options.first(MobileNodeLinkLayerIdentifier.self) == identifier)
    }

    /// §5.3.6: a refusal names zero where there was no handoff indicator or technology, repeats every prefix option and
    /// the link-local address, zeros or not.
    @Test func refusalAnswersEveryOptionOfItsRequest() throws {
        var alone = LoneAnchor()
        let reply = try #require(
            alone.ask {
                ($0.handoff, $0.technology) = (nil, nil)
                $0.prefixes = [Self.own(1), Self.foreign]
                $0.further = [LinkLocalAddress(.zero)]
            }
        )
        #expect(reply.status == .missingHandoffIndicatorOption)
        #expect(reply.options.first(HandoffIndicator.self) == HandoffIndicator(0))
        #expect(reply.options.first(AccessTechnologyType.self)?.technology.rawValue == 0)
        #expect(reply.options.all(HomeNetworkPrefix.self) == [Self.own(1), Self.foreign])
        #expect(reply.options.first(LinkLocalAddress.self)?.address == .zero)
        #expect(reply.options.first(TimestampOption.self)?.timestamp == alone.now.timestamp)
    }

    /// §5.3.3: what a refresh says anew is the binding's from then on.
    @Test func refreshReplacesTheRegisteredValues() {
        var alone = LoneAnchor()
        alone.ask()
        let reply = alone.ask {
            $0.handoff = .notChanged
            $0.lifetime = BindingLifetime(.seconds(600))
            $0.multipath?.interfaceLabel = 99
        }
        #expect(reply?.status == .accepted && reply?.lifetime == BindingLifetime(.seconds(600)))
        #expect(alone.session?.legs.map(\.interfaceLabel) == [99])
        #expect(alone.ledger.paths[Domain.path(1)]?.interfaceLabel == 99)
        alone.passes(.seconds(601))
        #expect(alone.session == nil && alone.ledger.isEmpty)
    }

    /// §5.3.5, §9.1: MinDelayBeforeBCEDelete after the leave, and not before, the entry goes with its routes.
    @Test func leaveIsAcceptedAndTheEntryDeletedTenSecondsLater() throws {
        var alone = LoneAnchor()
        alone.ask()
        let reply = try #require(alone.ask { ($0.lifetime, $0.handoff) = (.zero, .unknown) })
        #expect(reply.status == .accepted && reply.lifetime.isZero)
        #expect(reply.options.all(HomeNetworkPrefix.self) == [Self.own(0)])
        #expect(alone.ledger.paths.isEmpty)
        alone.passes(.milliseconds(9_900))
        #expect(alone.session?.legs.map(\.state) == ["delete-pending"] && alone.ledger.prefixes.count == 1)
        alone.passes(.milliseconds(200))
        #expect(alone.session == nil && alone.ledger.isEmpty && alone.ledger.faults.isEmpty)
    }

    /// §5.4.1: a leave that fits no session is not answered, whatever it is looked up by.
    @Test func leaveThatFitsNoSessionIsIgnored() {
        var alone = LoneAnchor()
        for named in [[HomeNetworkPrefix.request], [Self.own(3)]] {
            for option in [[], [MobileNodeLinkLayerIdentifier([9])]] as [[any MobilityOption]] {
                let answer = alone.ask {
                    ($0.lifetime, $0.handoff, $0.prefixes, $0.further) = (.zero, .unknown, named, option)
                    ($0.multipath, $0.gateway) = (nil, nil)
                }
                #expect(answer == nil)
            }
        }
        #expect(alone.drops == [.deregistrationOfNothing: 4] && alone.ledger.isEmpty)
    }

    /// §5.5: beside a time stamp the number orders nothing and is only copied.
    @Test func numberBesideATimestampOrdersNothing() {
        var alone = LoneAnchor()
        #expect(alone.ask { $0.sequence = 1000 }?.status == .accepted)
        let reply = alone.ask { ($0.sequence, $0.handoff) = (3, .notChanged) }
        #expect(reply?.status == .accepted && reply?.sequence == 3)
    }

    /// §5.3.4: the session moves with its prefixes; the old gateway's routes are gone, the new one's are there.
    @Test func sessionMovesToAnotherGatewayWithItsPrefixes() throws {
        var settings = Domain.anchor
        let association = SecurityAssociation(spi: 400, key: [4], algorithm: .hmacSHA256_128)
        let name = NodeIdentifier(nai: "mag2@example.net")
        settings.gateways.append(
            GatewayPeer(identifier: name, mobileNodes: [Domain.mobileNode], authentication: .sharedKey(association))
        )
        var alone = LoneAnchor(settings)
        let identifier = MobileNodeLinkLayerIdentifier([7])
        alone.ask {
            ($0.multipath, $0.gateway, $0.further) = (nil, nil, [identifier])
            $0.authentication = .sharedKey(Domain.association)
        }
        let before = alone.ledger.prefixes
        let reply = try #require(
            alone.ask {
                ($0.multipath, $0.gateway, $0.further) = (nil, nil, [identifier])
                ($0.source, $0.authentication) = (Domain.wlan, .sharedKey(association))
                ($0.handoff, $0.prefixes) = (.handoffBetweenGateways, [Self.own(0)])
            }
        )
        #expect(reply.status == .accepted && reply.options.all(HomeNetworkPrefix.self) == [Self.own(0)])
        #expect(alone.session?.gateway == name && alone.session?.legs.count == 1)
        #expect(alone.ledger.paths.values.map(\.remoteAddress) == [Domain.wlan])
        #expect(alone.ledger.prefixes == before && alone.ledger.faults.isEmpty)
    }

    /// §5.3.1 (12): a session's entry is found again, so that the same attachment never has two.
    @Test func sameAttachmentHasOneSession() {
        var alone = LoneAnchor()
        for handoff in [HandoffIndicator.attachmentOverNewInterface, .notChanged, .unknown] {
            let reply = alone.ask {
                ($0.multipath, $0.gateway, $0.handoff) = (nil, nil, handoff)
                $0.prefixes = [Self.own(0)]
            }
            #expect(reply?.status == .accepted)
        }
        #expect(alone.anchor.snapshot.sessions.count == 1 && alone.ledger.prefixes.count == 1)
    }

    /// RFC 4285 §5.1 with RFC 5213 §5.3.1 (1): nothing of a message is looked at before it is authentic.
    @Test func unauthenticatedUpdateGetsNoStatusOfItsFaults() {
        var alone = LoneAnchor()
        let reply = alone.ask { ($0.authentication, $0.handoff) = (.none, nil) }
        #expect(reply == nil && alone.drops == [.authenticationMissing: 1])
    }
}
