// SPDX-License-Identifier: Apache-2.0
import Mobility
import Testbed
import Testing
import Wire

/// Signalling over IPv4, and what IPv4 adds to a session (RFC 5844 §3, §4).
@Suite struct RulesTransportTests {
    typealias Domain = ExampleDomain
    private static let first = IPv4Address(10, 9, 0, 2)

    private static var anchor: AnchorSettings {
        var settings = Domain.anchor
        settings.ipv4HomeAddresses = PrefixPool(range: Domain.prefix("10.9.0.0/24"), length: 32)
        return settings
    }

    private static func overIPv4(_ update: inout HandmadeUpdate) {
        (update.source, update.destination) = (Domain.dsl, Domain.anchorIPv4)
    }

    /// §4.1.3.1, §4.1.3.2: the header's checksum is zero from us and not looked at from others; ports and addresses of
    /// the question are those of the answer.
    @Test func answerOverIPv4GoesBackAsTheQuestionCameWithoutAChecksum() throws {
        var alone = LoneAnchor()
        var update = HandmadeUpdate()
        Self.overIPv4(&update)
        update.ports = Datagram.Ports(source: 40_000, destination: MobilityPort.control)
        var datagram = update.datagram(at: alone.now.timestamp)
        #expect(datagram.octets[4...5].allSatisfy { $0 == 0 })
        (datagram.octets[4], datagram.octets[5]) = (0xBA, 0xD0)
        let answer = try #require(alone.tell(.received(datagram)).first)
        #expect(alone.acknowledgement(in: [answer])?.status == .accepted)
        #expect(answer.source == Domain.anchorIPv4 && answer.destination == Domain.dsl)
        #expect(answer.ports == Datagram.Ports(source: MobilityPort.control, destination: 40_000))
        #expect(answer.octets[4...5].allSatisfy { $0 == 0 })
    }

    /// §4.2.2, §4.2.2.1: the same over IPv4 as over IPv6, to port 5436.
    @Test func updateOverIPv4GoesToTheControlPort() throws {
        let talk = Domain.registered()
        let sent = try #require(talk.sent.first { $0.datagram.source == Domain.dsl })
        #expect(sent.datagram.destination == Domain.anchorIPv4 && sent.datagram.ports?.destination == 5436)
        #expect(sent.datagram.octets[4...5].allSatisfy { $0 == 0 })
    }

    /// §4.1.3.1: an update over IPv4 has to be authentic, too.
    @Test func updateOverIPv4IsNotServedWithoutProof() {
        var alone = LoneAnchor()
        let reply = alone.ask {
            Self.overIPv4(&$0)
            $0.authentication = .none
        }
        #expect(reply == nil && alone.drops == [.authenticationMissing: 1])
    }

    /// §3.1.2.4: the home address goes with the session to where it moves, and back into the pool with its last path.
    @Test func homeAddressMovesWithTheSession() throws {
        var alone = LoneAnchor(Self.anchor)
        alone.ask { $0.further = [IPv4HomeAddressRequest.allocation] }
        let moved = try #require(
            alone.ask {
                $0.source = Domain.wlan
                $0.further = [IPv4HomeAddressRequest(address: Self.first, prefixLength: 24)]
            }
        )
        #expect(moved.options.first(IPv4HomeAddressReply.self)?.address == Self.first)
        #expect(alone.ledger.homeAddresses == [Self.first])
        #expect(alone.ledger.paths.values.map(\.remoteAddress) == [Domain.wlan])
        alone.ask {
            ($0.source, $0.lifetime) = (Domain.wlan, .zero)
            $0.further = [IPv4HomeAddressRequest(address: Self.first, prefixLength: 24)]
        }
        alone.passes(.seconds(11))
        #expect(alone.ledger.isEmpty && alone.ledger.faults.isEmpty)
    }

    /// §3.2.3.3: the leave names the address with its subnet's length.
    @Test func leaveNamesTheHomeAddress() throws {
        var gateway = Domain.gateway
        gateway.requestsIPv4HomeAddress = true
        var talk = Domain.registered(anchor: Self.anchor, gateway: gateway)
        talk.forgetMessages()
        talk.gatewayStops()
        talk.passes(.seconds(1))
        #expect(talk.updates.count == 2)
        #expect(
            talk.updates.allSatisfy {
                $0.options.all(IPv4HomeAddressRequest.self)
                    == [IPv4HomeAddressRequest(address: Self.first, prefixLength: 24)]
            }
        )
    }

    /// §3.2.3.2: an acceptance that says nothing of IPv4 gives no IPv4, though it was asked for.
    @Test func acceptanceWithoutAHomeAddressGivesNone() {
        var gateway = Domain.gateway
        gateway.requestsIPv4HomeAddress = true
        var alone = LoneGateway(gateway)
        alone.answer()
        #expect(alone.ledger.paths.count == 1 && alone.ledger.homeAddresses.isEmpty)
    }

    /// §3.1.2.1, §3.1.2.6: a request beside none, one and no prefix; the default router only in an acceptance.
    @Test func defaultRouterIsInAcceptancesOnly() throws {
        var alone = LoneAnchor(Self.anchor)
        let refused = try #require(
            alone.ask { ($0.handoff, $0.further) = (nil, [IPv4HomeAddressRequest.allocation]) }
        )
        #expect(refused.options.first(IPv4DefaultRouterAddress.self) == nil)
        #expect(refused.options.first(IPv4HomeAddressReply.self)?.address == .zero)
        let accepted = try #require(alone.ask { $0.further = [IPv4HomeAddressRequest.allocation] })
        #expect(accepted.options.first(IPv4DefaultRouterAddress.self) != nil)
    }

    /// §3.2.3.2: the service that the node may not have is not asked for again as long as the session lasts; a new
    /// session asks anew, for then an operator may have acted at the anchor.
    @Test(arguments: [true, false]) func refusedServiceIsNotAskedForInThisSessionAgain(isIPv4: Bool) {
        var (anchor, gateway) = (Self.anchor, Domain.gateway)
        if isIPv4 { anchor.gateways[0].isIPv4Allowed = false } else { anchor.gateways[0].isIPv6Allowed = false }
        gateway.requestsIPv4HomeAddress = true
        var talk = Domain.registered(anchor: anchor, gateway: gateway)
        let status: BindingStatus = isIPv4 ? .notAuthorizedForIPv4MobilityService : .notAuthorizedForIPv6MobilityService
        talk.passes(.seconds(20_000))
        talk.down("wan1")
        talk.passes(.seconds(100))
        talk.up("wan1", Domain.lte)
        talk.passes(.seconds(100))
        #expect(talk.acknowledgements.filter { $0.status == status }.count == 1)
        let later = talk.updates.dropFirst()
        #expect(later.count > 6)
        #expect(
            later.allSatisfy {
                isIPv4
                    ? $0.options.first(IPv4HomeAddressRequest.self) == nil
                    : $0.options.first(HomeNetworkPrefix.self) == nil
            }
        )
        #expect(talk.atGateway.paths.count == 2 && talk.atGateway.faults.isEmpty)
    }
}
