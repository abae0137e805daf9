// SPDX-License-Identifier: Apache-2.0
import Mobility
import Testing
import Wire

@Suite struct PrefixDelegationServerTests {
    private static let pool = pool("2001:db8:5600::/56")
    private static let own = client(0xFFFF)

    /// The first two /64 are the LANs'.
    private static func pool(_ text: String) -> PrefixDelegationPool? {
        IPPrefix(text).map { prefix in
            PrefixDelegationPool(prefix, reserved: [0, 1].compactMap { prefix.subprefix(length: 64, at: $0) })
        }
    }

    /// Delegates /60 on the LAN 0, /62 on 1, nothing on 2.
    private static func server(_ pool: PrefixDelegationPool? = pool) -> PrefixDelegationServer {
        var first = PrefixDelegationSettings()
        first.domainNameServers = [IPv6Address("2001:db8:53::53")].compactMap(\.self)
        var second = PrefixDelegationSettings()
        second.length = 62
        var server = PrefixDelegationServer(identifier: own, settings: [0: first, 1: second])
        _ = server.handle(.poolChanged(pool), at: .zero)
        return server
    }

    private static func router(_ number: Int) -> IPv6Address {
        IPv6Address(high: 0xFE80_0000_0000_0000, low: UInt64(number))
    }

    private static func client(_ number: Int) -> DHCPUniqueIdentifier {
        DHCPUniqueIdentifier(LinkLayerAddress(group: IPv6Address(high: 0, low: UInt64(number))))
    }

    private static func message(
        _ type: DHCPv6MessageType,
        of number: Int,
        _ prefixes: [String] = [],
        to server: DHCPUniqueIdentifier? = nil,
        more: [DHCPv6Option] = []
    ) -> DHCPv6Message {
        let named = prefixes.compactMap { IPPrefix($0) }.map { DHCPv6Option.prefix(DelegatedPrefix($0)) }
        return DHCPv6Message(
            type,
            transaction: UInt32(number),
            [.clientIdentifier(client(number))] + (server.map { [.serverIdentifier($0)] } ?? [])
                + [.prefixAssociation(DHCPv6Association(7, named))] + more
        )
    }

    /// What is answered, and which routes change.
    private func ask(
        _ server: inout PrefixDelegationServer,
        _ message: DHCPv6Message,
        link: Int = 0,
        from source: IPv6Address? = nil,
        isUnicast: Bool = false,
        at now: Instant = .zero
    ) throws -> (answer: DHCPv6Message?, routes: [String]) {
        let source = source ?? Self.router(Int(message.transaction))
        let event = PrefixDelegationServer.Event.received(
            message.octets,
            from: source,
            isUnicast: isUnicast,
            link: link
        )
        let actions = server.handle(event, at: now)
        var answer: DHCPv6Message?
        for case .send(let octets, let address, let number) in actions {
            #expect(address == source && number == link && answer == nil)
            answer = try DHCPv6Message(decoding: octets)
        }
        if let answer {
            #expect(answer.transaction == message.transaction && answer.server == Self.own)
            #expect(answer.client == message.client)
        }
        return (answer, routes(actions))
    }

    private func routes(_ actions: [PrefixDelegationServer.Action]) -> [String] {
        actions.compactMap { action in
            switch action {
            case .begin(let lease): "+\(lease.prefix) \(lease.router) \(lease.holder.link)"
            case .end(let lease): "-\(lease.prefix) \(lease.router) \(lease.holder.link)"
            case .send: nil
            }
        }
    }

    private func prefix(_ answer: DHCPv6Message?) -> IPPrefix? {
        answer?.prefixAssociations.first?.prefixes.first { $0.validLifetime > 0 }?.prefix
    }

    private func bound(_ server: inout PrefixDelegationServer, _ number: Int, link: Int = 0) throws -> IPPrefix {
        let (answer, _) = try ask(&server, Self.message(.solicit, of: number, [], more: [.rapidCommit]), link: link)
        #expect(answer?.type == .reply && answer?.hasRapidCommit == true)
        return try #require(prefix(answer))
    }

    @Test func routerGetsAPrefixInFourMessages() throws {
        var server = Self.server()
        let (offer, none) = try ask(&server, Self.message(.solicit, of: 1))
        #expect(offer?.type == .advertise && offer?.hasRapidCommit == false && none.isEmpty)
        let offered = try #require(prefix(offer))
        #expect(offered.length == 60 && Self.pool?.prefix.contains(offered) == true)
        // What the LANs have is nobody else's.
        #expect(Self.pool?.reserved.contains { $0.overlaps(offered) } == false)
        let request = Self.message(.request, of: 1, ["\(offered)"], to: Self.own)
        let (reply, routes) = try ask(&server, request)
        #expect(reply?.type == .reply && prefix(reply) == offered)
        #expect(routes == ["+\(offered) fe80::1 0"])
        let association = try #require(reply?.prefixAssociations.first)
        #expect(association.identifier == 7 && association.renewal == 900 && association.rebinding == 1440)
        #expect(association.prefixes.first?.preferredLifetime == 1800)
        #expect(association.prefixes.first?.validLifetime == 3600)
        #expect(try ask(&server, request).routes.isEmpty)
    }

    @Test func rapidCommitTakesTwoMessages() throws {
        var server = Self.server()
        let (answer, routes) = try ask(&server, Self.message(.solicit, of: 1, [], more: [.rapidCommit]))
        #expect(answer?.type == .reply && answer?.hasRapidCommit == true)
        #expect(routes == ["+\(try #require(prefix(answer))) fe80::1 0"])
    }

    @Test func everyRouterHasItsOwnPrefixUntilNoneIsLeft() throws {
        var server = Self.server()
        // Of the sixteen /60 the LANs' lie in the first; on both LANs together.
        let given = try (1...15).map { try bound(&server, $0, link: $0.isMultiple(of: 3) ? 1 : 0) }
        for (place, one) in given.enumerated() {
            #expect(given[..<place].allSatisfy { !$0.overlaps(one) })
        }
        for number in 16...40 { _ = try ask(&server, Self.message(.solicit, of: number, [], more: [.rapidCommit])) }
        let (answer, _) = try ask(&server, Self.message(.solicit, of: 99))
        let association = try #require(answer?.prefixAssociations.first)
        #expect(association.prefixes.isEmpty)
        #expect(association.status?.code == DHCPv6Status.Code.noPrefixAvailable.rawValue)
        #expect(server.counters.exhausted > 0)
    }

    @Test func withoutADelegatedPrefixThereIsNone() throws {
        var server = Self.server(nil)
        let (answer, routes) = try ask(&server, Self.message(.solicit, of: 1, [], more: [.rapidCommit]))
        #expect(answer?.prefixAssociations.first?.status?.code == 6 && routes.isEmpty)
        // A home network prefix is one /64, which the LAN has.
        _ = server.handle(.poolChanged(Self.pool("2001:db8:1234:5::/64")), at: .zero)
        #expect(try ask(&server, Self.message(.solicit, of: 1)).answer?.prefixAssociations.first?.status?.code == 6)
    }

    @Test func hintsAreFollowedWhereTheyCanBe() throws {
        var server = Self.server()
        func given(_ number: Int, _ hint: String) throws -> String? {
            let question = Self.message(.solicit, of: number, [hint], more: [.rapidCommit])
            return prefix(try ask(&server, question).answer).map { "\($0)" }
        }
        #expect(try given(1, "2001:db8:5600:a0::/60") == "2001:db8:5600:a0::/60")
        #expect(try given(2, "2001:db8:5600:b8::/62") == "2001:db8:5600:b8::/62")
        #expect(try given(3, "::/63")?.hasSuffix("/63") == true)
        // Taken, the LAN's own, too large, somebody else's: another one, of the wished length if that may be.
        #expect(try given(4, "2001:db8:5600:a0::/60") != "2001:db8:5600:a0::/60")
        #expect(try given(5, "2001:db8:5600::/64") != "2001:db8:5600::/64")
        #expect(try given(6, "2001:db8:5600::/57")?.hasSuffix("/60") == true)
        #expect(try given(7, "2001:db8:9900::/60")?.hasPrefix("2001:db8:56") == true)
        #expect(try given(8, "::/80")?.hasSuffix("/60") == true)
    }

    @Test func prefixIsTheSameAfterARestart() throws {
        var first = Self.server()
        let given = try bound(&first, 1)
        var second = Self.server()
        // Nobody else took it: the choice follows from the name.
        #expect(try bound(&second, 1) == given)
        // Who renews keeps what it has, though we have forgotten it.
        var third = Self.server()
        let kept = "2001:db8:5600:70::/60"
        let (answer, routes) = try ask(&third, Self.message(.renew, of: 2, [kept], to: Self.own))
        #expect(prefix(answer) == IPPrefix(kept) && routes == ["+\(kept) fe80::2 0"])
        let other = "2001:db8:5600:80::/60"
        #expect(prefix(try ask(&third, Self.message(.rebind, of: 3, [other])).answer) == IPPrefix(other))
    }

    @Test func whatWasInUseIsRestored() throws {
        var server = Self.server(nil)
        let prefix = try #require(IPPrefix("2001:db8:5600:40::/60"))
        let holder = PrefixLease.Holder(link: 0, client: Self.client(1), association: 7)
        // One on a LAN without delegation, which is forgotten.
        let strange = PrefixLease.Holder(link: 2, client: Self.client(2), association: 7)
        let other = try #require(IPPrefix("2001:db8:5600:50::/60"))
        server.restore(
            [
                PrefixLease(prefix, of: holder, via: Self.router(1)),
                PrefixLease(other, of: strange, via: Self.router(2)),
            ],
            at: .zero
        )
        #expect(routes(server.handle(.poolChanged(Self.pool), at: .zero)) == ["+\(prefix) fe80::1 0"])
        let question = Self.message(.solicit, of: 9, ["\(prefix)"], more: [.rapidCommit])
        #expect(self.prefix(try ask(&server, question).answer) != prefix)
    }

    @Test func leasesEndAndAreExtended() throws {
        var server = Self.server()
        let given = try bound(&server, 1)
        let later = Instant.zero + .seconds(3000)
        let (answer, none) = try ask(&server, Self.message(.renew, of: 1, ["\(given)"], to: Self.own), at: later)
        #expect(prefix(answer) == given && none.isEmpty)
        #expect(server.nextDeadline == later + .seconds(3600))
        #expect(server.handle(.deadline, at: later + .seconds(3599)).isEmpty)
        #expect(routes(server.handle(.deadline, at: later + .seconds(3600))) == ["-\(given) fe80::1 0"])
        #expect(server.nextDeadline == nil)
    }

    @Test func offersEndQuickly() throws {
        var server = Self.server()
        _ = try ask(&server, Self.message(.solicit, of: 1))
        #expect(server.nextDeadline == .zero + .seconds(60))
        #expect(server.handle(.deadline, at: .zero + .seconds(60)).isEmpty)
        #expect(server.nextDeadline == nil)
        // What a router has is not taken away by its asking anew.
        let given = try bound(&server, 2)
        let later = Instant.zero + .seconds(600)
        #expect(try ask(&server, Self.message(.solicit, of: 2), at: later).routes.isEmpty)
        #expect(server.nextDeadline == .zero + .seconds(3600))
        #expect(try ask(&server, Self.message(.release, of: 2, ["\(given)"], to: Self.own)).routes.count == 1)
    }

    @Test func releasedPrefixIsFree() throws {
        var server = Self.server()
        let given = try bound(&server, 1)
        let (answer, routes) = try ask(&server, Self.message(.release, of: 1, ["\(given)"], to: Self.own))
        #expect(answer?.type == .reply && answer?.status?.code == 0 && answer?.prefixAssociations.isEmpty == true)
        #expect(routes == ["-\(given) fe80::1 0"])
        let question = Self.message(.solicit, of: 2, ["\(given)"], more: [.rapidCommit])
        #expect(prefix(try ask(&server, question).answer) == given)
        // Of whom we know nothing, that is said.
        let (unknown, _) = try ask(&server, Self.message(.release, of: 9, ["\(given)"], to: Self.own))
        #expect(unknown?.status?.code == 0)
        #expect(unknown?.prefixAssociations.first?.status?.code == DHCPv6Status.Code.noBinding.rawValue)
        let (declined, none) = try ask(&server, Self.message(.decline, of: 9, [], to: Self.own))
        #expect(declined?.prefixAssociations.first?.status?.code == 3 && none.isEmpty)
        // Prefixes cannot be declined.
        #expect(try ask(&server, Self.message(.decline, of: 2, [], to: Self.own)).routes.isEmpty)
    }

    @Test func renumberedRouterIsToldSoWhenItAsks() throws {
        var server = Self.server()
        let old = try bound(&server, 1)
        let changed = server.handle(.poolChanged(Self.pool("2001:db8:7700::/56")), at: .zero)
        #expect(self.routes(changed) == ["-\(old) fe80::1 0"])
        let (answer, routes) = try ask(&server, Self.message(.renew, of: 1, ["\(old)"], to: Self.own))
        let prefixes = try #require(answer?.prefixAssociations.first).prefixes
        let new = try #require(prefix(answer))
        #expect(new != old && IPPrefix("2001:db8:7700::/56")?.contains(new) == true)
        #expect(prefixes.map(\.prefix) == [new, old])
        #expect(prefixes.last?.validLifetime == 0 && prefixes.last?.preferredLifetime == 0)
        #expect(routes == ["+\(new) fe80::1 0"])
    }

    @Test func prefixThatGoesIsWithdrawnWhenTheRouterAsks() throws {
        var server = Self.server()
        let old = try bound(&server, 1)
        #expect(routes(server.handle(.poolChanged(nil), at: .zero)) == ["-\(old) fe80::1 0"])
        let association = try #require(
            try ask(&server, Self.message(.rebind, of: 1, ["\(old)"])).answer?.prefixAssociations.first
        )
        #expect(association.status?.code == 6)
        #expect(association.prefixes.map(\.prefix) == [old] && association.prefixes.first?.validLifetime == 0)
    }

    /// An outage of the anchor's: nobody has asked meanwhile.
    @Test func prefixThatComesBackIsRoutedAgain() throws {
        var server = Self.server()
        let given = try bound(&server, 1)
        _ = server.handle(.poolChanged(nil), at: .zero)
        let later = Instant.zero + .seconds(600)
        #expect(routes(server.handle(.poolChanged(Self.pool), at: later)) == ["+\(given) fe80::1 0"])
        // As with a link that was away.
        #expect(routes(server.handle(.linkRenewed(1), at: later)).isEmpty)
        #expect(routes(server.handle(.linkRenewed(0), at: later)) == ["+\(given) fe80::1 0"])
    }

    @Test func routeFollowsTheRoutersAddress() throws {
        var server = Self.server()
        let given = try bound(&server, 1)
        let question = Self.message(.rebind, of: 1, ["\(given)"])
        let (_, routes) = try ask(&server, question, from: Self.router(77))
        #expect(routes == ["-\(given) fe80::1 0", "+\(given) fe80::4d 0"])
    }

    @Test func serversAreToldToWhoAsks() throws {
        var server = Self.server()
        let servers = DHCPv6Option.domainNameServers([IPv6Address("2001:db8:53::53")].compactMap(\.self))
        let wish = DHCPv6Option.optionRequest([24, 23])
        // Stateless, and without naming itself.
        let question = DHCPv6Message(.informationRequest, transaction: 5, [wish])
        let (answer, _) = try ask(&server, question)
        #expect(answer?.type == .reply && answer?.options == [.serverIdentifier(Self.own), servers])
        let (told, _) = try ask(&server, Self.message(.solicit, of: 1, [], more: [wish]))
        #expect(told?.options.contains(servers) == true)
        #expect(try ask(&server, Self.message(.solicit, of: 1)).answer?.options.contains(servers) == false)
    }

    @Test func addressesAreNotGivenOut() throws {
        var server = Self.server()
        let wish = DHCPv6Option.addressAssociation(DHCPv6Association(3))
        let (answer, _) = try ask(&server, Self.message(.solicit, of: 1, [], more: [wish]))
        #expect(prefix(answer) != nil && answer?.addressAssociations.first?.identifier == 3)
        #expect(answer?.addressAssociations.first?.status?.code == DHCPv6Status.Code.noAddressesAvailable.rawValue)
    }

    @Test func whatIsNotForUsIsIgnored() throws {
        var server = Self.server()
        let other = Self.client(50)
        let silent: [DHCPv6Message] = [
            Self.message(.solicit, of: 1, to: Self.own), Self.message(.rebind, of: 1, to: Self.own),
            Self.message(.request, of: 1), Self.message(.request, of: 1, to: other), Self.message(.renew, of: 1),
            Self.message(.renew, of: 1, to: other), Self.message(.release, of: 1, to: other),
            Self.message(.decline, of: 1), Self.message(.confirm, of: 1), Self.message(.confirm, of: 1, to: Self.own),
            Self.message(.informationRequest, of: 1), Self.message(.advertise, of: 1, to: Self.own),
            Self.message(.reply, of: 1, to: Self.own), Self.message(.reconfigure, of: 1, to: Self.own),
            DHCPv6Message(.solicit, transaction: 1), DHCPv6Message(.rebind, transaction: 1),
            DHCPv6Message(.informationRequest, transaction: 1, [.serverIdentifier(other)]),
        ]
        for message in silent {
            #expect(try ask(&server, message).answer == nil, "\(message)")
        }
        // Of a LAN without delegation, and from beyond a link.
        #expect(try ask(&server, Self.message(.solicit, of: 1), link: 2).answer == nil)
        let far = IPv6Address("2001:db8::1")
        #expect(try ask(&server, Self.message(.solicit, of: 1), from: far).answer == nil)
        _ = server.handle(.received([1, 2], from: Self.router(1), isUnicast: false, link: 0), at: .zero)
        #expect(server.counters.ignored == silent.count + 3 && server.counters.answered == 0)
    }

    @Test func unicastIsRefused() throws {
        var server = Self.server()
        for type in [DHCPv6MessageType.request, .renew, .release, .decline] {
            let (answer, routes) = try ask(&server, Self.message(type, of: 1, to: Self.own), isUnicast: true)
            #expect(answer?.type == .reply && answer?.status?.code == DHCPv6Status.Code.useMulticast.rawValue)
            #expect(answer?.options.count == 3 && routes.isEmpty)
        }
        for type in [DHCPv6MessageType.solicit, .rebind, .confirm] {
            #expect(try ask(&server, Self.message(type, of: 1), isUnicast: true).answer == nil)
        }
    }

    @Test func namesWithoutEndAreGivenNoMoreThanSomeLeases() throws {
        var server = Self.server(Self.pool("2001:db8::/32"))
        for number in 0..<400 {
            _ = try ask(&server, Self.message(.solicit, of: number, [], more: [.rapidCommit]))
        }
        #expect(server.counters.exhausted == 400 - 256)
        // Who has one keeps it.
        let (answer, _) = try ask(&server, Self.message(.rebind, of: 0))
        #expect(prefix(answer) != nil)
    }
}
