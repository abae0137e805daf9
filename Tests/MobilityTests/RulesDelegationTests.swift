// SPDX-License-Identifier: Apache-2.0
import Mobility
import Testbed
import Testing
import Wire

/// Delegated prefixes (RFC 7148 §5.1.2, §5.2.2) and keys (RFC 5845 §3.3.2, §4.2).
@Suite struct RulesDelegationTests {
    typealias Domain = ExampleDomain

    /// RFC 7148 §5.2.2: a prefix that another node was delegated is answered by 178, and the request by nothing else.
    @Test func delegatedPrefixOfAnotherNodeIsInUse() throws {
        let other = NodeIdentifier(nai: "cpe2@example.net")
        var settings = Domain.anchor
        settings.gateways[0].mobileNodes.append(other)
        var alone = LoneAnchor(settings)
        let first = alone.ask { $0.further = [DelegatedMobileNetworkPrefix.requestIPv6] }
        let theirs = try #require(first?.options.first(DelegatedMobileNetworkPrefix.self))
        let reply = try #require(alone.ask { ($0.mobileNode, $0.further) = (other, [theirs]) })
        #expect(reply.status == .requestedDelegatedPrefixInUse)
        #expect(reply.options.first(DelegatedMobileNetworkPrefix.self) == nil)
        #expect(alone.anchor.snapshot.sessions.count == 1)
    }

    /// RFC 7148 §5.2.2: status 0 and one option for each prefix of either family.
    @Test func acceptanceNamesEveryDelegatedPrefix() throws {
        var alone = LoneAnchor()
        let named = DelegatedMobileNetworkPrefix(Domain.prefix("2001:db8:5611:2200::/56"))
        let reply = try #require(alone.ask { $0.further = [named, DelegatedMobileNetworkPrefix.requestIPv4] })
        #expect(reply.status == .accepted)
        let granted = reply.options.all(DelegatedMobileNetworkPrefix.self).compactMap(\.prefix)
        #expect(granted.count == 2 && granted.first == named.prefix && granted.last?.isIPv4 == true)
        #expect(alone.ledger.prefixes.isSuperset(of: granted))
        alone.ask { ($0.lifetime, $0.further) = (.zero, granted.map { DelegatedMobileNetworkPrefix($0) }) }
        alone.passes(.seconds(11))
        #expect(alone.ledger.isEmpty && alone.ledger.faults.isEmpty)
    }

    /// RFC 7148 §5.1.2: after 177 there is no delegated prefix at the gateway, and none is asked for on any path.
    @Test func refusedDelegationIsGivenUpOnEveryPath() {
        var settings = Domain.anchor
        settings.gateways[0].isDelegationAllowed = false
        var talk = Domain.registered(anchor: settings)
        #expect(talk.acknowledgements.first?.status == .notAuthorizedForDelegatedPrefix)
        talk.passes(.seconds(8000))
        #expect(talk.updates.dropFirst().allSatisfy { $0.options.first(DelegatedMobileNetworkPrefix.self) == nil })
        #expect(talk.atGateway.prefixes == [Domain.prefix("2001:db8:1234::/64")])
        #expect(talk.atGateway.paths.count == 2)
    }

    /// RFC 5845 §3.3.2: a refresh without the key option is accepted without GRE where GRE is not required.
    @Test func refreshWithoutTheKeyGoesOnWithoutGRE() throws {
        var alone = LoneAnchor()
        alone.ask()
        let reply = try #require(alone.ask { ($0.greKey, $0.handoff) = (nil, .notChanged) })
        #expect(reply.status == .accepted && reply.options.first(GREKey.self) == nil)
        #expect(alone.ledger.paths[Domain.path(1)]?.encapsulation == .ipInIP)
    }

    /// RFC 5845 §3.3.2, §5.2: whatever downlink key a refresh brings, the uplink key stays.
    @Test func uplinkKeyStaysWhenTheDownlinkKeyChanges() throws {
        var alone = LoneAnchor()
        let first = try #require(alone.ask()?.options.first(GREKey.self)?.key)
        let again = alone.ask { ($0.greKey, $0.handoff) = (GREKey(0x55), .notChanged) }
        #expect(again?.options.first(GREKey.self)?.key == first)
        #expect(alone.ledger.sessions.values.first?.downlinkKey == 0x55)
        #expect(alone.ledger.sessions.values.first?.uplinkKey == first)
    }
}
