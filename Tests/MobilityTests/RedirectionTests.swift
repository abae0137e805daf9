// SPDX-License-Identifier: Apache-2.0
import Mobility
import Testbed
import Testing
import Wire

/// An anchor that has enough sessions and one that takes what it sends (RFC 6463 §5.3.2).
@Suite struct RedirectionTests {
    typealias Domain = ExampleDomain

    private static let target = Domain.address("2001:db8:100::9")
    private static let targetIPv4 = Domain.address("198.51.100.9")
    private static let other = AnchorStatusTests.other

    private struct Site {
        var first: LoneAnchor
        var second: LoneAnchor

        init(to target: IPAddress = RedirectionTests.target) {
            var settings = Domain.anchor
            settings.gateways[0].mobileNodes.append(RedirectionTests.other)
            settings.redirection = Redirection(above: 1, to: target)
            first = LoneAnchor(settings)
            settings.redirection = nil
            settings.addresses = [target]
            settings.homeNetworkPrefixes = PrefixPool(range: Domain.prefix("2001:db8:4321::/48"), length: 64)
            second = LoneAnchor(settings)
            first.ask { if target.isIPv4 { $0.isOverIPv4() } }
        }

        /// What the first anchor sends when another node registers.
        mutating func register(_ change: (inout HandmadeUpdate) -> Void = { _ in }) -> [Datagram] {
            first.passes(.milliseconds(1))
            second.passes(first.now.instant - second.now.instant)
            var update = HandmadeUpdate()
            (update.mobileNode, update.further) = (RedirectionTests.other, [RedirectCapability()])
            change(&update)
            return first.tell(.received(update.datagram(at: first.now.timestamp)))
        }
    }

    @Test func sessionIsMadeAtTheOtherAnchorAndNamed() throws {
        var site = Site()
        let forwarded = try #require(site.register().first)
        #expect(forwarded.source == Domain.anchorIPv6 && forwarded.destination == Self.target)
        let answer = try #require(site.second.tell(.received(forwarded)).first)
        #expect(answer.destination == Domain.anchorIPv6)
        let passedOn = site.first.tell(.received(answer))
        let reply = try #require(site.first.acknowledgement(in: passedOn))
        #expect(passedOn.map(\.destination) == [Domain.lte] && reply.status == .accepted)
        #expect(reply.options.first(Redirect.self)?.anchor == Self.target)
        #expect(reply.options.all(HomeNetworkPrefix.self).compactMap(\.prefix) == [Domain.prefix("2001:db8:4321::/64")])
        #expect(reply.options.all.last is MessageAuthentication && reply.options.first(GREKey.self)?.key != nil)
        #expect(site.first.anchor.snapshot.sessions.count == 1)
        #expect(site.first.ledger.notices.contains(.redirected(Self.other, of: Domain.gatewayName, to: Self.target)))
        // The tunnel leads to the gateway, not to the anchor that asked.
        #expect(site.second.ledger.paths.values.map(\.remoteAddress) == [Domain.lte])
        // The same answer once more is nobody's.
        #expect(site.first.tell(.received(answer)).isEmpty)
    }

    @Test func overIPv4TheCareOfAddressIsNamed() throws {
        var site = Site(to: Self.targetIPv4)
        let forwarded = try #require(site.register { $0.isOverIPv4() }.first)
        let answer = try #require(site.second.tell(.received(forwarded)).first)
        let reply = try #require(site.first.acknowledgement(in: site.first.tell(.received(answer))))
        #expect(reply.status == .accepted && reply.options.first(Redirect.self)?.anchor == Self.targetIPv4)
        #expect(reply.options.first(AlternateIPv4CareOfAddress.self) == nil)
    }

    @Test func onlyFirstRegistrationsOfCapableGatewaysAreSentAway() {
        let kept: [(inout HandmadeUpdate) -> Void] = [
            { $0.further = [] }, { $0.handoff = .unknown }, { $0.isOverIPv4() }, { $0.mobileNode = Domain.mobileNode },
        ]
        for change in kept {
            var site = Site()
            let answers = site.register(change)
            let reply = site.first.acknowledgement(in: answers)
            #expect(reply?.status == .accepted && reply?.options.first(Redirect.self) == nil)
        }
    }

    @Test func otherAnchorsRefusalIsPassedOn() throws {
        var site = Site()
        let forwarded = try #require(
            site.register {
                let foreign = IPv6Address(high: 0x2001_0DB9_0000_0000, low: 0)
                $0.prefixes = [HomeNetworkPrefix(address: foreign, prefixLength: 64)]
            }.first
        )
        let answer = try #require(site.second.tell(.received(forwarded)).first)
        let reply = try #require(site.first.acknowledgement(in: site.first.tell(.received(answer))))
        #expect(reply.status == .notAuthorizedForHomeNetworkPrefix && reply.options.first(Redirect.self) == nil)
    }

    /// §5.3.2: 130 without an answer; and then, for a while, the anchor serves as if it had nobody to ask.
    @Test func silentAnchorIsNotAskedAgainForAWhile() {
        var site = Site()
        #expect(site.register().map(\.destination) == [Self.target])
        var answers: [Datagram] = []
        for _ in 0..<31 {
            site.first.passes(.milliseconds(100))
            answers += site.first.tell(.deadline)
        }
        #expect(site.first.anchor.snapshot.counters.refused[.insufficientResources] == 1)
        #expect(site.first.acknowledgement(in: site.register())?.status == .accepted)
        #expect(site.first.anchor.snapshot.sessions.count == 2 && answers.isEmpty)
    }

    @Test func strangersAnswerIsNotPassedOn() throws {
        var site = Site()
        let forwarded = try #require(site.register().first)
        var answer = try #require(site.second.tell(.received(forwarded)).first)
        answer.source = Domain.address("2001:db8:bad::1")
        #expect(site.first.tell(.received(answer)).isEmpty)
        answer.source = Self.target
        answer.octets[answer.octets.count - 1] ^= 1
        #expect(site.first.tell(.received(answer)).isEmpty)
    }
}

extension HandmadeUpdate {
    fileprivate mutating func isOverIPv4() {
        (source, destination, greKey) = (ExampleDomain.dsl, ExampleDomain.anchorIPv4, nil)
    }
}
