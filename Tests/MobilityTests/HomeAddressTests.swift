// SPDX-License-Identifier: Apache-2.0
import Mobility
import Testbed
import Testing
import Wire

/// IPv4 home addresses (RFC 5844 §3).
@Suite struct HomeAddressTests {
    typealias Domain = ExampleDomain
    private static let first = IPv4Address(10, 9, 0, 2)

    private static var anchor: AnchorSettings {
        var settings = Domain.anchor
        settings.ipv4HomeAddresses = PrefixPool(range: Domain.prefix("10.9.0.0/24"), length: 32)
        return settings
    }

    private static var gateway: GatewaySettings {
        var settings = Domain.gateway
        settings.requestsIPv4HomeAddress = true
        return settings
    }

    private static func request(_ address: IPv4Address) -> IPv4HomeAddressRequest {
        IPv4HomeAddressRequest(address: address, prefixLength: 24)
    }

    @Test func nodeGetsAnAddressAtBothEnds() throws {
        let talk = Domain.registered(anchor: Self.anchor, gateway: Self.gateway)
        #expect(talk.updates.first?.options.first(IPv4HomeAddressRequest.self) == .allocation)
        let reply = try #require(talk.acknowledgements.first)
        #expect(
            reply.options.first(IPv4HomeAddressReply.self)
                == IPv4HomeAddressReply(status: .success, address: Self.first, prefixLength: 24)
        )
        #expect(reply.options.first(IPv4DefaultRouterAddress.self)?.address == IPv4Address(10, 9, 0, 1))
        #expect(reply.options.first(IPv4DHCPSupportMode.self) == nil)
        #expect(talk.atGateway.homeAddresses == [Self.first] && talk.atAnchor.homeAddresses == [Self.first])
        let prefix = IPPrefix(host: .v4(Self.first))
        #expect(talk.atAnchor.sessions.values.allSatisfy { $0.prefixes.contains(prefix) })
        #expect(!talk.atGateway.prefixes.contains(prefix))
        let shown = HomeAddressAssignment(
            address: Self.first,
            subnetLength: 24,
            defaultRouter: IPv4Address(10, 9, 0, 1),
            isGatewayDHCPServer: false
        )
        #expect(talk.gatewaySession.homeAddress == shown && talk.anchorSession?.homeAddress == shown)
        // The second path names what the first has learnt.
        let second = talk.updates(from: Domain.dsl).first
        #expect(second?.options.first(IPv4HomeAddressRequest.self) == Self.request(Self.first))
        expectSound(talk)
    }

    @Test func whoDoesNotAskGetsNone() {
        let talk = Domain.registered(anchor: Self.anchor)
        #expect(talk.acknowledgements.allSatisfy { $0.options.first(IPv4HomeAddressReply.self) == nil })
        #expect(talk.atAnchor.homeAddresses.isEmpty)
    }

    @Test func refreshKeepsItAndTheLeaveGivesItBack() {
        var talk = Domain.registered(anchor: Self.anchor, gateway: Self.gateway)
        talk.passes(.seconds(20_000))
        #expect(talk.atGateway.homeAddresses == [Self.first] && talk.atAnchor.homeAddresses == [Self.first])
        #expect(
            talk.updates.dropFirst().allSatisfy {
                $0.options.first(IPv4HomeAddressRequest.self) == Self.request(Self.first)
            }
        )
        // One path leaves: the address is the session's.
        talk.down("wan2")
        talk.passes(.seconds(20))
        #expect(talk.atAnchor.homeAddresses == [Self.first] && talk.atAnchor.paths.count == 1)
        talk.gatewayStops()
        talk.passes(.seconds(20))
        #expect(talk.atAnchor.isEmpty && talk.atGateway.isEmpty)
        expectSound(talk)
    }

    @Test func restartedAnchorGivesTheSameAddressAgain() {
        var talk = Domain.registered(anchor: Self.anchor, gateway: Self.gateway)
        var settings = Self.anchor
        settings.restartCounter = 2
        talk.passes(.seconds(100))
        talk.anchorRestarts(settings)
        talk.passes(.seconds(100))
        #expect(talk.atAnchor.homeAddresses == [Self.first])
        // Another pool: the old address is refused, and a new one asked for.
        settings.restartCounter = 3
        settings.ipv4HomeAddresses = PrefixPool(range: Domain.prefix("10.8.0.0/24"), length: 32)
        talk.anchorRestarts(settings)
        talk.passes(.seconds(200))
        #expect(talk.acknowledgements.contains { $0.status == .notAuthorizedForIPv4HomeAddress })
        #expect(talk.atAnchor.homeAddresses == [IPv4Address(10, 8, 0, 2)])
        #expect(talk.atGateway.homeAddresses == talk.atAnchor.homeAddresses)
        #expect(talk.atGateway.sessions == talk.atAnchor.sessions)
        expectSound(talk)
    }

    @Test func ipv4OnlyNodeHasNoPrefix() throws {
        var gateway = Self.gateway
        gateway.requestsHomeNetworkPrefix = false
        gateway.requestsDelegatedIPv4 = false
        gateway.requestsDelegatedIPv6 = false
        var talk = Domain.registered(anchor: Self.anchor, gateway: gateway)
        #expect(talk.updates.allSatisfy { $0.options.first(HomeNetworkPrefix.self) == nil })
        #expect(talk.acknowledgements.allSatisfy { $0.options.first(HomeNetworkPrefix.self) == nil })
        #expect(talk.atAnchor.prefixes.isEmpty && talk.atAnchor.homeAddresses == [Self.first])
        #expect(talk.atAnchor.paths.count == 2 && talk.atGateway.sessions == talk.atAnchor.sessions)
        talk.passes(.seconds(8000))
        talk.gatewayStops()
        talk.passes(.seconds(20))
        #expect(talk.atAnchor.isEmpty && talk.atGateway.isEmpty)
        expectSound(talk)
    }

    @Test func status158WithoutEither() {
        var alone = LoneAnchor(Self.anchor)
        let reply = alone.ask { $0.prefixes = [] }
        #expect(reply?.status == .missingHomeNetworkPrefixOption)
        #expect(reply?.options.all(HomeNetworkPrefix.self) == [.request])
    }

    @Test func status170WithoutTheIPv4ServiceAndTheGatewayGoesOnWithoutIt() {
        var forbidden = Self.anchor
        forbidden.gateways[0].isIPv4Allowed = false
        for settings in [Domain.anchor, forbidden] {
            let talk = Domain.registered(anchor: settings, gateway: Self.gateway)
            #expect(
                talk.acknowledgements.map(\.status) == [.notAuthorizedForIPv4MobilityService, .accepted, .accepted]
            )
            let answer = talk.acknowledgements.first?.options.first(IPv4HomeAddressReply.self)
            #expect(answer?.status == .administrativelyProhibited)
            #expect(talk.acknowledgements.first?.options.first(IPv4DefaultRouterAddress.self) == nil)
            #expect(talk.atGateway.paths.count == 2 && talk.atGateway.homeAddresses.isEmpty)
            expectSound(talk)
        }
    }

    @Test func status171ForAnAddressOfSomebodyElse() {
        var alone = LoneAnchor(Self.anchor)
        for (address, status) in [
            (IPv4Address(10, 9, 0, 1), IPv4HomeAddressStatus.administrativelyProhibited),
            (IPv4Address(10, 9, 0, 255), .administrativelyProhibited),
            (IPv4Address(192, 0, 2, 9), .administrativelyProhibited), (IPv4Address(224, 0, 0, 9), .invalidAddress),
        ] {
            let reply = alone.ask { $0.further = [Self.request(address)] }
            #expect(reply?.status == .notAuthorizedForIPv4HomeAddress)
            // RFC 5844 §3.1.2.6: the request's values.
            #expect(
                reply?.options.first(IPv4HomeAddressReply.self)
                    == IPv4HomeAddressReply(status: status, address: address, prefixLength: 24)
            )
        }
        #expect(alone.ledger.isEmpty)
        #expect(alone.ask { $0.further = [Self.request(IPv4Address(10, 9, 0, 77))] }?.status == .accepted)
        #expect(alone.ledger.homeAddresses == [IPv4Address(10, 9, 0, 77)])
        let other = alone.ask { $0.further = [Self.request(IPv4Address(10, 9, 0, 78))] }
        #expect(other?.options.first(IPv4HomeAddressReply.self)?.status == .incorrectHomeAddress)
    }

    @Test func status172ForAnIPv4OnlyNode() {
        var settings = Self.anchor
        settings.gateways[0].isIPv6Allowed = false
        let talk = Domain.registered(anchor: settings, gateway: Self.gateway)
        #expect(talk.acknowledgements.first?.status == .notAuthorizedForIPv6MobilityService)
        #expect(talk.atGateway.homeAddresses == [Self.first] && talk.gatewaySession.homeNetworkPrefixes.isEmpty)
        #expect(talk.atGateway.paths.count == 2)
        expectSound(talk)
    }

    @Test func status173ForTwoAddresses() {
        var alone = LoneAnchor(Self.anchor)
        let reply = alone.ask { $0.further = [IPv4HomeAddressRequest.allocation, IPv4HomeAddressRequest.allocation] }
        #expect(reply?.status == .multipleIPv4HomeAddressAssignmentNotSupported)
        #expect(alone.ledger.isEmpty)
    }

    @Test func status130WhenThePoolIsEmptyAndIPv6GoesOn() {
        var settings = Self.anchor
        // Network, router and broadcast address leave one.
        settings.ipv4HomeAddresses = PrefixPool(range: Domain.prefix("10.9.0.0/30"), length: 32)
        var alone = LoneAnchor(settings)
        #expect(alone.ask { $0.further = [IPv4HomeAddressRequest.allocation] }?.status == .accepted)
        settings.ipv4HomeAddresses = PrefixPool(range: Domain.prefix("10.9.0.0/32"), length: 32)
        alone = LoneAnchor(settings)
        let reply = alone.ask { $0.further = [IPv4HomeAddressRequest.allocation] }
        #expect(reply?.status == .insufficientResources)
        #expect(reply?.options.first(IPv4HomeAddressReply.self)?.status == .failure)
        #expect(alone.ledger.isEmpty)
        let talk = Domain.registered(anchor: settings, gateway: Self.gateway)
        #expect(talk.atGateway.paths.count == 2 && talk.atGateway.homeAddresses.isEmpty)
        expectSound(talk)
    }

    @Test func leaveOfOneServiceEndsThatOneOnly() {
        for isIPv4 in [true, false] {
            var alone = LoneAnchor(Self.anchor)
            alone.ask { $0.further = [IPv4HomeAddressRequest.allocation] }
            let prefix = HomeNetworkPrefix(address: IPv6Address(high: 0x2001_0DB8_1234_0000, low: 0), prefixLength: 64)
            let reply = alone.ask {
                $0.lifetime = .zero
                $0.prefixes = isIPv4 ? [] : [prefix]
                $0.further = isIPv4 ? [Self.request(Self.first)] : []
            }
            #expect(reply?.status == .accepted && reply?.lifetime.isZero == true)
            #expect(alone.ledger.paths.count == 1)
            #expect(alone.ledger.homeAddresses.isEmpty == isIPv4 && alone.ledger.prefixes.isEmpty == !isIPv4)
            #expect(alone.ledger.sessions.values.first?.prefixes.count == 1)
            alone.passes(.seconds(20))
            #expect(alone.ledger.paths.count == 1)
            // What is left is all there is: now the binding goes.
            alone.ask {
                $0.lifetime = .zero
                $0.prefixes = isIPv4 ? [prefix] : []
                $0.further = isIPv4 ? [] : [Self.request(Self.first)]
            }
            alone.passes(.seconds(20))
            #expect(alone.ledger.isEmpty && alone.ledger.faults.isEmpty)
        }
    }

    /// Its answer was lost, and the gateway says it again.
    @Test func leaveOfTheAddressEndsNoBindingHoweverOftenItIsSaid() {
        for isMultipath in [true, false] {
            var alone = LoneAnchor(Self.anchor)
            func ask(_ change: (inout HandmadeUpdate) -> Void) -> BindingAcknowledgement? {
                alone.ask {
                    if !isMultipath { $0.multipath = nil }
                    change(&$0)
                }
            }
            _ = ask { $0.further = [IPv4HomeAddressRequest.allocation] }
            for _ in 0..<3 {
                _ = ask {
                    $0.lifetime = .zero
                    $0.prefixes = []
                    $0.further = [Self.request(Self.first)]
                }
                #expect(alone.ledger.homeAddresses.isEmpty && alone.ledger.paths.count == 1)
            }
            alone.passes(.seconds(20))
            #expect(alone.ledger.paths.count == 1 && alone.ledger.prefixes.count == 1 && alone.ledger.faults.isEmpty)
        }
    }

    @Test func leaveOfOneServiceBringsNoEndedPathBack() {
        var alone = LoneAnchor(Self.anchor)
        let prefix = HomeNetworkPrefix(address: IPv6Address(high: 0x2001_0DB8_1234_0000, low: 0), prefixLength: 64)
        alone.ask { $0.further = [IPv4HomeAddressRequest.allocation] }
        alone.ask {
            $0.source = Domain.wlan
            $0.multipath?.bindingIdentifier = 2
            $0.further = [Self.request(Self.first)]
        }
        func leave(_ change: (inout HandmadeUpdate) -> Void) {
            alone.ask {
                $0.lifetime = .zero
                change(&$0)
            }
        }
        leave {
            $0.prefixes = [prefix]
            $0.further = [Self.request(Self.first)]
        }
        #expect(Set(alone.ledger.paths.keys) == [Domain.path(2)])
        leave { $0.prefixes = [prefix] }
        #expect(Set(alone.ledger.paths.keys) == [Domain.path(2)])
        #expect(alone.ledger.sessions.values.first?.prefixes.count == 1)
        alone.passes(.seconds(20))
        #expect(Set(alone.ledger.paths.keys) == [Domain.path(2)])
        #expect(alone.session?.legs.count == 1 && alone.ledger.faults.isEmpty)
    }

    @Test func addressMayBeAskedForLater() {
        var alone = LoneAnchor(Self.anchor)
        alone.ask()
        #expect(alone.ledger.homeAddresses.isEmpty)
        alone.ask { $0.further = [IPv4HomeAddressRequest.allocation] }
        #expect(alone.ledger.homeAddresses == [Self.first] && alone.ledger.prefixes.count == 1)
        // Who starts anew names all that shall go on.
        alone.ask { $0.multipath?.isOverwrite = true }
        #expect(alone.ledger.homeAddresses.isEmpty && alone.ledger.prefixes.count == 1)
        #expect(alone.ledger.faults.isEmpty)
    }

    @Test func gatewayIsToldToServeDHCP() {
        var settings = Self.anchor
        settings.makesGatewayDHCPServer = true
        settings.ipv4HomeSubnetLength = 32
        settings.ipv4DefaultRouter = IPv4Address(10, 9, 0, 254)
        let talk = Domain.registered(anchor: settings, gateway: Self.gateway)
        #expect(talk.acknowledgements.first?.options.first(IPv4DHCPSupportMode.self)?.isServer == true)
        #expect(
            talk.gatewaySession.homeAddress
                == HomeAddressAssignment(
                    address: IPv4Address(10, 9, 0, 1),
                    subnetLength: 32,
                    defaultRouter: IPv4Address(10, 9, 0, 254),
                    isGatewayDHCPServer: true
                )
        )
    }

    @Test func addressThatIsNotExtendedIsGone() {
        var alone = LoneGateway(Self.gateway)
        let granted = IPv4HomeAddressReply(status: .success, address: Self.first, prefixLength: 24)
        alone.answer { $0.options.append(granted) }
        #expect(alone.ledger.homeAddresses == [Self.first])
        alone.passes(.seconds(3561))
        alone.answer {
            $0.options.append(IPv4HomeAddressReply(status: .failure, address: Self.first, prefixLength: 24))
        }
        #expect(alone.ledger.homeAddresses.isEmpty && alone.ledger.paths.count == 1)
        #expect(alone.ledger.faults.isEmpty)
    }

    private func expectSound(_ talk: Conversation) {
        #expect(talk.atGateway.faults.isEmpty && talk.atAnchor.faults.isEmpty)
    }
}
