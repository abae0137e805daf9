// SPDX-License-Identifier: Apache-2.0
import Mobility
import Testbed
import Testing
import Wire

/// Which session an update without multipath is about (RFC 5213 §5.4.1, RFC 5844 §3.1.2.7, RFC 7864 §3.2.1).
@Suite struct BindingLookupTests {
    typealias Domain = ExampleDomain
    typealias Change = (inout HandmadeUpdate) -> Void

    private static func own(_ number: UInt64) -> HomeNetworkPrefix {
        HomeNetworkPrefix(address: IPv6Address(high: 0x2001_0DB8_1234_0000 + number, low: 0), prefixLength: 64)
    }

    private static let interface = MobileNodeLinkLayerIdentifier([2, 0, 0, 0, 0, 1])
    private static let otherInterface = MobileNodeLinkLayerIdentifier([2, 0, 0, 0, 0, 2])

    private func plain(_ handoff: HandoffIndicator, _ change: @escaping Change = { _ in }) -> Change {
        {
            $0.isPlain()
            $0.handoff = handoff
            change(&$0)
        }
    }

    /// The numbers of the sessions after one first attachment and one more update.
    private func numbers(_ first: @escaping Change, _ second: @escaping Change) -> [UInt32] {
        var alone = LoneAnchor(GatewayPair.anchor)
        #expect(alone.ask(first)?.status == .accepted)
        #expect(alone.ask(second)?.status == .accepted)
        #expect(alone.ledger.faults.isEmpty)
        let sessions = alone.anchor.snapshot.sessions
        #expect(Set(sessions.flatMap(\.homeNetworkPrefixes)).count == sessions.count)
        return sessions.map(\.identifier.number)
    }

    // MARK: A prefix is named (RFC 5213 §5.4.1.1)

    /// Conditions of (5), one by one, each from another care-of address but the last.
    @Test func namedPrefixesUpdateTheirSession() {
        let first = plain(.attachmentOverNewInterface) { $0.further = [Self.interface] }
        let anonymous = plain(.attachmentOverNewInterface)
        let updates: [(Change, Change)] = [
            (first, plain(.unknown) { ($0.source, $0.further) = (Domain.wlan, [Self.interface]) }),
            (
                first,
                plain(.handoffBetweenInterfaces) {
                    ($0.source, $0.technology) = (Domain.wlan, AccessTechnologyType(.wlan))
                }
            ),
            (anonymous, plain(.handoffBetweenGateways) { $0.source = Domain.wlan }),
            (first, plain(.attachmentOverNewInterface)),
        ]
        for (first, second) in updates {
            let named: Change = {
                second(&$0)
                $0.prefixes = [Self.own(0)]
            }
            #expect(numbers(first, named) == [0])
        }
    }

    /// (6): all else asks for a new session, and cannot have another attachment's prefix.
    @Test func namedPrefixOfAnotherAttachmentIsNotHadTwice() {
        let others: [Change] = [
            plain(.attachmentOverNewInterface) { $0.source = Domain.wlan },
            plain(.handoffBetweenGateways) { ($0.source, $0.further) = (Domain.wlan, [Self.otherInterface]) },
            plain(.attachmentOverNewInterface) { $0.technology = AccessTechnologyType(.wlan) },
        ]
        for other in others {
            var alone = LoneAnchor()
            alone.ask(plain(.attachmentOverNewInterface))
            let reply = alone.ask {
                other(&$0)
                $0.prefixes = [Self.own(0)]
            }
            #expect(reply?.status == .notAuthorizedForHomeNetworkPrefix)
            #expect(alone.session?.legs.map(\.careOfAddress) == [Domain.lte])
        }
    }

    @Test func namedPrefixesThatNobodyHasAreANewSession() {
        let first = plain(.attachmentOverNewInterface)
        let second = plain(.handoffBetweenGateways) { ($0.source, $0.prefixes) = (Domain.wlan, [Self.own(7)]) }
        #expect(numbers(first, second) == [0, 1])
    }

    /// (3) and (4)
    @Test func prefixOfAnotherNodeAndAnotherSetAreRefused() {
        var settings = Domain.anchor
        settings.gateways[0].mobileNodes.append(AnchorStatusTests.other)
        var alone = LoneAnchor(settings)
        alone.ask(plain(.attachmentOverNewInterface))
        let foreign = alone.ask(
            plain(.handoffBetweenInterfaces) {
                ($0.mobileNode, $0.prefixes) = (AnchorStatusTests.other, [Self.own(0)])
            }
        )
        #expect(foreign?.status == .notAuthorizedForHomeNetworkPrefix)
        let more = alone.ask(plain(.handoffBetweenInterfaces) { $0.prefixes = [Self.own(0), Self.own(1)] })
        #expect(more?.status == .prefixSetDoesNotMatch)
        #expect(more?.options.all(HomeNetworkPrefix.self) == [Self.own(0), Self.own(1)])
    }

    // MARK: An IPv4 home address is named (RFC 5844 §3.1.2.7)

    @Test func namedHomeAddressIsAKeyOfItsOwn() throws {
        var settings = GatewayPair.anchor
        settings.ipv4HomeAddresses = PrefixPool(range: Domain.prefix("10.9.0.0/24"), length: 32)
        var alone = LoneAnchor(settings)
        let asked = alone.ask(
            plain(.attachmentOverNewInterface) { ($0.prefixes, $0.further) = ([], [IPv4HomeAddressRequest.allocation]) }
        )
        let address = try #require(asked?.options.first(IPv4HomeAddressReply.self)?.address)
        let named = IPv4HomeAddressRequest(address: address, prefixLength: 24)
        let moved = alone.ask(
            plain(.handoffBetweenGateways) {
                $0.isSecondGateways()
                ($0.prefixes, $0.further) = ([], [named])
            }
        )
        #expect(moved?.status == .accepted)
        #expect(alone.anchor.snapshot.sessions.map(\.identifier.number) == [0])
        #expect(alone.session?.gateway == GatewayPair.secondName)
        let further = alone.ask(
            plain(.attachmentOverNewInterface) { ($0.prefixes, $0.further) = ([], [named]) }
        )
        #expect(further?.status == .notAuthorizedForIPv4HomeAddress)
    }

    // MARK: A link-layer identifier (RFC 5213 §5.4.1.2)

    @Test func interfaceIsKnownByItsLinkLayerIdentifier() {
        let first = plain(.attachmentOverNewInterface) { $0.further = [Self.interface] }
        let moved = { (handoff: HandoffIndicator, interface: MobileNodeLinkLayerIdentifier) -> Change in
            self.plain(handoff) { ($0.source, $0.further) = (Domain.wlan, [interface]) }
        }
        #expect(numbers(first, moved(.attachmentOverNewInterface, Self.interface)) == [0])
        #expect(numbers(first, moved(.handoffBetweenInterfaces, Self.otherInterface)) == [0])
        #expect(numbers(first, moved(.handoffBetweenGateways, Self.otherInterface)) == [0, 1])
        #expect(numbers(first, moved(.attachmentOverNewInterface, Self.otherInterface)) == [0, 1])
        let other = plain(.attachmentOverNewInterface) {
            ($0.technology, $0.further) = (AccessTechnologyType(.wlan), [Self.interface])
        }
        #expect(numbers(first, other) == [0, 1])
    }

    /// With two sessions nothing tells which of them is handed over.
    @Test func handoffBetweenInterfacesNeedsTheOnlySession() {
        var alone = LoneAnchor()
        alone.ask(plain(.attachmentOverNewInterface) { $0.further = [Self.interface] })
        alone.ask(plain(.attachmentOverNewInterface) { $0.further = [Self.otherInterface] })
        let third = MobileNodeLinkLayerIdentifier([3])
        alone.ask(plain(.handoffBetweenInterfaces) { ($0.source, $0.further) = (Domain.wlan, [third]) })
        #expect(alone.anchor.snapshot.sessions.map(\.identifier.number) == [0, 1, 2])
    }

    // MARK: The node alone (RFC 5213 §5.4.1.3)

    @Test func nodeAloneIsEnoughForItsOnlySession() {
        let first = plain(.attachmentOverNewInterface)
        for handoff in [HandoffIndicator.handoffBetweenInterfaces, .handoffBetweenGateways] {
            #expect(numbers(first, plain(handoff) { $0.source = Domain.wlan }) == [0])
        }
        #expect(numbers(first, plain(.attachmentOverNewInterface) { $0.source = Domain.wlan }) == [0, 1])
    }

    /// The acknowledgement was lost: the gateway asks again as if it were the first time.
    @Test func firstUpdateRepeatedIsNoSecondAttachment() {
        let first = plain(.attachmentOverNewInterface)
        #expect(numbers(first, first) == [0])
        var alone = LoneAnchor()
        alone.ask(first)
        alone.ask(plain(.notChanged) { $0.prefixes = [Self.own(0)] })
        // It has named its prefix: what asks for one now is something else.
        alone.ask(first)
        #expect(alone.anchor.snapshot.sessions.map(\.identifier.number) == [0, 1])
    }

    @Test func lowestFreeNumberIsTaken() {
        var alone = LoneAnchor()
        for interface in [Self.interface, Self.otherInterface] {
            alone.ask(plain(.attachmentOverNewInterface) { $0.further = [interface] })
        }
        alone.ask(plain(.unknown) { ($0.lifetime, $0.prefixes, $0.further) = (.zero, [Self.own(0)], [Self.interface]) })
        alone.passes(.seconds(11))
        #expect(alone.anchor.snapshot.sessions.map(\.identifier.number) == [1])
        alone.ask(plain(.attachmentOverNewInterface) { $0.further = [Self.interface] })
        #expect(alone.anchor.snapshot.sessions.map(\.identifier.number) == [0, 1])
        #expect(alone.ledger.faults.isEmpty && alone.ledger.sessions.count == 2)
    }

    // MARK: Leaves

    /// §5.4.1: what fits no session is ignored, in each of the three look-ups.
    @Test func leaveThatFitsNoSessionIsIgnored() {
        var alone = LoneAnchor()
        alone.ask(plain(.attachmentOverNewInterface) { $0.further = [Self.interface] })
        alone.ask(plain(.attachmentOverNewInterface) { $0.further = [Self.otherInterface] })
        let third = MobileNodeLinkLayerIdentifier([3])
        let leaves: [Change] = [
            { $0.prefixes = [Self.own(9)] }, { $0.further = [third] }, { _ in },
            { ($0.prefixes, $0.source) = ([Self.own(0)], Domain.wlan) },
        ]
        for leave in leaves {
            let answer = alone.ask(
                plain(.unknown) {
                    $0.lifetime = .zero
                    leave(&$0)
                }
            )
            #expect(answer == nil)
        }
        #expect(alone.drops == [.deregistrationOfNothing: 4] && alone.ledger.paths.count == 2)
    }

    /// §5.3.5: within the time of grace the session is the node's again, with its prefixes.
    @Test func deregisteredSessionIsRevived() {
        for again in [plain(.attachmentOverNewInterface), plain(.unknown) { $0.source = Domain.wlan }] {
            var alone = LoneAnchor(GatewayPair.anchor)
            alone.ask(plain(.attachmentOverNewInterface))
            alone.ask(plain(.unknown) { ($0.lifetime, $0.prefixes) = (.zero, [Self.own(0)]) })
            alone.passes(.seconds(9))
            #expect(alone.ask(again)?.options.all(HomeNetworkPrefix.self) == [Self.own(0)])
            alone.passes(.seconds(5))
            #expect(alone.session?.legs.map(\.state) == ["active"] && alone.ledger.paths.count == 1)
        }
    }

    // MARK: Shared prefixes (RFC 7864 §3.2.1)

    @Test func newInterfaceSharesThePrefixes() {
        var alone = LoneAnchor()
        alone.ask(plain(.attachmentOverNewInterface) { $0.further = [Self.interface] })
        let sharing = plain(.attachmentSharingPrefixes) {
            ($0.source, $0.prefixes, $0.further) = (Domain.wlan, [Self.own(0)], [Self.otherInterface])
        }
        #expect(alone.ask(sharing)?.options.all(HomeNetworkPrefix.self) == [Self.own(0)])
        let sessions = alone.anchor.snapshot.sessions
        #expect(sessions.map(\.identifier.number) == [0, 1])
        #expect(
            sessions.map(\.homeNetworkPrefixes) == Array(repeating: [Domain.prefix("2001:db8:1234::/64")], count: 2)
        )
        // Once more from there is an update of the second.
        #expect(alone.ask(sharing)?.status == .accepted && alone.anchor.snapshot.sessions.count == 2)
        // One of them goes; the prefix, its route and the other stay.
        alone.ask(
            plain(.unknown) { ($0.lifetime, $0.prefixes, $0.further) = (.zero, [Self.own(0)], [Self.interface]) }
        )
        alone.passes(.seconds(11))
        #expect(alone.anchor.snapshot.sessions.map(\.identifier.number) == [1])
        #expect(alone.ledger.prefixes == [Domain.prefix("2001:db8:1234::/64")])
        let another = alone.ask(plain(.attachmentOverNewInterface) { $0.further = [Self.interface] })
        #expect(another?.options.all(HomeNetworkPrefix.self) == [Self.own(1)])
        #expect(alone.ledger.faults.isEmpty)
    }

    /// §4.1: off-link the gateway hosts it, and so it is told.
    @Test func offLinkPrefixStaysOffLink() {
        var alone = LoneAnchor()
        alone.ask(plain(.attachmentOverNewInterface))
        var offLink = Self.own(0)
        offLink.isOffLink = true
        let reply = alone.ask(plain(.notChanged) { $0.prefixes = [offLink] })
        #expect(reply?.options.all(HomeNetworkPrefix.self) == [offLink])
    }
}
