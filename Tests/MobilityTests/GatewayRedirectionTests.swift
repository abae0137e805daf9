// SPDX-License-Identifier: Apache-2.0
import Mobility
import Testbed
import Testing
import Wire

/// An anchor that sends the gateway to another (RFC 6463).
@Suite struct GatewayRedirectionTests {
    typealias Domain = ExampleDomain

    private static let third = Domain.address("2001:db8:300::1")

    private func gateway(
        _ change: (inout GatewaySettings) -> Void = { _ in }
    ) -> LoneGateway {
        var settings = Domain.gatewayOfTwo
        settings.acceptsRedirection = true
        // Nobody answers them here.
        settings.heartbeatInterval = .seconds(1_000_000)
        change(&settings)
        return LoneGateway(settings)
    }

    private func isRedirectable(_ update: BindingUpdate?) -> Bool {
        update?.options.first(RedirectCapability.self) != nil
    }

    /// §5.2
    @Test func gatewayGoesWhereItIsSent() {
        var alone = gateway()
        #expect(isRedirectable(alone.updates.first))
        alone.answer { $0.options.append(Redirect(Domain.otherAnchorIPv6)) }
        #expect(alone.sent.last?.destination == Domain.otherAnchorIPv6)
        // What was assigned is named; and once redirected, it stays.
        let asked = alone.updates.last
        #expect(asked?.options.all(HomeNetworkPrefix.self).map(\.isRequest) == [false])
        #expect(!isRedirectable(asked))
        alone.answer()
        #expect(alone.ledger.paths.values.map(\.remoteAddress) == [Domain.otherAnchorIPv6])
        alone.passes(.seconds(3561))
        #expect(alone.sent.last?.destination == Domain.otherAnchorIPv6 && !isRedirectable(alone.updates.last))
        #expect(alone.ledger.faults.isEmpty)
    }

    /// §5.2: only where the gateway said that it can.
    @Test func unexpectedRedirectionIsIgnored() {
        var alone = gateway { $0.acceptsRedirection = false }
        #expect(!isRedirectable(alone.updates.first))
        alone.answer { $0.options.append(Redirect(Domain.otherAnchorIPv6)) }
        #expect(alone.ledger.paths.values.map(\.remoteAddress) == [Domain.anchorIPv6])
    }

    /// §4.2
    @Test(arguments: [Domain.otherAnchorIPv4, Domain.anchorIPv6, Domain.address("ff02::1")])
    func redirectionToAnotherFamilyOrToNobodyIsIgnored(_ target: IPAddress) {
        var alone = gateway()
        alone.answer { $0.options.append(Redirect(target)) }
        #expect(alone.ledger.paths.values.map(\.remoteAddress) == [Domain.anchorIPv6])
    }

    @Test func anchorVouchesForAnotherWithItsKey() {
        var alone = gateway()
        alone.answer { $0.options.append(Redirect(Self.third)) }
        #expect(alone.sent.last?.destination == Self.third)
        alone.answer()
        #expect(alone.ledger.paths.values.map(\.remoteAddress) == [Self.third])
    }

    @Test func nobodyIsFollowedToAStrangerWithoutAKey() {
        var alone = gateway { $0.anchors[0].authentication = .none }
        alone.answer { $0.options.append(Redirect(Self.third)) }
        #expect(alone.ledger.paths.values.map(\.remoteAddress) == [Domain.anchorIPv6])
    }

    @Test func redirectedGatewayComesBackWhenTheOtherIsSilent() {
        var alone = gateway { $0.wans.removeLast() }
        alone.answer { $0.options.append(Redirect(Self.third)) }
        alone.passes(.seconds(8))
        #expect(alone.sent.last?.destination == Domain.anchorIPv6)
        #expect(isRedirectable(alone.updates.last))
    }
}
