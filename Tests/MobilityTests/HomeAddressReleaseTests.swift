// SPDX-License-Identifier: Apache-2.0
import Mobility
import Testbed
import Testing
import Wire

/// A node gives its IPv4 home address back by DHCP, and asks for one again, while its session goes on (RFC 5844 §3.2.3.3,
/// §3.4).
@Suite struct HomeAddressReleaseTests {
    typealias Domain = RoamingDomain

    private static let laptop = RoamingDomain.laptop
    private static let phone = RoamingDomain.phone

    /// The laptop is registered over both access networks, and has released its address a moment ago.
    private static func released() throws -> (domain: Domain, before: MobileNodeService) {
        var domain = Domain()
        domain.attach(to: 0)
        domain.passes(.seconds(1))
        let service = try #require(domain.service(at: 0))
        domain.forgetMessages()
        domain.tell(0, .homeAddressReleased(laptop))
        return (domain, service)
    }

    private func expectWithout(_ domain: Domain, _ before: MobileNodeService) {
        #expect(domain.service(at: 0)?.homeAddress == nil)
        #expect(domain.service(at: 0)?.homeNetworkPrefixes == before.homeNetworkPrefixes)
        #expect(domain.atAnchor.homeAddresses.isEmpty && domain.paths() == [0: [1, 2]])
        #expect(domain.gateways[0].ledger.paths.count == 2 && domain.faults.isEmpty)
    }

    @Test func releasedAddressIsGivenBackAlone() throws {
        var (domain, before) = try Self.released()
        // At once, and not for the anchor's answer.
        #expect(domain.service(at: 0)?.homeAddress == nil)
        let leave = try #require(domain.updates(of: 0).first)
        #expect(domain.updates(of: 0).count == 1 && leave.lifetime.isZero)
        #expect(leave.options.all(HomeNetworkPrefix.self).isEmpty)
        let home = try #require(before.homeAddress)
        #expect(
            leave.options.all(IPv4HomeAddressRequest.self)
                == [IPv4HomeAddressRequest(address: home.address, prefixLength: 24)]
        )
        domain.passes(.seconds(1))
        expectWithout(domain, before)
        // It is somebody else's now.
        domain.attach(Self.phone, to: 0, interface: 2)
        domain.passes(.seconds(1))
        #expect(domain.service(at: 0, Self.phone)?.homeAddress?.address == home.address)
        // No refresh of any path brings one back.
        domain.forgetMessages()
        domain.passes(.seconds(20_000))
        let updates = domain.updates(of: 0, Self.laptop)
        #expect(!updates.isEmpty && updates.allSatisfy { $0.options.all(IPv4HomeAddressRequest.self).isEmpty })
        #expect(domain.service(at: 0)?.homeAddress == nil && domain.paths() == [0: [1, 2]] && domain.faults.isEmpty)
    }

    @Test func laterWishIsForAnyAddress() throws {
        var (domain, before) = try Self.released()
        domain.passes(.seconds(1))
        domain.attach(Self.phone, to: 0, interface: 2)
        domain.passes(.seconds(1))
        domain.forgetMessages()
        domain.tell(0, .homeAddressWanted(Self.laptop))
        let request = try #require(domain.updates(of: 0).first)
        #expect(domain.updates(of: 0).count == 1 && !request.lifetime.isZero)
        #expect(request.options.first(IPv4HomeAddressRequest.self)?.isAllocation == true)
        #expect(request.options.all(HomeNetworkPrefix.self).compactMap(\.prefix) == before.homeNetworkPrefixes)
        domain.passes(.seconds(1))
        let address = try #require(domain.service(at: 0)?.homeAddress?.address)
        #expect(address != before.homeAddress?.address && domain.atAnchor.homeAddresses.contains(address))
        #expect(domain.paths() == [0: [1, 2]] && domain.faults.isEmpty)
        domain.passes(.seconds(20_000))
        #expect(domain.service(at: 0)?.homeAddress?.address == address && domain.paths() == [0: [1, 2]])
        // Who has one need not ask.
        domain.forgetMessages()
        domain.tell(0, .homeAddressWanted(Self.laptop))
        #expect(domain.updates(of: 0).isEmpty)
    }

    /// Said twice, it must not be taken for the leave of the path.
    @Test(arguments: [VirtualNetwork.Direction.toAnchor, .toGateway], [1, 2])
    func releaseIsRepeatedUntilItIsAnswered(_ direction: VirtualNetwork.Direction, _ lost: Int) throws {
        var domain = Domain()
        domain.attach(to: 0)
        domain.passes(.seconds(1))
        let before = try #require(domain.service(at: 0))
        domain.gateways[0].network.loses(next: lost, direction)
        domain.forgetMessages()
        domain.tell(0, .homeAddressReleased(Self.laptop))
        domain.passes(.seconds(5))
        #expect(domain.updates(of: 0).filter(\.lifetime.isZero).count == lost + 1)
        expectWithout(domain, before)
        domain.passes(.seconds(60))
        expectWithout(domain, before)
    }

    /// What nobody could tell the anchor, the next refresh for all paths does.
    @Test func releaseThatNeverArrivesIsMadeGoodByTheRefresh() throws {
        var domain = Domain()
        domain.attach(to: 0)
        domain.passes(.seconds(1))
        let before = try #require(domain.service(at: 0))
        domain.isolate(0)
        domain.tell(0, .homeAddressReleased(Self.laptop))
        domain.passes(.seconds(10))
        domain.isolate(0, false)
        domain.passes(.seconds(4000))
        expectWithout(domain, before)
    }

    @Test(arguments: [0, 5, 15, 25, 500])
    func wishSoonAfterTheReleaseIsMet(_ milliseconds: Int) throws {
        var (domain, _) = try Self.released()
        domain.passes(.milliseconds(milliseconds))
        domain.tell(0, .homeAddressWanted(Self.laptop))
        domain.passes(.seconds(2))
        let address = try #require(domain.service(at: 0)?.homeAddress?.address)
        #expect(domain.atAnchor.homeAddresses == [address] && domain.paths() == [0: [1, 2]])
        domain.passes(.seconds(8000))
        #expect(domain.service(at: 0)?.homeAddress?.address == address && domain.faults.isEmpty)
    }

    /// A refresh that was on its way names the address still: it arrives behind the release, by the other path.
    @Test func refreshThatCrossesTheReleaseBringsNothingBack() throws {
        var domain = Domain()
        domain.attach(to: 0)
        domain.passes(.seconds(1))
        let before = try #require(domain.service(at: 0))
        domain.gateways[0].network.holdsBack(.toAnchor, by: .milliseconds(200))
        domain.attach(to: 0, .unknown)
        domain.tell(0, .homeAddressReleased(Self.laptop))
        domain.passes(.seconds(5))
        expectWithout(domain, before)
    }

    /// Nor is it refused for ever: the next DISCOVER may find one.
    @Test func wishThatTheAnchorCannotMeetCostsNoPath() throws {
        var domain = Domain(anchor: { settings in
            // Network, router and broadcast address leave one.
            settings.ipv4HomeAddresses = PrefixPool(range: ExampleDomain.prefix("10.99.0.0/30"), length: 32)
        })
        domain.attach(to: 0)
        domain.passes(.seconds(1))
        let before = try #require(domain.service(at: 0))
        domain.tell(0, .homeAddressReleased(Self.laptop))
        domain.passes(.seconds(1))
        domain.attach(Self.phone, to: 0, interface: 2)
        domain.passes(.seconds(1))
        #expect(domain.service(at: 0, Self.phone)?.homeAddress == before.homeAddress)
        for _ in 0..<3 {
            domain.tell(0, .homeAddressWanted(Self.laptop))
            domain.passes(.seconds(1))
            #expect(domain.service(at: 0)?.homeAddress == nil && domain.paths() == [0: [1, 2]])
            #expect(domain.gateways[0].ledger.paths.count == 4)
        }
        domain.detach(Self.phone, from: 0)
        domain.passes(.seconds(60))
        domain.tell(0, .homeAddressWanted(Self.laptop))
        domain.passes(.seconds(1))
        #expect(domain.service(at: 0) == before && domain.paths() == [0: [1, 2]] && domain.faults.isEmpty)
    }

    @Test func nodeThatComesToAnotherGatewayHasWhatItsProfileSays() throws {
        var (domain, before) = try Self.released()
        domain.passes(.seconds(1))
        domain.attach(to: 1, .unknown)
        domain.passes(.seconds(1))
        #expect(domain.service(at: 1)?.homeNetworkPrefixes == before.homeNetworkPrefixes)
        #expect(domain.service(at: 1)?.homeAddress != nil && domain.faults.isEmpty)
    }

    /// Without multipath there is one path, and its binding has no number.
    @Test func releaseOverASinglePath() throws {
        var domain = Domain(anchor: { $0.isMultipathEnabled = false })
        domain.attach(to: 0)
        domain.passes(.seconds(1))
        let before = try #require(domain.service(at: 0))
        domain.gateways[0].network.loses(.toGateway)
        domain.tell(0, .homeAddressReleased(Self.laptop))
        domain.passes(.seconds(5))
        #expect(domain.service(at: 0)?.homeAddress == nil && domain.atAnchor.homeAddresses.isEmpty)
        #expect(domain.service(at: 0)?.homeNetworkPrefixes == before.homeNetworkPrefixes)
        #expect(domain.paths() == [0: [0]] && domain.faults.isEmpty)
        domain.tell(0, .homeAddressWanted(Self.laptop))
        domain.passes(.seconds(1))
        #expect(domain.service(at: 0)?.homeAddress != nil && domain.paths() == [0: [0]] && domain.faults.isEmpty)
    }
}
