// SPDX-License-Identifier: Apache-2.0
import Mobility
import Testbed
import Testing
import Wire

/// RFC 8278's rules, one by one.
@Suite struct MultipathRuleTests {
    typealias Domain = ExampleDomain

    @Test func rule1EveryUpdateOnEveryPathCarriesBothOptions() {
        var talk = Domain.registered()
        talk.passes(.seconds(8000))
        talk.down("wan2")
        talk.passes(.seconds(1))
        talk.gatewayStops()
        talk.passes(.seconds(2))
        let updates = talk.updates
        #expect(updates.contains { $0.lifetime.isZero })
        #expect(updates.contains { $0.options.first(HandoffIndicator.self) == .notChanged })
        #expect(
            updates.allSatisfy {
                $0.options.first(MAGMultipathBinding.self) != nil
                    && $0.options.first(MAGIdentifier.self)?.identifier == Domain.gatewayName
            }
        )
    }

    @Test func rule2CapabilityIsAskedOnOnePathFirst() {
        var talk = Conversation(anchor: Domain.anchor, gateway: Domain.gateway)
        talk.gatewayStarts()
        talk.up("wan1", Domain.lte)
        talk.up("wan2", Domain.dsl)
        #expect(talk.updates.count == 1)
        talk.passes(.milliseconds(21))
        #expect(talk.updates.count == 2)
        #expect(talk.updates(from: Domain.dsl).count == 1)
    }

    @Test func rule3AcknowledgementEchoesTheBindingAndNoGatewayName() {
        let talk = Domain.registered()
        #expect(talk.acknowledgements.count == 2)
        for (update, reply) in zip(talk.updates, talk.acknowledgements) {
            #expect(reply.options.first(MAGMultipathBinding.self) == update.options.first(MAGMultipathBinding.self))
            #expect(reply.options.first(MAGIdentifier.self) == nil)
        }
    }

    @Test func rule4AnchorWithoutMultipathGetsOnePathOnly() throws {
        var settings = Domain.anchor
        settings.isMultipathEnabled = false
        var talk = Domain.registered(anchor: settings)
        #expect(talk.acknowledgements.first?.options.first(MAGMultipathBinding.self) == nil)
        #expect(talk.atGateway.paths.keys.map(\.binding) == [nil])
        #expect(talk.atAnchor.paths.keys.map(\.binding) == [nil])
        #expect(talk.updates(from: Domain.dsl).isEmpty)
        #expect(talk.atGateway.notices.contains(.multipathUnavailable(Domain.path(nil).session, nil)))
        talk.passes(.seconds(8000))
        #expect(talk.updates(from: Domain.dsl).isEmpty)
        // The one path fails: the one binding moves.
        talk.down("wan1")
        talk.passes(.seconds(1))
        let moved = try #require(talk.updates(from: Domain.dsl).first)
        #expect(moved.options.first(HandoffIndicator.self) == .handoffBetweenInterfaces)
        #expect(moved.options.first(MAGMultipathBinding.self) == nil)
        #expect(talk.anchorSession?.legs.map(\.careOfAddress) == [Domain.dsl])
        #expect(talk.atGateway.paths.values.map(\.localAddress) == [Domain.dsl])
        #expect(talk.atAnchor.faults.isEmpty && talk.atGateway.faults.isEmpty)
    }

    @Test func rule5RefusedMultipathContinuesWithoutIt() throws {
        var settings = Domain.anchor
        settings.gateways[0].isMultipathAllowed = false
        let talk = Domain.registered(anchor: settings)
        let refusal = try #require(talk.acknowledgements.first)
        #expect(refusal.status == .cannotSupportMultipathBinding)
        #expect(refusal.options.first(MAGMultipathBinding.self) != nil)
        let plain = try #require(talk.updates.last)
        #expect(plain.options.first(MAGMultipathBinding.self) == nil && plain.options.first(MAGIdentifier.self) == nil)
        #expect(talk.acknowledgements.last?.status == .accepted)
        #expect(talk.anchorSession?.isMultipath == false)
        #expect(talk.updates(from: Domain.dsl).isEmpty)
        #expect(talk.atGateway.paths.count == 1)
    }

    @Test(arguments: [0, 255] as [UInt8])
    func rule6ReservedBindingIdentifierIsRefused(_ identifier: UInt8) {
        var alone = LoneAnchor()
        let reply = alone.ask { $0.multipath?.bindingIdentifier = identifier }
        #expect(reply?.status == .cannotSupportMultipathBinding)
        #expect(reply?.options.first(MAGMultipathBinding.self)?.bindingIdentifier == identifier)
        #expect(alone.session == nil)
    }

    @Test func rule6BulkWithOverwriteAndMissingGatewayNameAreRefused() {
        var alone = LoneAnchor()
        let both = alone.ask {
            $0.multipath?.isBulkReregistration = true
            $0.multipath?.isOverwrite = true
        }
        #expect(both?.status == .cannotSupportMultipathBinding)
        #expect(alone.ask { $0.gateway = nil }?.status == .cannotSupportMultipathBinding)
        let wrongLength = alone.ask {
            $0.multipath = nil
            $0.further = [UnknownOption(optionType: MAGMultipathBinding.type, data: [8, 11, 1, 0])]
        }
        #expect(wrongLength?.status == .cannotSupportMultipathBinding)
        #expect(
            wrongLength?.options.all.contains { $0.optionType == MAGMultipathBinding.type && $0.data == [8, 11, 1, 0] }
                == true
        )
    }

    @Test func rule7SessionOfALogicalNodeIsMarkedMultipath() {
        let talk = Domain.registered()
        #expect(talk.anchorSession?.identifier.mobileNode == Domain.mobileNode)
        #expect(talk.anchorSession?.isMultipath == true && talk.gatewaySession.isMultipath)
    }

    @Test func rule8SecondPathNamesWhatTheFirstLearnt() throws {
        let talk = Domain.registered()
        let first = try #require(talk.updates.first)
        let second = try #require(talk.updates.last)
        #expect(first.options.all(HomeNetworkPrefix.self) == [.request])
        #expect(first.options.all(DelegatedMobileNetworkPrefix.self) == [.requestIPv6, .requestIPv4])
        #expect(
            second.options.all(HomeNetworkPrefix.self).compactMap(\.prefix) == [Domain.prefix("2001:db8:1234::/64")]
        )
        #expect(second.options.all(DelegatedMobileNetworkPrefix.self).compactMap(\.prefix).count == 2)
        #expect(second.options.first(HandoffIndicator.self) == .attachmentOverNewInterface)
        #expect(first.options.first(GREKey.self) == second.options.first(GREKey.self))
        #expect(talk.anchor.snapshot.sessions.count == 1)
    }

    @Test func rule9BulkRefreshServesAllPaths() throws {
        var talk = Domain.registered()
        talk.forgetMessages()
        talk.passes(.seconds(3570))
        #expect(talk.updates.count == 1)
        let update = try #require(talk.updates.first?.options.first(MAGMultipathBinding.self))
        #expect(update.isBulkReregistration && !update.isOverwrite)
        #expect(talk.acknowledgements.first?.options.first(MAGMultipathBinding.self)?.isBulkReregistration == true)
        let ends = try #require(talk.anchorSession).legs.compactMap(\.expiresAt)
        #expect(ends.count == 2 && ends[0] == ends[1] && ends[0] > talk.now + .seconds(3000))
        #expect(talk.gatewaySession.legs.allSatisfy { ($0.expiresAt ?? .zero) > talk.now + .seconds(3000) })
    }

    @Test func rule9OverwriteReplacesAllPathsAndIsSentOnceAfterAStart() throws {
        var talk = Domain.registered()
        #expect(talk.updates.map { $0.options.first(MAGMultipathBinding.self)?.isOverwrite } == [true, false])
        let prefixes = try #require(talk.anchorSession?.homeNetworkPrefixes)
        talk.gatewayRestarts(Domain.gateway)
        talk.gatewayStarts()
        talk.up("wan2", Domain.dsl)
        talk.passes(.seconds(1))
        let session = try #require(talk.anchorSession)
        #expect(session.legs.map(\.careOfAddress) == [Domain.dsl])
        #expect(session.homeNetworkPrefixes == prefixes)
        #expect(talk.atAnchor.paths.count == 1)
        #expect(talk.atAnchor.sessions == talk.atGateway.sessions)
        #expect(talk.atAnchor.faults.isEmpty)
    }

    @Test func rule9OverwriteAndBulkMeanNothingInADeregistration() {
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

    @Test func rule10IdentifierAndLabelNameBindingAndTunnel() {
        let talk = Domain.registered()
        #expect(talk.anchorSession?.legs.map(\.identifier) == [Domain.path(1), Domain.path(2)])
        #expect(talk.anchorSession?.legs.map(\.interfaceLabel) == [11, 9])
        #expect(talk.atAnchor.paths[Domain.path(1)]?.interfaceLabel == 11)
        #expect(talk.atAnchor.paths[Domain.path(2)]?.interfaceLabel == 9)
        #expect(talk.atAnchor.paths[Domain.path(1)]?.accessTechnology == .eutran)
    }

    @Test func rule11DistributionIsNotSignalled() {
        // Every path of the session is handed to the data plane as it is; how traffic is spread over them is its policy.
        let talk = Domain.registered()
        #expect(Set(talk.atAnchor.paths.keys) == [Domain.path(1), Domain.path(2)])
        #expect(Set(talk.atGateway.paths.keys) == [Domain.path(1), Domain.path(2)])
        #expect(
            talk.updates.allSatisfy { update in !update.options.all.contains { [44, 45].contains($0.optionType) } }
        )
    }

    @Test func rule12EachCareOfAddressHasItsTunnelInItsOwnEncapsulation() {
        let talk = Domain.registered()
        #expect(talk.atGateway.paths[Domain.path(1)]?.encapsulation == .gre)
        #expect(talk.atGateway.paths[Domain.path(2)]?.encapsulation == .udpTLVGRE)
        #expect(talk.updates(from: Domain.dsl).first?.flags.contains(.tlvHeader) == true)
        #expect(talk.updates(from: Domain.lte).first?.flags.contains(.tlvHeader) == false)
    }

    @Test func rule12BindingFromAnotherOnesCareOfAddressTakesItsPlace() {
        var alone = LoneAnchor()
        alone.ask()
        #expect(alone.ask { $0.multipath?.bindingIdentifier = 2 }?.status == .accepted)
        #expect(alone.session?.legs.map(\.identifier) == [Domain.path(2)])
        #expect(alone.ledger.paths.count == 1 && alone.ledger.faults.isEmpty)
    }

    @Test func rule13NobodyWithoutTheKeyIsServed() {
        var alone = LoneAnchor()
        #expect(alone.ask { $0.authentication = .none } == nil)
        #expect(alone.session == nil && alone.ledger.isEmpty)
        #expect(alone.drops == [.authenticationMissing: 1])
    }
}
