// SPDX-License-Identifier: Apache-2.0
import Mobility
import Testbed
import Testing
import Wire

/// What RFC 5213 §6 asks of a gateway, rule by rule, where no other suite does.
@Suite struct RulesGatewayTests {
    typealias Domain = ExampleDomain

    private static let optional: Set<UInt8> = [
        GREKey.type, DelegatedMobileNetworkPrefix.type, MessageAuthentication.type, VendorSpecific.type,
    ]

    private static func kinds(_ update: BindingUpdate?) -> [UInt8] {
        (update?.options.all.map(\.optionType) ?? []).filter { !optional.contains($0) }
    }

    /// §6.9.1.1, §6.9.1.5: what every first update carries, from where and to where.
    @Test func firstUpdateHasWhatItMustHaveAndNothingElse() throws {
        let alone = LoneGateway()
        let (datagram, update) = (try #require(alone.sent.first), try #require(alone.updates.first))
        #expect(datagram.source == Domain.lte && datagram.destination == Domain.anchorIPv6)
        #expect(update.flags == [.acknowledge, .proxyRegistration])
        #expect(update.options.first(MobileNodeIdentifier.self)?.identifier == Domain.mobileNode)
        // One request for a prefix stands alone.
        #expect(update.options.all(HomeNetworkPrefix.self) == [.request])
        #expect(update.options.first(HandoffIndicator.self) == .attachmentOverNewInterface)
        #expect(update.options.first(AccessTechnologyType.self) == AccessTechnologyType(.virtual))
        #expect(update.options.first(TimestampOption.self)?.timestamp == alone.now.timestamp)
        // A logical node has no link layer, and its router's address is the LAN's own.
        #expect(update.options.first(MobileNodeLinkLayerIdentifier.self) == nil)
        #expect(update.options.first(LinkLocalAddress.self) == nil)
        #expect(Set(Self.kinds(update)).count == Self.kinds(update).count)
        // §8.1: no prefix is longer than an address, reserved bits are zero (octet for octet in the vectors).
        #expect(update.options.malformed.isEmpty)
    }

    /// §6.9.1.3, §6.9.1.4: refresh and leave carry the options of the first update, the prefixes by name.
    @Test func refreshAndLeaveHaveTheOptionsOfTheFirstUpdate() throws {
        var talk = Domain.registered()
        let first = try #require(talk.updates(from: Domain.lte).first)
        talk.passes(.seconds(3600))
        let refresh = try #require(talk.updates.last)
        #expect(Self.kinds(refresh) == Self.kinds(first))
        #expect(refresh.options.first(HandoffIndicator.self) == .notChanged)
        talk.forgetMessages()
        talk.gatewayStops()
        let leave = try #require(talk.updates(from: Domain.lte).first)
        #expect(leave.lifetime.isZero && leave.options.first(HandoffIndicator.self) == .unknown)
        #expect(Self.kinds(leave) == Self.kinds(first))
        let named = Domain.prefix("2001:db8:1234::/64")
        for update in [refresh, leave] {
            #expect(update.options.all(HomeNetworkPrefix.self).compactMap(\.prefix) == [named])
            #expect(update.flags.isSuperset(of: [.acknowledge, .proxyRegistration]))
        }
    }

    /// §6.9.1.3: all prefixes of a session that has several.
    @Test func refreshNamesEveryPrefix() {
        var alone = LoneGateway()
        let second = HomeNetworkPrefix(address: IPv6Address(high: 0x2001_0DB8_1234_0005, low: 0), prefixLength: 64)
        alone.answer { $0.options.append(second) }
        #expect(alone.ledger.prefixes.count == 2)
        alone.passes(.seconds(3561))
        #expect(alone.updates.last?.options.all(HomeNetworkPrefix.self).compactMap(\.prefix).count == 2)
    }

    /// §6.9.1.2: what the anchor has to repeat and does not repeat makes the answer somebody else's.
    @Test(arguments: [HandoffIndicator.type, AccessTechnologyType.type, MobileNodeIdentifier.type])
    func answerThatRepeatsSomethingElseIsIgnoredAndNothingRepeated(_ type: UInt8) {
        var alone = LoneGateway()
        alone.answer { reply in
            reply.options = MobilityOptions(
                reply.options.all.map { option in
                    guard option.optionType == type else { return option }
                    switch type {
                    case HandoffIndicator.type: return HandoffIndicator.unknown
                    case AccessTechnologyType.type: return AccessTechnologyType(.wlan)
                    default: return MobileNodeIdentifier(NodeIdentifier(nai: "x@example.net"))
                    }
                }
            )
        }
        #expect(alone.drops == [.answerDoesNotMatch: 1] && alone.ledger.isEmpty)
        alone.passes(.seconds(3000))
        #expect(alone.updates.count == 1)
    }

    /// §8.2: what is not understood is skipped.
    @Test func optionsThatNobodyKnowsAreSkipped() {
        var alone = LoneGateway()
        alone.answer { $0.options.append(UnknownOption(optionType: 201, data: [1])) }
        #expect(alone.ledger.paths.count == 1 && alone.drops.isEmpty)
    }

    /// §6.9.1.2: tunnel, route and prefix follow the acceptance, none of them comes before it.
    @Test func nothingIsForwardedBeforeTheAcceptance() {
        var alone = LoneGateway()
        #expect(alone.ledger.isEmpty)
        alone.answer()
        #expect(alone.ledger.sessions.count == 1 && alone.ledger.paths.count == 1 && alone.ledger.prefixes.count == 1)
    }

    /// §6.9.1.2: refused on a refresh, the node has no service any more.
    @Test(arguments: [BindingStatus.notLMAForThisMobileNode, .magNotAuthorizedForProxyRegistration])
    func refusedRefreshLeavesNoPathAndHostsAreNotServed(_ status: BindingStatus) {
        var alone = LoneGateway()
        alone.answer()
        alone.passes(.seconds(3561))
        alone.answer(status)
        #expect(alone.ledger.paths.isEmpty)
        alone.passes(.seconds(60))
        #expect(alone.ledger.isEmpty)
    }

    /// §6.12: another prefix takes the place of the old one, whose routes go.
    @Test func renumberedPrefixTakesTheOldOnesPlace() {
        var alone = LoneGateway()
        alone.answer()
        alone.passes(.seconds(3561))
        let new = HomeNetworkPrefix(address: IPv6Address(high: 0x2001_0DB8_9999_0000, low: 0), prefixLength: 64)
        alone.answer {
            $0.options = MobilityOptions($0.options.all.map { $0.optionType == HomeNetworkPrefix.type ? new : $0 })
        }
        #expect(alone.ledger.prefixes == [Domain.prefix("2001:db8:9999::/64")])
        #expect(alone.ledger.sessions.values.first?.prefixes == [Domain.prefix("2001:db8:9999::/64")])
        #expect(alone.ledger.faults.isEmpty)
    }

    /// §6.9.1.1: the number grows by one from update to update, over all paths together.
    @Test func numbersAreOneAfterTheOther() {
        var talk = Domain.registered()
        talk.passes(.seconds(20_000))
        talk.gatewayStops()
        let numbers = talk.updates.map(\.sequence)
        #expect(numbers.count > 6)
        #expect(zip(numbers, numbers.dropFirst()).allSatisfy { $1 == $0 &+ 1 })
    }

    /// §6.9.1.4: without an answer to the leave the end comes after INITIAL_BINDACK_TIMEOUT, with an answer at once.
    @Test(arguments: [true, false])
    func stopWaitsForItsAnswerASecondAtMost(_ isAnswered: Bool) {
        var talk = Domain.registered()
        if !isAnswered { talk.network.dead = [Domain.lte, Domain.dsl] }
        talk.gatewayStops()
        #expect(talk.atGateway.paths.isEmpty && !talk.gateway.isStopped)
        talk.passes(.milliseconds(isAnswered ? 30 : 990))
        #expect(talk.gateway.isStopped == isAnswered)
        talk.passes(.milliseconds(20))
        #expect(talk.gateway.isStopped && talk.atGateway.isEmpty)
    }
}
