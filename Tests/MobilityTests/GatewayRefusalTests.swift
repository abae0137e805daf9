// SPDX-License-Identifier: Apache-2.0
import Mobility
import Testbed
import Testing
import Wire

/// What the gateway does about answers that it does not like.
@Suite struct GatewayRefusalTests {
    typealias Domain = ExampleDomain

    @Test func wrongClockIsNotHeldAgainstItForEver() {
        var settings = Domain.gateway
        settings.anchors[0].clock = .own
        var alone = LoneGateway(settings)
        alone.answer(.timestampMismatch) {
            $0.options = $0.options.replacing(TimestampOption(Timestamp(seconds: 1_700_000_010)))
        }
        #expect(alone.ledger.notices.contains(.clockDiffers(from: Domain.anchorIPv6, by: .seconds(10))))
        #expect(alone.updates.count == 1)
        alone.passes(.seconds(29))
        #expect(alone.updates.count == 1)
        alone.passes(.milliseconds(1500))
        #expect(alone.updates.count == 2)
    }

    @Test func tooOldATimestampIsRepeatedAtOnceButNotForEver() {
        var alone = LoneGateway()
        for count in 2...4 {
            alone.answer(.timestampLowerThanPreviouslyAccepted)
            #expect(alone.updates.count == count)
        }
        alone.answer(.timestampLowerThanPreviouslyAccepted)
        #expect(alone.updates.count == 4)
        let stamps = alone.updates.compactMap { $0.options.first(TimestampOption.self)?.timestamp }
        #expect(stamps == stamps.sorted() && Set(stamps).count == 4)
    }

    @Test func numberOutOfWindowContinuesFromTheAnchorsNumber() {
        var alone = LoneGateway()
        alone.answer(.sequenceNumberOutOfWindow) { $0.sequence = 7000 }
        #expect(alone.updates.last?.sequence == 7001)
    }

    @Test(arguments: [BindingStatus.notAuthorizedForHomeNetworkPrefix, .prefixSetDoesNotMatch])
    func refusedPrefixIsNotAskedForAgain(_ status: BindingStatus) {
        var alone = LoneGateway()
        alone.answer()
        #expect(alone.ledger.prefixes.count == 1)
        alone.passes(.seconds(3561))
        #expect(alone.updates.last?.options.first(HandoffIndicator.self) == .notChanged)
        alone.answer(status)
        #expect(alone.updates.last?.options.all(HomeNetworkPrefix.self) == [.request])
        #expect(alone.ledger.isEmpty)
        alone.answer()
        #expect(alone.ledger.paths.count == 1 && alone.ledger.faults.isEmpty)
    }

    @Test func refusedDelegationIsGivenUp() {
        var alone = LoneGateway()
        alone.answer(.notAuthorizedForDelegatedPrefix)
        #expect(alone.updates.count == 2)
        #expect(alone.updates.last?.options.first(DelegatedMobileNetworkPrefix.self) == nil)
    }

    @Test func delegatedPrefixInUseIsReplacedByAWish() {
        var alone = LoneGateway()
        alone.answer { $0.options.append(DelegatedMobileNetworkPrefix(Domain.prefix("2001:db8:5600::/56"))) }
        alone.passes(.seconds(3561))
        alone.answer(.requestedDelegatedPrefixInUse)
        #expect(alone.updates.last?.options.all(DelegatedMobileNetworkPrefix.self) == [.requestIPv6, .requestIPv4])
        #expect(alone.ledger.prefixes == [Domain.prefix("2001:db8:1234::/64")])
        #expect(alone.ledger.faults.isEmpty)
    }

    @Test(arguments: [128, 129, 130, 146, 153, 154, 160, 163, 170, 200] as [UInt8])
    func otherRefusalsAreHeldDown(_ status: UInt8) {
        var alone = LoneGateway()
        alone.answer(BindingStatus(rawValue: status))
        #expect(alone.legs.first?.state == "refused")
        #expect(alone.legs.first?.status == BindingStatus(rawValue: status))
        alone.passes(.seconds(59))
        #expect(alone.updates.count == 1)
        alone.passes(.milliseconds(1500))
        #expect(alone.updates.count == 2)
        #expect(alone.ledger.isEmpty)
    }

    @Test func nodeThatIsNotEntitledStops() {
        var alone = LoneGateway()
        alone.answer(.proxyRegistrationNotEnabled)
        alone.passes(.seconds(86400))
        #expect(alone.updates.count == 1)
    }

    @Test func acceptanceWithoutAnyPrefixIsTakenBack() {
        var alone = LoneGateway()
        alone.answer { $0.options = MobilityOptions($0.options.all.filter { !($0 is HomeNetworkPrefix) }) }
        #expect(alone.updates.last?.lifetime.isZero == true)
        #expect(alone.ledger.isEmpty)
        #expect(alone.legs.first?.state == "refused")
    }

    @Test func keyInOneDirectionOnlyIsTakenBack() {
        var alone = LoneGateway()
        alone.answer { $0.options = $0.options.replacing(GREKey(nil)) }
        #expect(alone.updates.last?.lifetime.isZero == true)
        #expect(alone.ledger.isEmpty)
    }

    @Test func refusedRefreshTakesThePathOut() {
        var alone = LoneGateway()
        alone.answer()
        alone.passes(.seconds(3561))
        alone.answer(.administrativelyProhibited)
        #expect(alone.ledger.paths.isEmpty)
        #expect(alone.ledger.notices.contains(.bindingRemoved(Domain.path(1), reason: .refused)))
    }

    @Test func answerToAnotherNodeIsIgnoredAndNothingRepeated() {
        var alone = LoneGateway()
        alone.answer { $0.options = $0.options.replacing(MobileNodeIdentifier(NodeIdentifier(nai: "x@example.net"))) }
        #expect(alone.drops == [.answerDoesNotMatch: 1])
        alone.passes(.seconds(600))
        #expect(alone.updates.count == 1)
        #expect(alone.ledger.isEmpty)
    }

    /// RFC 5213 §6.9.1.2: not even when the binding has run out meanwhile.
    @Test func answerToAnotherNodeOnARefreshIsNotFollowedByARegistration() {
        var alone = LoneGateway()
        alone.answer()
        alone.passes(.seconds(3561))
        alone.answer { $0.options = $0.options.replacing(MobileNodeIdentifier(NodeIdentifier(nai: "x@example.net"))) }
        let count = alone.updates.count
        alone.passes(.seconds(7200))
        #expect(alone.updates.count == count && alone.ledger.paths.isEmpty)
    }

    /// RFC 8278 §4.4: multipath that was refused is asked for again after an hour, and the path serves on meanwhile.
    @Test func refusedMultipathIsAskedForAgainLater() {
        var alone = LoneGateway()
        alone.answer(.cannotSupportMultipathBinding)
        alone.answer()
        #expect(alone.ledger.paths.keys.map(\.binding) == [nil])
        alone.passes(.seconds(3565))
        alone.answer()
        alone.passes(.seconds(36))
        let asked = alone.updates.last?.options
        #expect(asked?.first(MAGMultipathBinding.self)?.isOverwrite == true)
        #expect(asked?.first(HandoffIndicator.self) == .attachmentOverNewInterface)
        #expect(alone.ledger.paths.keys.map(\.binding) == [nil])
        alone.answer()
        #expect(alone.ledger.paths.keys.map(\.binding) == [Domain.binding(1)])
        #expect(alone.ledger.faults.isEmpty)
    }

    @Test func multipathRefusedAgainIsToldOnceAndBreaksNothing() {
        var alone = LoneGateway()
        alone.answer(.cannotSupportMultipathBinding)
        for _ in 0..<3 {
            alone.answer()
            alone.passes(.seconds(3565))
            alone.answer()
            alone.passes(.seconds(36))
            alone.answer(.cannotSupportMultipathBinding)
            #expect(alone.ledger.paths.keys.map(\.binding) == [nil])
        }
        let told = alone.ledger.notices.filter { if case .multipathUnavailable = $0 { true } else { false } }
        #expect(told.count == 1 && alone.ledger.faults.isEmpty)
    }

    /// RFC 5213 §6.9.1.2
    @Test func nodeThatIsNotEntitledStopsWhateverItsLinksDo() {
        var alone = LoneGateway()
        alone.answer(.proxyRegistrationNotEnabled)
        alone.tell(.wanChanged("wan1", .down))
        alone.tell(.wanChanged("wan1", .up(careOfAddress: Domain.lte)))
        alone.tell(.wanChanged("wan2", .up(careOfAddress: Domain.dsl)))
        alone.passes(.seconds(7200))
        #expect(alone.updates.count == 1)
    }

    /// RFC 5213 §6.9.1.2: what the request did not say, its answer cannot repeat.
    @Test func answerWithALinkLayerIdentifierIsIgnored() {
        var alone = LoneGateway()
        alone.answer { $0.options.append(MobileNodeLinkLayerIdentifier([1, 2, 3, 4, 5, 6])) }
        #expect(alone.drops == [.answerDoesNotMatch: 1] && alone.ledger.isEmpty)
    }

    /// RFC 5213 §6.9.1.2
    @Test func refusedRefreshOfTheOnlyPathWithdrawsThePrefix() {
        var alone = LoneGateway()
        alone.answer()
        #expect(!alone.ledger.prefixes.isEmpty)
        alone.passes(.seconds(3561))
        alone.answer(.magNotAuthorizedForProxyRegistration)
        #expect(alone.ledger.isEmpty && alone.ledger.faults.isEmpty)
        // The next attempt asks for the same by name.
        alone.passes(.seconds(61))
        #expect(alone.updates.last?.options.all(HomeNetworkPrefix.self).map(\.isRequest) == [false])
    }

    /// RFC 5844 §3.2.3.2
    @Test(arguments: [BindingStatus.notAuthorizedForIPv4MobilityService, .notAuthorizedForIPv6MobilityService])
    func refusedServiceIsNotAskedForAgain(_ status: BindingStatus) {
        var settings = Domain.gateway
        settings.requestsIPv4HomeAddress = true
        var alone = LoneGateway(settings)
        let isAddressRefused = status == .notAuthorizedForIPv4MobilityService
        alone.answer(status)
        // Refused as a whole, the attempt after the hold-down is no other.
        alone.answer(.magNotAuthorizedForProxyRegistration)
        alone.passes(.seconds(61))
        alone.tell(.wanChanged("wan1", .down))
        alone.tell(.wanChanged("wan1", .up(careOfAddress: Domain.lte)))
        for update in alone.updates.dropFirst() {
            #expect((update.options.first(IPv4HomeAddressRequest.self) == nil) == isAddressRefused)
            #expect(update.options.all(HomeNetworkPrefix.self).isEmpty != isAddressRefused)
        }
        #expect(alone.updates.count > 3)
    }

    @Test func answersThatFitNoRequestAreDropped() {
        var alone = LoneGateway()
        alone.answer { $0.sequence &+= 100 }
        alone.answer { $0.options = $0.options.replacing(TimestampOption(Timestamp(seconds: 1))) }
        alone.answer { $0.flags = [] }
        #expect(alone.drops == [.noMatchingRequest: 1, .answerDoesNotMatch: 1, .notProxyRegistration: 1])
        alone.answer()
        #expect(alone.ledger.paths.count == 1)
        alone.answer()
        #expect(alone.drops[.noMatchingRequest] == 2)
    }

    @Test func multipathRefusedOnARefreshKeepsOnePath() {
        var settings = Domain.anchor
        var talk = Domain.registered(anchor: settings)
        settings.gateways[0].isMultipathAllowed = false
        talk.anchorRestarts(settings)
        talk.passes(.seconds(3700))
        #expect(talk.atGateway.paths.keys.map(\.binding) == [nil])
        #expect(talk.atAnchor.paths.keys.map(\.binding) == [nil])
        #expect(talk.atGateway.faults.isEmpty && talk.atAnchor.faults.isEmpty)
    }
}

extension MobilityOptions {
    fileprivate func replacing(_ option: some MobilityOption) -> MobilityOptions {
        MobilityOptions(all.map { $0.optionType == option.optionType ? option : $0 })
    }
}
