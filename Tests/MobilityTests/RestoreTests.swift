// SPDX-License-Identifier: Apache-2.0
import Mobility
import Testbed
import Testing
import Wire

/// An anchor that is killed and comes back with what it stored (RFC 5213 §5.5, §5.7; RFC 5847 §3.2).
@Suite struct RestoreTests {
    typealias Domain = ExampleDomain

    private static let other = NodeIdentifier(nai: "cpe2@example.net")

    private static var twoNodes: AnchorSettings {
        var settings = Domain.anchor
        settings.gateways[0].mobileNodes.append(other)
        settings.ipv4HomeAddresses = PrefixPool(range: Domain.prefix("10.9.0.0/29"), length: 32)
        return settings
    }

    /// What a lifetime and a clock make of it apart.
    private static func essence(_ snapshot: AnchorSnapshot) -> [SessionSnapshot] {
        snapshot.sessions.map { session in
            var session = session
            for index in session.legs.indices {
                session.legs[index].expiresAt = nil
                session.legs[index].condition = .unproven
            }
            return session
        }
    }

    /// The data plane need not say what nobody can prove, of very many paths at once after a restart.
    @Test(arguments: [true, false]) func pathWithoutProbesIsAliveFromTheStart(_ hasProbes: Bool) {
        var settings = Self.twoNodes
        settings.announcesProbes = hasProbes
        var talk = Conversation(anchor: settings, gateway: Domain.gateway, seed: 1)
        talk.gatewayStarts()
        talk.up("wan1", Domain.lte)
        talk.up("wan2", Domain.dsl)
        talk.passes(.seconds(2))
        let expected = [PathCondition](repeating: hasProbes ? .unproven : .alive, count: 2)
        #expect(talk.anchor.snapshot.sessions.first?.legs.map(\.condition) == expected)
        talk.anchorComesBack(settings)
        #expect(talk.anchor.snapshot.sessions.first?.legs.map(\.condition) == expected)
    }

    @Test func anchorKilledAtAnyMomentComesBackAsItWas() {
        for seed: UInt64 in 1...40 {
            var random = SeededGenerator(seed: seed)
            var talk = Conversation(anchor: Self.twoNodes, gateway: Domain.gateway, seed: seed)
            talk.gatewayStarts()
            talk.up("wan1", Domain.lte)
            talk.passes(.milliseconds(Int.random(in: 0...60, using: &random)))
            talk.up("wan2", Domain.dsl)
            talk.passes(.milliseconds(Int.random(in: 0...1500, using: &random)))
            if Bool.random(using: &random) { talk.down("wan1") }
            talk.passes(.milliseconds(Int.random(in: 0...12_000, using: &random)))
            let (before, ledger) = (talk.anchor.snapshot, talk.atAnchor)
            talk.anchorComesBack(Self.twoNodes)
            #expect(Self.essence(talk.anchor.snapshot) == Self.essence(before), "seed \(seed)")
            #expect(talk.atAnchor.paths == ledger.paths && talk.atAnchor.prefixes == ledger.prefixes)
            for (identifier, session) in ledger.sessions {
                var restored = talk.atAnchor.sessions[identifier]
                #expect(restored?.firstSequence == session.firstSequence &+ SequenceReserve.block)
                restored?.firstSequence = session.firstSequence
                // Until a report or an update comes, nobody says so.
                restored?.hasReports = session.hasReports
                restored?.hasSizeProbes = session.hasSizeProbes
                #expect(restored == session)
            }
            #expect(talk.atAnchor.faults.isEmpty && talk.atAnchor.records == ledger.records)
            talk.forgetMessages()
            talk.passes(.seconds(120))
            #expect(talk.updates.allSatisfy { $0.options.first(HandoffIndicator.self) != .attachmentOverNewInterface })
            #expect(talk.atAnchor.faults.isEmpty && talk.atGateway.faults.isEmpty)
        }
    }

    @Test func gatewayNoticesNothingOfARestartThatKeptTheBindings() {
        var talk = ExampleDomain.registered()
        talk.passes(.seconds(70))
        talk.forgetMessages()
        let before = talk.gatewaySession
        talk.anchorComesBack(Domain.anchor)
        talk.passes(.seconds(300))
        #expect(talk.updates.isEmpty && !talk.heartbeats.isEmpty)
        #expect(talk.gatewaySession == before)
        #expect(talk.anchorSession?.legs.map(\.state) == ["active", "active"])
        #expect(!talk.atGateway.notices.contains { if case .peerRestarted = $0 { true } else { false } })
    }

    /// One `.store` for each session of a turn, before anything else, urgent if a restored session could not do
    /// without.
    @Test func whatMustNotBeLostIsUrgentAndWhatMayWaits() throws {
        var alone = LoneAnchor()
        func changes(_ change: (inout HandmadeUpdate) -> Void) -> [StoredChange] {
            alone.passes(.milliseconds(1))
            var update = HandmadeUpdate()
            change(&update)
            let actions = alone.anchor.handle(.received(update.datagram(at: alone.now.timestamp)), at: alone.now)
            let stores = actions.compactMap { if case .store(let change) = $0 { change } else { nil } }
            #expect(actions.prefix(stores.count).allSatisfy { if case .store = $0 { true } else { false } })
            return stores
        }
        #expect(changes { _ in }.map(\.isUrgent) == [true])
        #expect(changes { $0.sequence = 2 }.map(\.isUrgent) == [false])
        #expect(changes { ($0.sequence, $0.lifetime) = (3, BindingLifetime(.seconds(60))) }.map(\.isUrgent) == [false])
        // Without a time stamp its number is all that tells a replay.
        #expect(changes { ($0.sequence, $0.hasTimestamp) = (4, false) }.map(\.isUrgent) == [true])
        #expect(changes { ($0.sequence, $0.source) = (5, Domain.wlan) }.map(\.isUrgent) == [true])
        #expect(changes { $0.multipath?.bindingIdentifier = 2 }.map(\.isUrgent) == [true])
        #expect(changes { ($0.prefixes, $0.sequence) = ([], 6) }.isEmpty)
        #expect(changes { ($0.lifetime, $0.sequence, $0.source) = (.zero, 7, Domain.wlan) }.map(\.isUrgent) == [true])
    }

    @Test func nothingFromBeforeCountsAgain() {
        var settings = Domain.anchor
        settings.timestampValidityWindow = .seconds(3600)
        var alone = LoneAnchor(settings)
        let recorded = HandmadeUpdate().datagram(at: alone.now.timestamp)
        alone.tell(.received(recorded))
        // This refresh the anchor forgets: it had not been written when it died.
        let stored = alone.ledger
        alone.passes(.milliseconds(10))
        var refresh = HandmadeUpdate()
        refresh.sequence = 2
        let forgotten = refresh.datagram(at: alone.now.timestamp)
        alone.tell(.received(forgotten))
        alone.passes(.milliseconds(1))
        alone.comesBack(settings, with: stored)
        for old in [recorded, forgotten] {
            let answer = alone.acknowledgement(in: alone.tell(.received(old)))
            #expect(answer?.status == .timestampLowerThanPreviouslyAccepted)
            // The slower clock is told the time, and tries again.
            #expect(answer?.options.first(TimestampOption.self)?.timestamp == alone.now.timestamp)
        }
        #expect(alone.ask { $0.sequence = 3 }?.status == .accepted)
    }

    @Test func numberedUpdatesFromBeforeDoNotCountAgain() {
        var alone = LoneAnchor()
        var handmade = HandmadeUpdate()
        (handmade.hasTimestamp, handmade.sequence) = (false, 500)
        let recorded = handmade.datagram(at: alone.now.timestamp)
        alone.tell(.received(recorded))
        alone.comesBack(Domain.anchor)
        var answer = alone.acknowledgement(in: alone.tell(.received(recorded)))
        #expect(answer?.status == .sequenceNumberOutOfWindow && answer?.sequence == 500)
        #expect(alone.ask { ($0.hasTimestamp, $0.sequence, $0.lifetime) = (false, 501, .zero) }?.status == .accepted)
        alone.passes(.seconds(11))
        #expect(alone.session == nil)
        alone.comesBack(Domain.anchor)
        answer = alone.acknowledgement(in: alone.tell(.received(recorded)))
        #expect(answer?.status == .sequenceNumberOutOfWindow && answer?.sequence == 501)
    }

    /// RFC 5213 §5.5: the node's own time stamps are no times of day, so the newest has to be remembered itself.
    @Test func nodesOwnTimestampsFromBeforeDoNotCountAgain() {
        var settings = Domain.anchor
        settings.ordering = .nodeTimestamps
        var alone = LoneAnchor(settings)
        var handmade = HandmadeUpdate()
        handmade.timestamp = Timestamp(seconds: 500)
        let recorded = handmade.datagram(at: alone.now.timestamp)
        alone.tell(.received(recorded))
        alone.comesBack(settings)
        #expect(alone.acknowledgement(in: alone.tell(.received(recorded)))?.status == .timestampMismatch)
        #expect(alone.ask { ($0.timestamp, $0.lifetime) = (Timestamp(seconds: 501), .zero) }?.status == .accepted)
        alone.passes(.seconds(11))
        alone.comesBack(settings)
        let answer = alone.acknowledgement(in: alone.tell(.received(recorded)))
        #expect(answer?.status == .timestampLowerThanPreviouslyAccepted && alone.session == nil)
        #expect(alone.ask { $0.timestamp = Timestamp(seconds: 502) }?.status == .accepted)
    }

    @Test func heartbeatsFromBeforeAreReplays() throws {
        var talk = ExampleDomain.registered()
        talk.passes(.seconds(61))
        let request = try #require(
            talk.sent.last {
                guard case .heartbeat(let heartbeat) = $0.message else { return false }
                return $0.direction == .toAnchor && !heartbeat.isResponse
            }
        )
        talk.anchorComesBack(Domain.anchor)
        let drops = talk.anchor.snapshot.counters.dropped[.replayed] ?? 0
        talk.tellAnchor(.received(request.datagram))
        #expect(talk.anchor.snapshot.counters.dropped[.replayed] == drops + 1)
    }

    @Test func deregisteredBindingHasWhatWasLeftOfItsGraceAndOthersAWholeLifetime() {
        var alone = LoneAnchor()
        alone.ask()
        alone.ask {
            $0.multipath?.bindingIdentifier = 2
            $0.source = Domain.wlan
        }
        alone.passes(.seconds(3000))
        alone.ask { ($0.lifetime, $0.sequence) = (.zero, 2) }
        alone.passes(.seconds(4))
        alone.comesBack(Domain.anchor)
        #expect(alone.session?.legs.map(\.state) == ["delete-pending", "active"])
        #expect(alone.session?.legs[1].expiresAt == alone.now.instant + .seconds(3600))
        alone.passes(.milliseconds(5900))
        #expect(alone.session?.legs.count == 2)
        alone.passes(.milliseconds(200))
        #expect(alone.session?.legs.map(\.state) == ["active"])
        #expect(alone.ledger.faults.isEmpty)
    }

    /// A clock that was set back while the anchor was away gives nobody more than the whole grace.
    @Test func graceIsBoundedWhateverTheClockSays() {
        var alone = LoneAnchor()
        alone.ask()
        alone.ask { ($0.lifetime, $0.sequence) = (.zero, 2) }
        var stored = alone.ledger.stored(start: 2)
        stored.sessions[0].legs[0].endsAt = stored.sessions[0].legs[0].endsAt + .seconds(1_000_000)
        alone.comesBack(Domain.anchor, with: stored)
        alone.passes(.milliseconds(10_100))
        #expect(alone.session == nil)
    }

    @Test func restoredPrefixesAndKeysAreNobodyElses() throws {
        var alone = LoneAnchor(Self.twoNodes)
        let first = try #require(alone.ask { $0.further = [IPv4HomeAddressRequest.allocation] })
        alone.comesBack(Self.twoNodes)
        let second = try #require(
            alone.ask { ($0.mobileNode, $0.further) = (Self.other, [IPv4HomeAddressRequest.allocation]) }
        )
        #expect(second.status == .accepted)
        let options = [first, second].map(\.options)
        #expect(Set(options.compactMap { $0.first(HomeNetworkPrefix.self)?.prefix }).count == 2)
        #expect(Set(options.compactMap { $0.first(IPv4HomeAddressReply.self)?.address }).count == 2)
        #expect(Set(options.compactMap { $0.first(GREKey.self)?.key }).count == 2)
    }

    // MARK: Another configuration

    @Test func prefixOutsideTodaysPoolsStaysItsSessionsUntilThatEnds() {
        var alone = LoneAnchor()
        alone.ask()
        var settings = Domain.anchor
        settings.homeNetworkPrefixes = PrefixPool(range: Domain.prefix("2001:db8:9999::/48"), length: 64)
        alone.comesBack(settings)
        #expect(alone.session?.homeNetworkPrefixes == [Domain.prefix("2001:db8:1234::/64")])
        #expect(
            alone.ledger.notices.contains(
                .prefixOutsidePools(
                    SessionIdentifier(mobileNode: Domain.mobileNode),
                    Domain.prefix("2001:db8:1234::/64")
                )
            )
        )
        #expect(alone.ask { ($0.lifetime, $0.sequence) = (.zero, 2) }?.status == .accepted)
        alone.passes(.seconds(11))
        let reply = alone.ask { $0.sequence = 3 }
        #expect(reply?.options.first(HomeNetworkPrefix.self)?.prefix == Domain.prefix("2001:db8:9999::/64"))
        #expect(alone.ledger.faults.isEmpty)
    }

    /// Cut into /60 the pool would give the /64's neighbourhood, and the /64 with it, to somebody else.
    @Test(arguments: [60, 68]) func prefixThatThePoolIsNotCutIntoIsGivenUp(_ length: Int) {
        var alone = LoneAnchor(Self.twoNodes)
        alone.ask()
        var settings = Self.twoNodes
        settings.homeNetworkPrefixes = PrefixPool(range: Domain.prefix("2001:db8:1234::/48"), length: length)
        alone.comesBack(settings)
        let session = SessionIdentifier(mobileNode: Domain.mobileNode)
        let notice = Notice.sessionNotRestored(session, .prefixTaken(Domain.prefix("2001:db8:1234::/64")))
        #expect(alone.session == nil && alone.ledger.notices.contains(notice))
        #expect(alone.ledger.records.isEmpty && alone.ledger.isEmpty)
    }

    @Test func sessionIsGivenUpIfItsGatewayOrItsAddressesAreGone() {
        var alone = LoneAnchor()
        alone.ask()
        let stored = alone.ledger
        var settings = Domain.anchor
        settings.gateways[0].mobileNodes = [Self.other]
        alone.comesBack(settings, with: stored)
        let session = SessionIdentifier(mobileNode: Domain.mobileNode)
        #expect(alone.session == nil && alone.ledger.notices == [.sessionNotRestored(session, .notPermitted)])
        settings = Domain.anchor
        settings.addresses = [Domain.anchorIPv4]
        alone.comesBack(settings, with: stored)
        #expect(alone.session == nil && alone.ledger.notices == [.sessionNotRestored(session, .noPath)])
    }

    @Test func twoRecordsNeverShareAPrefixOrAKey() {
        var alone = LoneAnchor(Self.twoNodes)
        alone.ask()
        var stored = alone.ledger.stored(start: 2)
        var double = stored.sessions[0]
        double.identifier.mobileNode = Self.other
        stored.sessions.append(double)
        alone.comesBack(Self.twoNodes, with: stored)
        #expect(alone.anchor.snapshot.sessions.map(\.identifier.mobileNode) == [Domain.mobileNode])
        double.homeNetworkPrefixes = [Domain.prefix("2001:db8:1234:1::/64")]
        stored.sessions[1] = double
        alone.comesBack(Self.twoNodes, with: stored)
        let other = SessionIdentifier(mobileNode: Self.other)
        #expect(alone.ledger.notices.contains(.sessionNotRestored(other, .keyTaken)))
    }

    // MARK: Sequence numbers

    @Test func everyLifeSendsAheadOfTheOnesBefore() {
        var alone = LoneAnchor()
        alone.ask()
        let session = SessionIdentifier(mobileNode: Domain.mobileNode)
        #expect(alone.ledger.sessions[session]?.firstSequence == 0)
        alone.comesBack(Domain.anchor)
        #expect(alone.ledger.sessions[session]?.firstSequence == SequenceReserve.block)
        // Nothing was written at that start, and the next one is ahead of it all the same.
        alone.comesBack(Domain.anchor, start: 3)
        #expect(alone.ledger.sessions[session]?.firstSequence == 2 * SequenceReserve.block)
        alone.tell(.sequenceAdvanced(session, 5 * SequenceReserve.block))
        alone.comesBack(Domain.anchor, start: 4)
        #expect(alone.ledger.sessions[session]?.firstSequence == 6 * SequenceReserve.block)
        // RFC 2890 §2.2: another key, another number space.
        alone.ask { ($0.greKey, $0.sequence) = (GREKey(77), 9) }
        #expect(alone.ledger.sessions[session]?.firstSequence == 0)
    }

    // MARK: The gateway

    @Test func killedGatewayAsksForItsSessionByName() throws {
        var settings = Domain.gateway
        settings.requestsIPv4HomeAddress = true
        var talk = ExampleDomain.registered(anchor: Self.twoNodes, gateway: settings)
        talk.passes(.seconds(30))
        let before = try #require(talk.anchorSession)
        let session = SessionIdentifier(mobileNode: Domain.mobileNode)
        let sent = try #require(talk.atGateway.sessions[session])
        #expect(sent.firstSequence == 0)
        talk.gatewayComesBack(settings)
        talk.forgetMessages()
        talk.gatewayStarts()
        talk.up("wan1", Domain.lte)
        talk.up("wan2", Domain.dsl)
        talk.passes(.seconds(5))
        let first = try #require(talk.updates.first)
        #expect(first.options.all(HomeNetworkPrefix.self).compactMap(\.prefix) == before.homeNetworkPrefixes)
        #expect(
            Set(first.options.all(DelegatedMobileNetworkPrefix.self).compactMap(\.prefix))
                == Set(before.delegatedPrefixes)
        )
        #expect(first.options.first(IPv4HomeAddressRequest.self)?.address == before.homeAddress?.address)
        #expect(first.options.first(GREKey.self)?.key == sent.downlinkKey)
        let after = try #require(talk.anchorSession)
        #expect(after.homeNetworkPrefixes == before.homeNetworkPrefixes && after.legs.count == 2)
        #expect(after.delegatedPrefixes == before.delegatedPrefixes && after.homeAddress == before.homeAddress)
        // RFC 2890 §2.2: the same key, and so ahead of all that was sent with it.
        let again = try #require(talk.atGateway.sessions[session])
        #expect(again.uplinkKey == sent.uplinkKey && again.firstSequence == SequenceReserve.block)
        #expect(again.probeKey != sent.probeKey)
        #expect(talk.atGateway.faults.isEmpty && talk.atAnchor.faults.isEmpty)
    }

    // MARK: A store that fails

    @Test func newSessionsAreRefusedWhileNothingCanBeStored() {
        var alone = LoneAnchor(Self.twoNodes)
        alone.ask()
        alone.tell(.storeChanged(isWell: false))
        #expect(alone.ask { $0.mobileNode = Self.other }?.status == .insufficientResources)
        #expect(alone.ask { $0.sequence = 2 }?.status == .accepted)
        alone.tell(.storeChanged(isWell: true))
        #expect(alone.ask { $0.mobileNode = Self.other }?.status == .accepted)
    }

    // MARK: Octets

    @Test func recordSurvivesItsOctetsAndNoDamageToThemDoes() throws {
        let talk = ExampleDomain.registered()
        let record = try #require(talk.atAnchor.records.values.first)
        #expect(record.legs.count == 2 && record.probeNumbers != nil)
        let octets = record.octets
        #expect(try SessionRecord(decoding: octets) == record)
        for position in octets.indices {
            for bit in 0..<8 {
                var damaged = octets
                damaged[position] ^= 1 << bit
                #expect(throws: DecodeError.self) { try SessionRecord(decoding: damaged) }
            }
            #expect(throws: DecodeError.self) { try SessionRecord(decoding: Array(octets.prefix(position))) }
        }
        var sparse = record
        (sparse.legs, sparse.uplinkKey, sparse.probeNumbers, sparse.homeAddress) = ([], nil, nil, IPv4Address(7))
        #expect(try SessionRecord(decoding: sparse.octets) == sparse)
    }
}
