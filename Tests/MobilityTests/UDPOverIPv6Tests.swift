// SPDX-License-Identifier: Apache-2.0
import Mobility
import Testbed
import Testing
import Wire

/// UDP over IPv6, our extension: for networks that let nothing else through (docs/udp-over-ipv6.md).
@Suite struct UDPOverIPv6Tests {
    typealias Domain = ExampleDomain

    private var started: Conversation {
        var talk = Conversation(anchor: Domain.anchor, gateway: Domain.gateway)
        talk.gatewayStarts()
        return talk
    }

    @Test func networkThatPassesOnlyUDPIsTriedOverUDPAfterTwoAttempts() throws {
        var talk = started
        talk.network.onlyUDP = [Domain.lte]
        talk.up("wan1", Domain.lte)
        talk.passes(.seconds(10))
        #expect(
            talk.sent.filter { $0.direction == .toAnchor }.prefix(3).map { $0.datagram.ports == nil } == [
                true, true, false,
            ]
        )
        let update = try #require(talk.updates.dropFirst(2).first)
        #expect(update.flags.isSuperset(of: [.forceUDP, .tlvHeader]))
        #expect(update.options.first(AlternateCareOfAddress.self).map { .v6($0.address) } == Domain.lte)
        #expect(talk.atGateway.paths[Domain.path(1)]?.encapsulation == .udpTLVGRE)
        #expect(talk.atAnchor.paths[Domain.path(1)]?.encapsulation == .udpTLVGRE)
        // A firewall forgets as a translator does.
        #expect(talk.atGateway.paths[Domain.path(1)]?.keepalive == .seconds(20))
        talk.passes(.seconds(61))
        #expect(talk.keepalives.count == 3 && talk.keepalives.allSatisfy { $0.ports == .control && $0.wan == "wan1" })
        expectSound(talk)
    }

    @Test func itSticksToWhatWorkedWhileTheAddressStays() {
        var talk = started
        talk.network.onlyUDP = [Domain.lte]
        talk.up("wan1", Domain.lte)
        talk.passes(.seconds(10))
        talk.forgetMessages()
        talk.passes(.seconds(8000))
        #expect(talk.sent.count > 100 && talk.sent.allSatisfy { $0.datagram.ports != nil })
        talk.up("wan1", Domain.wlan)
        #expect(talk.sent.last { $0.direction == .toAnchor }?.datagram.ports == nil)
        talk.passes(.seconds(2))
        #expect(talk.atGateway.paths[Domain.path(1)]?.encapsulation == .gre)
        expectSound(talk)
    }

    @Test func attemptsGoByTurnsUntilOneIsAnswered() {
        var talk = started
        talk.network.dead = [Domain.lte]
        talk.up("wan1", Domain.lte)
        talk.passes(.seconds(100))
        #expect(talk.sent.map { $0.datagram.ports != nil }.prefix(7) == [false, false, true, false, true, false, true])
        talk.network.dead = []
        talk.passes(.seconds(70))
        #expect(talk.atGateway.paths.count == 1)
        #expect(
            talk.atGateway.paths[Domain.path(1)]?.encapsulation == talk.atAnchor.paths[Domain.path(1)]?.encapsulation
        )
    }

    /// The first attempts' answers are late: both kinds are accepted, and both ends end up with the same one.
    @Test func answersToBothKindsLeaveTheEndsAgreed() {
        var talk = started
        talk.network.holdsBack(next: 3, .toGateway, by: .milliseconds(3500))
        talk.up("wan1", Domain.lte)
        talk.passes(.seconds(20))
        #expect(talk.updates.count >= 3)
        #expect(
            talk.atGateway.paths[Domain.path(1)]?.encapsulation == talk.atAnchor.paths[Domain.path(1)]?.encapsulation
        )
        #expect(talk.atAnchor.paths.count == 1)
        expectSound(talk)
    }

    @Test func tunnelThatNeverLetAnythingThroughIsReplaced() {
        var talk = started
        talk.up("wan1", Domain.lte)
        talk.passes(.seconds(2))
        #expect(talk.atGateway.paths[Domain.path(1)]?.encapsulation == .gre)
        talk.tell(.pathCondition(Domain.path(1), .silent))
        talk.passes(.seconds(2))
        #expect(talk.atGateway.paths[Domain.path(1)]?.encapsulation == .udpTLVGRE)
        #expect(talk.atAnchor.paths[Domain.path(1)]?.encapsulation == .udpTLVGRE)
        expectSound(talk)
    }

    @Test func tunnelThatOnceWorkedIsKept() {
        var talk = started
        talk.up("wan1", Domain.lte)
        talk.passes(.seconds(2))
        talk.tell(.pathCondition(Domain.path(1), .alive))
        talk.tell(.pathCondition(Domain.path(1), .silent))
        talk.passes(.seconds(100))
        #expect(talk.atGateway.paths[Domain.path(1)]?.encapsulation == .gre)
    }

    @Test func operatorsChoiceIsNotReplaced() {
        var gateway = Domain.gateway
        gateway.wans[0].encapsulation = .gre
        var talk = Conversation(anchor: Domain.anchor, gateway: gateway)
        talk.network.onlyUDP = [Domain.lte]
        talk.gatewayStarts()
        talk.up("wan1", Domain.lte)
        talk.passes(.seconds(100))
        #expect(talk.sent.allSatisfy { $0.datagram.ports == nil })
        gateway.wans[0].encapsulation = .udp
        talk = Conversation(anchor: Domain.anchor, gateway: gateway)
        talk.network.onlyUDP = [Domain.lte]
        talk.gatewayStarts()
        talk.up("wan1", Domain.lte)
        talk.passes(.seconds(1))
        #expect(talk.atAnchor.paths[Domain.path(1)]?.encapsulation == .udp)
    }

    @Test func checksumBehindUDPIsZeroAndNotLookedAt() throws {
        var alone = LoneAnchor()
        var update = HandmadeUpdate()
        update.ports = .control
        var datagram = update.datagram(at: alone.now.timestamp)
        #expect(Array(datagram.octets[4..<6]) == [0, 0])
        datagram.octets[4] = 0xAB
        #expect(alone.acknowledgement(in: alone.tell(.received(datagram)))?.status == .accepted)
        // Not so directly behind IPv6.
        datagram.ports = nil
        alone.tell(.received(datagram))
        #expect(alone.drops[.badChecksum] == 1)
    }

    /// NPTv6 and the like: the care-of address named is not the one seen.
    @Test func translatedPrefixIsSeenAndFollowed() {
        let outer = Domain.address("2001:db8:f::2")
        var talk = started
        talk.network.onlyUDP = [Domain.lte]
        talk.network.translators["wan1"] = AddressTranslator(outerAddress: outer)
        talk.up("wan1", Domain.lte)
        talk.passes(.seconds(10))
        #expect(talk.atAnchor.paths[Domain.path(1)]?.remoteAddress == outer)
        #expect(talk.anchorSession?.legs.first?.careOfAddress == Domain.lte)
    }

    private func expectSound(_ talk: Conversation) {
        #expect(talk.atGateway.faults.isEmpty && talk.atAnchor.faults.isEmpty)
        #expect(talk.atGateway.sessions == talk.atAnchor.sessions)
    }
}
