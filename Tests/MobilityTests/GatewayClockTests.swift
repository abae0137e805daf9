// SPDX-License-Identifier: Apache-2.0
import Mobility
import Testbed
import Testing
import Wire

/// A gateway whose clock is not the anchor's (RFC 5213 §5.5).
@Suite struct GatewayClockTests {
    typealias Domain = ExampleDomain

    private static let year: Int64 = 365 * 86400

    private func conversation(ahead seconds: Int64, _ clock: ClockPolicy? = nil) -> Conversation {
        var settings = Domain.gateway
        if let clock { settings.anchors[0].clock = clock }
        var talk = Conversation(anchor: Domain.anchor, gateway: settings)
        talk.clockAhead = .seconds(seconds)
        talk.gatewayStarts()
        talk.up("wan1", Domain.lte)
        talk.up("wan2", Domain.dsl)
        return talk
    }

    @Test(arguments: [-year, -10, -1, 1, 10, year])
    func authenticTimeOfTheAnchorIsFollowed(_ seconds: Int64) {
        var talk = conversation(ahead: seconds)
        talk.passes(.seconds(2))
        #expect(talk.atGateway.paths.count == 2 && talk.updates.count == 3)
        #expect(talk.acknowledgements.filter { $0.status == .timestampMismatch }.count == 1)
        // Heartbeats bear a time as well (RFC 4285 §6), in both directions.
        talk.passes(.seconds(7200))
        #expect(talk.anchor.snapshot.counters.dropped.isEmpty && talk.gateway.snapshot.counters.dropped.isEmpty)
        #expect(talk.atGateway.faults.isEmpty)
    }

    @Test(arguments: [-year, -3600, -10, -1, 1, 3600, year])
    func clockThatIsSetWhileRunningDisturbsNothing(_ seconds: Int64) {
        var talk = conversation(ahead: 0)
        talk.passes(.seconds(10))
        talk.clockAhead = .seconds(seconds)
        talk.forgetMessages()
        talk.passes(.seconds(8000))
        #expect(talk.atGateway.paths.count == 2 && talk.updates.count < 10)
        #expect(!talk.atGateway.notices.contains { if case .bindingRemoved = $0 { true } else { false } })
    }

    /// Once the anchor's time is known, the own clock no longer matters.
    @Test func clockThatIsSetAgainIsNotNoticed() {
        var talk = conversation(ahead: 10)
        talk.passes(.seconds(2))
        talk.clockAhead = .seconds(-Self.year)
        talk.forgetMessages()
        talk.passes(.seconds(3700))
        #expect(talk.acknowledgements.allSatisfy { $0.status == .accepted })
        #expect(talk.atGateway.paths.count == 2)
    }

    /// RFC 5213 §6.9.1.2, §5.5: not the anchor's clock, and not before the own is right.
    @Test func ownClockIsWaitedFor() {
        var talk = conversation(ahead: 10, .own)
        talk.passes(.seconds(20))
        #expect(talk.updates.count == 2 && talk.atGateway.isEmpty)
        talk.clockAhead = .zero
        talk.passes(.milliseconds(1500))
        #expect(talk.atGateway.paths.count == 2)
    }

    @Test func ownClockThatNobodySetsCausesNoLoop() {
        var talk = conversation(ahead: 10, .own)
        talk.passes(.seconds(600))
        // On each of two links.
        #expect(talk.updates.count <= 2 * 21)
    }

    @Test func strangersTimeIsNotFollowed() {
        var settings = Domain.gateway
        settings.anchors = [
            AnchorPeer(addresses: [Domain.anchorIPv6], authentication: .none, clock: .followAnchor)
        ]
        var alone = LoneGateway(settings)
        alone.answer(.timestampMismatch) {
            $0.options = $0.options.replacingTimestamp(Timestamp(seconds: 1_700_000_010))
        }
        alone.passes(.seconds(29))
        #expect(alone.updates.count == 1)
    }

    @Test func clockIsFollowedBetweenPlaitsUnlessSomebodySaysOtherwise() {
        let common = PeerAuthentication.sharedKey(
            SecurityAssociation(spi: 256, key: Domain.key, algorithm: .hmacSHA1_96)
        )
        #expect(AnchorPeer(authentication: .sharedKey(Domain.association)).clock == .followAnchor)
        #expect(AnchorPeer(authentication: common).clock == .own)
        #expect(AnchorPeer(authentication: common, clock: .followAnchor).clock == .followAnchor)
    }

    /// RFC 5213 §5.5: status 157 asks for a later time stamp, not for another clock.
    @Test func laterTimeStampThanTheAnchorsFollowsARefusalForOrder() {
        var alone = LoneGateway()
        let theirs = Timestamp(seconds: 1_700_000_000, fraction: 0x8000)
        alone.answer(.timestampLowerThanPreviouslyAccepted) { $0.options = $0.options.replacingTimestamp(theirs) }
        #expect((alone.updates.last?.options.first(TimestampOption.self)?.timestamp ?? theirs) > theirs)
    }
}

extension MobilityOptions {
    fileprivate func replacingTimestamp(_ timestamp: Timestamp) -> MobilityOptions {
        MobilityOptions(all.map { $0 is TimestampOption ? TimestampOption(timestamp) : $0 })
    }
}
