// SPDX-License-Identifier: Apache-2.0
import Mobility
import Testbed
import Testing
import Wire

/// The anchor as delegating router, the gateway as its relay agent (RFC 7148 §3.2.2, §5.1.3).
@Suite struct DelegatingAnchorTests {
    typealias Domain = ExampleDomain
    typealias Scene = DelegationScene

    private static let own = Domain.prefix("2001:db8:5600::/56")
    private static let first = Domain.prefix("2001:db8:5600:100::/56")
    private static let second = Domain.prefix("2001:db8:5600:200::/56")

    private static func scene(
        _ settings: AnchorSettings = Scene.anchor,
        _ change: (inout GatewaySettings) -> Void = { _ in }
    ) -> Scene {
        var gateway = Domain.gateway
        change(&gateway)
        return Scene(Domain.registered(anchor: settings, gateway: gateway))
    }

    /// The router has what it was offered.
    private static func served(_ settings: AnchorSettings = Scene.anchor) -> Scene {
        var scene = scene(settings)
        scene.ask(.solicit)
        scene.ask(.request, [first])
        scene.passes(.seconds(1))
        scene.forgetAnswers()
        scene.talk.forgetMessages()
        return scene
    }

    private func named(_ update: BindingUpdate?) -> [IPPrefix] {
        update?.options.all(DelegatedMobileNetworkPrefix.self).compactMap(\.prefix) ?? []
    }

    @Test func answerWaitsUntilItsPrefixIsRegistered() throws {
        var scene = Self.scene()
        scene.talk.forgetMessages()
        scene.ask(.solicit)
        #expect(scene.answers.map(\.message.type) == [.advertise] && scene.prefix() == Self.first)
        #expect(scene.talk.updates.isEmpty)
        scene.ask(.request, [Self.first])
        // The anchor has answered, and the answer waits for one update, which names the prefix for both paths.
        #expect(scene.answers.count == 1 && scene.routes.isEmpty && scene.relay.counters.held == 1)
        #expect(scene.talk.updates.count == 1 && named(scene.talk.updates.first).contains(Self.first))
        #expect(scene.talk.updates.first?.options.first(MAGMultipathBinding.self)?.isBulkReregistration == true)
        scene.passes(.milliseconds(200))
        #expect(scene.answers.map(\.message.type) == [.advertise, .reply] && scene.prefix() == Self.first)
        #expect(scene.routes == [Self.first: Scene.router(1)])
        #expect(scene.talk.anchorSession?.delegatedPrefixes.contains(Self.first) == true)
        #expect(scene.talk.atAnchor.prefixes.contains(Self.first))
        // What is the site's own stays that.
        #expect(scene.talk.gateway.delegation?.sites.contains(Self.own) == true)
        #expect(scene.talk.gateway.delegation?.sites.contains(Self.first) == false)
        #expect(scene.faults.isEmpty && scene.talk.atGateway.faults.isEmpty && scene.talk.atAnchor.faults.isEmpty)
    }

    @Test func rapidCommitTakesOneExchange() {
        var scene = Self.scene()
        scene.ask(.solicit, more: [.rapidCommit])
        scene.passes(.milliseconds(200))
        #expect(scene.answers.map(\.message.type) == [.reply] && scene.prefix() == Self.first)
        #expect(scene.routes.count == 1)
    }

    @Test func whatIsRegisteredIsRenewedAtOnce() {
        var scene = Self.served()
        scene.ask(.renew, [Self.first])
        #expect(scene.prefix() == Self.first && scene.talk.updates.isEmpty)
    }

    @Test func releaseFreesThePrefix() {
        var scene = Self.served()
        scene.ask(.release, [Self.first])
        #expect(scene.routes.isEmpty && !scene.talk.atGateway.prefixes.contains(Self.first))
        #expect(scene.talk.updates.count == 1 && !named(scene.talk.updates.first).contains(Self.first))
        scene.passes(.milliseconds(200))
        #expect(scene.talk.anchorSession?.delegatedPrefixes.contains(Self.first) == false)
        #expect(scene.talk.anchorSession?.delegatedPrefixes.contains(Self.own) == true)
        // Somebody else may have it.
        scene.ask(.solicit, of: 2, more: [.rapidCommit])
        scene.passes(.milliseconds(200))
        #expect(scene.prefix(of: 2) == Self.first && scene.routes == [Self.first: Scene.router(2)])
        #expect(scene.faults.isEmpty)
    }

    @Test func whatIsNotRenewedLeavesTheSession() {
        var scene = Self.served()
        scene.passes(.seconds(3595), step: .seconds(1))
        #expect(scene.routes.count == 1)
        scene.passes(.seconds(10), step: .seconds(1))
        #expect(scene.routes.isEmpty)
        #expect(scene.talk.anchorSession?.delegatedPrefixes.contains(Self.first) == false)
        #expect(scene.talk.atGateway.paths.count == 2)
    }

    @Test func routersHavePrefixesOfTheirOwn() {
        var scene = Self.served()
        scene.ask(.solicit, of: 2, link: 1, more: [.rapidCommit])
        scene.ask(.solicit, of: 3, [Domain.prefix("::/60")], more: [.rapidCommit])
        scene.passes(.milliseconds(500))
        let prefixes = [Self.first, scene.prefix(of: 2), scene.prefix(of: 3)].compactMap(\.self)
        #expect(Set(prefixes).count == 3 && Set(scene.routes.keys) == Set(prefixes))
        #expect(Set(prefixes).isSubset(of: named(scene.talk.updates.last)))
        #expect(scene.faults.isEmpty)
    }

    @Test func sessionHasNoMoreThanEight() {
        var scene = Self.scene()
        for number in 1...9 { scene.ask(.solicit, of: number, more: [.rapidCommit]) }
        scene.passes(.seconds(2))
        // Two are the site's own.
        #expect(scene.routes.count == 6 && scene.talk.atGateway.paths.count == 2)
        #expect((1...9).filter { scene.status(of: $0) == DHCPv6Status.Code.noPrefixAvailable.rawValue }.count == 3)
    }

    /// RFC 7148 §5.1.3: a promise is nobody else's, but not for ever.
    @Test func promiseIsKeptForAWhile() throws {
        var settings = Scene.anchor
        let other = NodeIdentifier(nai: "cpe2@example.net")
        settings.gateways[0].mobileNodes.append(other)
        var scene = Self.scene(settings)
        // The update that would name it never arrives.
        scene.talk.network.dead = [Domain.lte, Domain.dsl]
        scene.ask(.solicit, more: [.rapidCommit])
        scene.passes(.seconds(1))
        #expect(scene.answers.isEmpty)
        let home = try #require(IPv6Address("2001:db8:1234::"))
        let moment = scene.talk.anchorMoment
        // Neither by name nor by lot.
        var anchor = scene.talk.anchor
        let theirs = LoneAnchor.prefixes(of: other, naming: Self.first, at: &anchor, moment)
        #expect(theirs.status == .requestedDelegatedPrefixInUse)
        let lot = LoneAnchor.prefixes(of: other, naming: nil, at: &anchor, moment)
        #expect(lot.status == .accepted && !lot.prefixes.contains(Self.first) && !lot.prefixes.isEmpty)
        // The gateway gives up, and its routers ask again; the anchor keeps it a little longer.
        scene.passes(.seconds(25))
        #expect(scene.relay.counters.expired == 1 && scene.answers.isEmpty && scene.routes.isEmpty)
        scene.passes(.seconds(40))
        var later = scene.talk.anchor
        let free = LoneAnchor.prefixes(of: other, naming: Self.first, at: &later, scene.talk.anchorMoment)
        #expect(free.status == .accepted && free.prefixes.contains(Self.first))
        #expect(home == scene.talk.gateway.delegation?.homeNetworkPrefix.flatMap { IPv6Address("\($0.address)") })
    }

    @Test func gatewayThatComesBackNamesWhatItsRoutersHave() throws {
        var scene = Self.served()
        let lease = PrefixLease(
            Self.first,
            of: PrefixLease.Holder(link: 0, client: Scene.client(1), association: 7),
            via: Scene.router(1)
        )
        scene.talk.gatewayComesBack(Domain.gateway)
        var after = Scene(scene.talk)
        after.restore([lease])
        after.talk.gatewayStarts()
        after.talk.up("wan1", Domain.lte)
        after.talk.up("wan2", Domain.dsl)
        after.passes(.seconds(1))
        #expect(after.talk.updates.allSatisfy { named($0).contains(Self.first) })
        #expect(after.routes == [Self.first: Scene.router(1)])
        #expect(after.talk.anchorSession?.delegatedPrefixes.contains(Self.first) == true)
        #expect(after.talk.gateway.delegation?.sites.contains(Self.own) == true)
        after.ask(.renew, [Self.first])
        #expect(after.prefix() == Self.first && after.faults.isEmpty)
        after.ask(.release, [Self.first])
        after.passes(.seconds(1))
        #expect(after.talk.anchorSession?.delegatedPrefixes.contains(Self.first) == false)
    }

    @Test func anchorThatComesBackKnowsWhatIsRegistered() {
        var scene = Self.served()
        scene.talk.anchorComesBack(Scene.anchor)
        scene.passes(.seconds(1))
        // Nobody has said to it who has what; the client names it.
        scene.ask(.renew, [Self.first])
        #expect(scene.prefix() == Self.first)
        scene.ask(.solicit, of: 2, more: [.rapidCommit])
        scene.passes(.seconds(1))
        #expect(scene.prefix(of: 2) == Self.second && scene.routes.count == 2)
    }

    /// Its pool is another one now: what routers have is nowhere to be had.
    @Test func anchorThatHasLostEverythingRefusesNobodyElse() {
        var scene = Self.served()
        var settings = Scene.anchor
        settings.delegatedIPv6 = PrefixPool(range: Domain.prefix("2001:db8:6600::/40"), length: 56)
        settings.restartCounter = 2
        scene.talk.anchorRestarts(settings)
        scene.passes(.seconds(400), step: .seconds(1))
        #expect(scene.routes.isEmpty && scene.talk.atGateway.paths.count == 2)
        scene.ask(.rebind, [Self.first])
        scene.passes(.seconds(1))
        #expect(scene.prefix().map { Domain.prefix("2001:db8:6600::/40").contains($0) } == true)
        #expect(scene.routes.count == 1 && scene.faults.isEmpty)
    }

    // MARK: What nodes have to themselves

    private static var profiled: AnchorSettings {
        var settings = Scene.anchor
        var profile = MobileNodeProfile(Domain.mobileNode)
        profile.delegatedPrefixes = [Domain.prefix("2001:db8:7700::/56")]
        settings.profiles = [profile]
        settings.delegatedIPv6 = nil
        return settings
    }

    @Test func ownPrefixGoesToTheRouter() {
        var scene = Self.scene(Self.profiled) { $0.requestsDelegatedIPv6 = false }
        scene.ask(.solicit, more: [.rapidCommit])
        scene.passes(.seconds(1))
        let own = Domain.prefix("2001:db8:7700::/56")
        #expect(scene.prefix() == own && scene.routes == [own: Scene.router(1)])
        // There is one only.
        scene.ask(.solicit, of: 2, more: [.rapidCommit])
        #expect(scene.status(of: 2) == DHCPv6Status.Code.noPrefixAvailable.rawValue)
        // A client that has forgotten all, and an anchor that has.
        scene.talk.anchorComesBack(Self.profiled)
        scene.ask(.solicit, more: [.rapidCommit])
        #expect(scene.prefix() == own && scene.faults.isEmpty)
    }

    /// It is on the LANs: the gateway knows, and lets no router have it.
    @Test func whatTheSiteHasIsNoRouters() {
        var scene = Self.scene(Self.profiled)
        #expect(scene.talk.gateway.delegation?.sites.contains(Domain.prefix("2001:db8:7700::/56")) == true)
        scene.ask(.solicit, more: [.rapidCommit])
        #expect(scene.status() == DHCPv6Status.Code.noPrefixAvailable.rawValue)
        #expect(scene.relay.counters.refused == 1 && scene.routes.isEmpty)
        var pooled = Self.scene()
        pooled.ask(.request, [Self.own])
        #expect(pooled.status() == DHCPv6Status.Code.noPrefixAvailable.rawValue && pooled.routes.isEmpty)
    }

    // MARK: Refusals

    /// RFC 7148 §5.1.2: 177.
    @Test func withoutTheRightThereIsNone() {
        var settings = Scene.anchor
        settings.gateways[0].isDelegationAllowed = false
        var scene = Self.scene(settings)
        scene.ask(.solicit, more: [.rapidCommit])
        #expect(scene.status() == DHCPv6Status.Code.noPrefixAvailable.rawValue && scene.routes.isEmpty)
    }

    /// An anchor that promises what it then does not register.
    @Test func refusedPrefixIsTakenOutOfTheAnswer() throws {
        var scene = Self.scene()
        scene.ask(.solicit, more: [.rapidCommit])
        // In the same moment everybody forgets the promise, and another node gets the prefix.
        scene.talk.network.loses(.toAnchor)
        scene.talk.network.dead = [Domain.lte, Domain.dsl]
        scene.passes(.seconds(1))
        scene.talk.anchorComesBack(Self.taken(Self.first))
        scene.talk.network.dead = []
        scene.passes(.seconds(10))
        #expect(scene.status() == DHCPv6Status.Code.noPrefixAvailable.rawValue && scene.routes.isEmpty)
        #expect(scene.relay.counters.refused == 1 && scene.talk.atGateway.paths.count == 2)
        #expect(scene.talk.gateway.delegation?.named == [])
    }

    private static func taken(_ prefix: IPPrefix) -> AnchorSettings {
        var settings = Scene.anchor
        var profile = MobileNodeProfile(NodeIdentifier(nai: "cpe9@example.net"))
        profile.delegatedPrefixes = [prefix]
        settings.profiles = [profile]
        return settings
    }

    // MARK: What is not for us

    @Test func onlyClientsOnTheLANsAreRelayed() {
        var scene = Self.scene()
        let solicit = DHCPv6Message(.solicit, transaction: 1, [.clientIdentifier(Scene.client(1))]).octets
        let events: [PrefixDelegationRelay.Event] = [
            .received(solicit, from: Scene.router(1), isUnicast: true, link: 0),
            .received(solicit, from: Scene.router(1), isUnicast: false, link: 2),
            .received(solicit, from: .zero, isUnicast: false, link: 0),
            .received([7] + solicit.dropFirst(), from: Scene.router(1), isUnicast: false, link: 0),
            .received([12, 0], from: Scene.router(1), isUnicast: false, link: 0),
            .answered([13, 0], from: Scene.router(1)),
        ]
        for event in events { scene.hear(event) }
        #expect(scene.answers.isEmpty && scene.relay.counters.relayed == 0 && scene.relay.counters.ignored == 6)
    }

    @Test func anchorAnswersItsOwnNodesOnly() throws {
        let scene = Self.scene()
        var anchor = scene.talk.anchor
        let home = try #require(IPv6Address("2001:db8:1234::"))
        let stranger = try #require(IPv6Address("2001:db8:1234:1::"))
        let inner = DHCPv6Message(
            .solicit,
            transaction: 1,
            [.clientIdentifier(Scene.client(1)), .prefixAssociation(DHCPv6Association(1))]
        )
        func relayed(_ change: (inout DHCPv6RelayMessage) -> Void = { _ in }) -> [UInt8] {
            var forward = DHCPv6RelayMessage(.forward, link: home, peer: Scene.router(1), [.relayMessage(inner.octets)])
            change(&forward)
            return forward.octets
        }
        func answer(_ octets: [UInt8], from source: IPv6Address = home) -> [UInt8]? {
            anchor.answer(relayed: octets, from: source, at: scene.talk.anchorMoment)
        }
        #expect(answer(relayed()) != nil && answer(relayed(), from: stranger) == nil)
        // RFC 7148 §3.2.2
        let theirs = DHCPv6Option.remoteIdentifier(enterprise: 1, Array("cpe2@example.net".utf8))
        #expect(answer(relayed { $0.options.append(theirs) }) == nil)
        #expect(answer(relayed { $0.hopCount = 1 }) == nil && answer(relayed { $0.direction = .reply }) == nil)
        #expect(answer([1, 2, 3]) == nil && answer(relayed { $0.options = [] }) == nil)
        // Who asks without end is not answered without end.
        #expect((0..<50).filter { _ in answer(relayed()) != nil }.count < 20)
        anchor = LocalMobilityAnchor(Domain.anchor, seed: 1)
        #expect(answer(relayed()) == nil)
    }

    /// RFC 8278 §4.1: where no bulk update may be sent, each path names them.
    @Test func withoutBulkEachPathNamesThem() {
        var scene = Self.scene { $0.refreshesInBulk = false }
        scene.talk.forgetMessages()
        scene.ask(.solicit, more: [.rapidCommit])
        scene.passes(.seconds(1))
        #expect(scene.talk.updates.count == 2 && scene.talk.updates.allSatisfy { named($0).contains(Self.first) })
        #expect(scene.routes.count == 1)
        // What the anchor still speaks of after its release is not taken for the site's own.
        scene.ask(.release, [Self.first])
        scene.passes(.seconds(1))
        #expect(!scene.talk.atGateway.prefixes.contains(Self.first) && scene.routes.isEmpty)
        #expect(scene.talk.gateway.delegation?.sites.contains(Self.first) == false)
    }

    /// The path that was to tell is gone: another one tells.
    @Test func lostUpdateIsSentOnAnotherPath() {
        var scene = Self.scene()
        scene.talk.network.dead = [Domain.lte]
        scene.ask(.solicit, more: [.rapidCommit])
        scene.passes(.milliseconds(300))
        #expect(scene.answers.isEmpty)
        scene.talk.down("wan1")
        scene.settle()
        scene.passes(.milliseconds(300))
        #expect(scene.prefix() == Self.first && scene.routes.count == 1)
    }
}

extension LoneAnchor {
    /// What another node's gateway gets at this anchor, by an update of its own.
    fileprivate static func prefixes(
        of node: NodeIdentifier,
        naming prefix: IPPrefix?,
        at anchor: inout LocalMobilityAnchor,
        _ now: Moment
    ) -> (status: BindingStatus?, prefixes: [IPPrefix]) {
        var update = HandmadeUpdate()
        update.mobileNode = node
        update.further = [prefix.map(DelegatedMobileNetworkPrefix.init) ?? .requestIPv6]
        for case .send(let datagram) in anchor.handle(.received(update.datagram(at: now.timestamp)), at: now) {
            guard let message = try? MobilityHeader(decoding: datagram.octets).message,
                case .bindingAcknowledgement(let reply) = message
            else { continue }
            return (reply.status, reply.options.all(DelegatedMobileNetworkPrefix.self).compactMap(\.prefix))
        }
        return (nil, [])
    }
}
