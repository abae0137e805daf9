// SPDX-License-Identifier: Apache-2.0
import Mobility
import Testbed
import Testing
import Wire

/// What a tunnel becomes (RFC 5844 §4.1.3, §4.2.2; RFC 5845 §4, §5, §7).
@Suite struct TunnelNegotiationTests {
    typealias Domain = ExampleDomain

    /// The DSL path asks for what is named.
    private func talk(
        _ encapsulation: TunnelEncapsulation?,
        wantsKey: Bool = true,
        permitted: Set<TunnelEncapsulation> = Set(TunnelEncapsulation.allCases),
        isGRERequired: Bool = false
    ) -> Conversation {
        var anchor = Domain.anchor
        anchor.permittedEncapsulations = permitted
        anchor.isGRERequired = isGRERequired
        var gateway = Domain.gateway
        gateway.wans[1].encapsulation = encapsulation
        gateway.wantsGREKey = wantsKey
        gateway.wans.removeFirst()
        return Domain.registered(anchor: anchor, gateway: gateway)
    }

    private func granted(_ talk: Conversation) -> TunnelEncapsulation? {
        let ends = [talk.atGateway, talk.atAnchor].map { $0.paths[Domain.path(2)]?.encapsulation }
        #expect(ends[0] == ends[1])
        #expect(talk.atGateway.sessions == talk.atAnchor.sessions)
        return ends[0]
    }

    @Test(arguments: TunnelEncapsulation.allCases)
    func everyTunnelIsAskedForAndGranted(_ encapsulation: TunnelEncapsulation) throws {
        let talk = talk(encapsulation)
        #expect(granted(talk) == encapsulation)
        let update = try #require(talk.updates.first)
        #expect(update.flags.contains(.forceUDP) == encapsulation.isUDP)
        #expect(update.flags.contains(.tlvHeader) == encapsulation.usesTLV)
        #expect((update.options.first(GREKey.self)?.key != nil) == encapsulation.usesGRE)
        let reply = try #require(talk.acknowledgements.first)
        #expect(reply.status == .accepted)
        #expect(reply.flags.contains(.tlvHeader) == encapsulation.usesTLV)
        #expect((reply.options.first(GREKey.self)?.key != nil) == encapsulation.usesGRE)
        // RFC 5844 §4.2.2: without it the gateway would not know.
        let detection = reply.options.first(NATDetection.self)
        #expect(detection?.forcesUDP == (encapsulation.isUDP ? true : nil))
        #expect(detection?.refreshTime == nil)
        let session = try #require(talk.atAnchor.sessions.values.first)
        #expect(
            (session.downlinkKey != nil) == encapsulation.usesGRE && (session.uplinkKey != nil) == encapsulation.usesGRE
        )
        #expect(session.probeKey != nil)
    }

    @Test func leftToItselfTheGatewayTakesWhatPassesMostNetworks() {
        let both = Domain.registered()
        #expect(both.atGateway.paths[Domain.path(1)]?.encapsulation == .gre)
        #expect(both.atGateway.paths[Domain.path(2)]?.encapsulation == .udpTLVGRE)
    }

    @Test(arguments: [TunnelEncapsulation.gre, .udpTLVGRE])
    func greWithoutKeysWhereTheGatewayWantsNone(_ encapsulation: TunnelEncapsulation) {
        let talk = talk(encapsulation, wantsKey: false)
        #expect(granted(talk) == encapsulation)
        #expect(talk.updates.first?.options.first(GREKey.self) == GREKey(nil))
        #expect(talk.acknowledgements.first?.options.first(GREKey.self) == GREKey(nil))
        #expect(talk.atAnchor.sessions.values.allSatisfy { $0.downlinkKey == nil && $0.uplinkKey == nil })
    }

    @Test func refreshRepeatsTheKeyAndGetsTheSameOne() {
        var talk = talk(.udpTLVGRE)
        talk.passes(.seconds(8000))
        #expect(talk.updates.count > 2)
        #expect(Set(talk.updates.map { $0.options.first(GREKey.self)?.key }).count == 1)
        #expect(Set(talk.acknowledgements.map { $0.options.first(GREKey.self)?.key }).count == 1)
    }

    @Test func status2MeansNoGREAndIsNotAskedAgain() {
        var talk = talk(.udpTLVGRE, permitted: [.ipInIP, .udp, .udpTLV])
        #expect(talk.acknowledgements.first?.status == .greKeyOptionNotRequired)
        #expect(talk.acknowledgements.first?.options.first(GREKey.self) == nil)
        #expect(granted(talk) == .udpTLV)
        #expect(talk.atGateway.notices.contains(.tunnelDiffers(Domain.path(2), wanted: .udpTLVGRE, granted: .udpTLV)))
        talk.forgetMessages()
        talk.passes(.seconds(8000))
        #expect(!talk.updates.isEmpty && talk.updates.allSatisfy { $0.options.first(GREKey.self) == nil })
        #expect(talk.acknowledgements.allSatisfy { $0.status == .accepted })
        #expect(granted(talk) == .udpTLV)
    }

    @Test func status3MeansGREWithoutUDP() {
        let talk = talk(.udpTLVGRE, permitted: [.gre, .ipInIP])
        #expect(talk.acknowledgements.first?.status == .greTunnelingButTLVHeaderNotSupported)
        #expect(granted(talk) == .gre)
    }

    @Test func status163IsAnsweredByAskingForGRE() {
        for (wanted, expected) in [(TunnelEncapsulation.ipInIP, TunnelEncapsulation.gre), (.udp, .udpTLVGRE)] {
            let talk = talk(wanted, isGRERequired: true)
            #expect(talk.acknowledgements.map(\.status) == [.greKeyOptionRequired, .accepted])
            #expect(granted(talk) == expected)
        }
        #expect(granted(talk(.ipInIP, permitted: [.gre])) == .gre)
    }

    @Test func status129ForUDPFallsBackToWhatNeedsNone() {
        for (wanted, expected) in [(TunnelEncapsulation.udp, TunnelEncapsulation.ipInIP), (.udpTLV, .ipInIP)] {
            let talk = talk(wanted, permitted: [.gre, .ipInIP])
            #expect(talk.acknowledgements.map(\.status) == [.administrativelyProhibited, .accepted])
            #expect(granted(talk) == expected)
        }
        // Nothing at all in common.
        var none = talk(.udp, permitted: [.udpTLV])
        #expect(granted(none) == nil)
        none.passes(.seconds(50))
        #expect(none.acknowledgements.count == 2)
        none.passes(.seconds(20))
        #expect(none.updates.last?.flags.contains(.forceUDP) == true || none.acknowledgements.count > 2)
    }

    @Test func anchorThatDoesNotKnowGREIsNotAskedAgain() {
        var alone = LoneGateway()
        alone.answer { $0.options = MobilityOptions($0.options.all.filter { !($0 is GREKey) }) }
        #expect(alone.ledger.paths[Domain.path(1)]?.encapsulation == .ipInIP)
        #expect(alone.ledger.notices.contains(.tunnelDiffers(Domain.path(1), wanted: .gre, granted: .ipInIP)))
        alone.tell(.wanChanged("wan2", .up(careOfAddress: Domain.dsl)))
        #expect(alone.updates.last?.options.first(GREKey.self) == nil)
        #expect(alone.updates.last?.flags.isSuperset(of: [.forceUDP, .tlvHeader]) == true)
    }

    @Test func whatWasNotAskedForDoesNotCount() {
        var settings = Domain.gateway
        settings.wans[0].encapsulation = .ipInIP
        var alone = LoneGateway(settings)
        alone.answer {
            $0.options.append(GREKey(7))
            $0.options.append(NATDetection(forcesUDP: true, refreshTime: nil))
            $0.flags.insert(.tlvHeader)
        }
        #expect(alone.ledger.paths[Domain.path(1)]?.encapsulation == .ipInIP)
        #expect(alone.ledger.sessions.values.allSatisfy { $0.uplinkKey == nil })
    }

    @Test func anchorMayForceUDPOnWhoDidNotAsk() {
        var settings = Domain.gateway
        settings.wans.removeFirst()
        settings.wans[0].encapsulation = .ipInIP
        var alone = LoneGateway(settings)
        alone.tell(.wanChanged("wan2", .up(careOfAddress: Domain.dsl)))
        alone.answer { $0.options.append(NATDetection(forcesUDP: true, refreshTime: .seconds(40))) }
        #expect(alone.ledger.paths[Domain.path(2)]?.encapsulation == .udp)
        #expect(alone.ledger.paths[Domain.path(2)]?.keepalive == .seconds(40))
        #expect(alone.ledger.notices.contains(.tunnelDiffers(Domain.path(2), wanted: .ipInIP, granted: .udp)))
    }

    @Test func pathsWithAndWithoutGREShareOneSession() throws {
        var gateway = Domain.gateway
        gateway.wans[0].encapsulation = .ipInIP
        var talk = Domain.registered(gateway: gateway)
        #expect(talk.atGateway.paths[Domain.path(1)]?.encapsulation == .ipInIP)
        #expect(talk.atGateway.paths[Domain.path(2)]?.encapsulation == .udpTLVGRE)
        #expect(talk.atGateway.sessions == talk.atAnchor.sessions)
        let key = try #require(talk.atAnchor.sessions.values.first?.uplinkKey)
        // The path without GRE neither takes the keys away nor changes them.
        talk.tell(.pathCondition(Domain.path(1), .alive))
        talk.passes(.seconds(8000))
        #expect(talk.atAnchor.sessions.values.first?.uplinkKey == key)
        #expect(talk.atGateway.sessions == talk.atAnchor.sessions)
        // Nor does it have them changed under it when the path with GRE goes.
        talk.down("wan2")
        talk.passes(.seconds(8000))
        #expect(talk.atGateway.paths.count == 1 && talk.atGateway.sessions == talk.atAnchor.sessions)
        expectSound(talk)
    }

    @Test func keysBesideGREWithoutKeysAreRefused() {
        var alone = LoneAnchor()
        alone.ask { $0.greKey = GREKey(nil) }
        let second = alone.ask {
            $0.source = Domain.wlan
            $0.multipath?.bindingIdentifier = 2
        }
        #expect(second?.status == .reasonUnspecified)
        // Beside a path without GRE there is no key to agree with.
        alone.ask { $0.greKey = nil }
        let again = alone.ask {
            $0.source = Domain.wlan
            $0.multipath?.bindingIdentifier = 2
        }
        #expect(again?.status == .accepted)
    }

    @Test func tlvHeaderIsSetOnlyWhereItWasAskedFor() {
        var alone = LoneAnchor()
        let reply = alone.ask {
            $0.source = Domain.dsl
            $0.destination = Domain.anchorIPv4
            $0.flags.insert(.forceUDP)
        }
        // GRE over UDP needs the TLV header, so F alone leaves no room for it.
        #expect(reply?.status == .greKeyOptionNotRequired)
        #expect(reply?.flags.contains(.tlvHeader) == false)
        #expect(alone.ledger.paths.values.first?.encapsulation == .udp)
    }

    private func expectSound(_ talk: Conversation) {
        #expect(talk.atGateway.faults.isEmpty && talk.atAnchor.faults.isEmpty)
    }
}
