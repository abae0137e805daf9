// SPDX-License-Identifier: Apache-2.0
import Mobility
import Testbed
import Testing
import Wire

/// F12: floods of what proves nothing. (`flood.test.sh` has one over real sockets.)
@Suite struct FaultFloodTests {
    typealias Domain = ExampleDomain

    private static let wrong = SecurityAssociation(spi: 256, key: [9], algorithm: .hmacSHA256_128)
    private static let unknown = SecurityAssociation(spi: 999, key: [9], algorithm: .hmacSHA256_128)

    /// Every kind of message that either end may be sent, unsigned.
    private static func kinds(at now: Timestamp) -> [MobilityMessage] {
        let options = MobilityOptions([MobileNodeIdentifier(Domain.mobileNode), MessageIdentifier(now)])
        let rejection = BindingError(status: BindingError.unknownMobilityHeaderType, homeAddress: .zero)
        var plain = HandmadeUpdate()
        plain.authentication = .none
        let update = try? MobilityHeader(decoding: plain.datagram(at: now).octets).message
        let bare = BindingUpdate(
            sequence: 1,
            flags: [.acknowledge, .proxyRegistration],
            lifetime: .zero,
            options: MobilityOptions()
        )
        return [
            .bindingUpdate(bare),
            .heartbeat(Heartbeat(isResponse: false, sequence: 1, options: MobilityOptions())),
            .heartbeat(Heartbeat(isResponse: false, sequence: 1, options: options)),
            .heartbeat(Heartbeat(isResponse: true, isUnsolicited: true, sequence: 0, options: options)),
            .bindingError(rejection),
            .unknown(type: 99, body: [0, 0]),
            .unknown(type: 99, body: Array(repeating: 0, count: 202)),
            .updateNotification(
                UpdateNotification(
                    sequence: 1,
                    reason: .forceReregistration,
                    flags: .acknowledgementRequested,
                    options: options
                )
            ),
            .updateNotificationAcknowledgement(
                UpdateNotificationAcknowledgement(sequence: 1, status: .success, options: options)
            ),
            .bindingRevocationIndication(
                BindingRevocationIndication(trigger: .unspecified, sequence: 1, flags: .proxyBinding, options: options)
            ),
            .bindingRevocationAcknowledgement(
                BindingRevocationAcknowledgement(status: .success, sequence: 1, flags: .proxyBinding, options: options)
            ),
        ] + [update].compactMap(\.self)
    }

    /// Without a proof of the key: unsigned, signed by a wrong key, under an index that nobody has.
    private static func forgeries(from source: IPAddress, to destination: IPAddress, at now: Timestamp) -> [Datagram] {
        let proofs = [PeerAuthentication.none, .sharedKey(wrong), .sharedKey(unknown)]
        let ways = [false, true].compactMap { SignallingRoute(from: source, to: destination, overUDP: $0) }
        return kinds(at: now).flatMap { kind in
            proofs.flatMap { proof in
                ways.map { Authentication.seal(kind, on: $0, careOf: source, by: proof) }
            }
        }
    }

    private static func octets(sentBy actions: [Action]) -> Int {
        actions.reduce(0) { if case .send(let datagram) = $1 { $0 + datagram.octets.count } else { $0 } }
    }

    // MARK: No amplification

    /// Whoever asks, whatever it is and however it is spoilt: the answers are no longer than the question.
    @Test(arguments: 1...4 as ClosedRange<UInt64>) func f12NothingUnprovenIsAnsweredAtGreaterLength(seed: UInt64) {
        var talk = Domain.registered()
        talk.passes(.seconds(1))
        var dice = SeededGenerator(seed: seed)
        var answered = 0
        let anchor = LocalMobilityAnchor(Domain.anchor, seed: 1)
        let stranger = Domain.address("2001:db8:bad::1")
        let now = talk.anchorMoment
        for (source, destination) in [
            (Domain.lte, Domain.anchorIPv6), (Domain.dsl, Domain.anchorIPv4), (stranger, Domain.anchorIPv6),
        ] {
            for forgery in Self.forgeries(from: source, to: destination, at: now.timestamp) {
                for datagram in Self.variants(of: forgery, using: &dice) {
                    // Each on its own, so that the bound in time does not hide one in length.
                    for engine in [talk.anchor, anchor] {
                        var engine = engine
                        let answer = Self.octets(sentBy: engine.handle(.received(datagram), at: now))
                        #expect(answer <= datagram.octets.count, "\(datagram)")
                        answered += answer > 0 ? 1 : 0
                    }
                }
            }
        }
        for (source, destination) in [(Domain.anchorIPv6, Domain.lte), (Domain.anchorIPv4, Domain.dsl)] {
            for forgery in Self.forgeries(from: source, to: destination, at: now.timestamp) {
                for datagram in Self.variants(of: forgery, using: &dice) {
                    var engine = talk.gateway
                    let answer = Self.octets(sentBy: engine.handle(.received(datagram), at: now))
                    #expect(answer <= datagram.octets.count, "\(datagram)")
                    answered += answer > 0 ? 1 : 0
                }
            }
        }
        #expect(answered > 10)
    }

    /// What was recorded and spoilt a little is as unproven.
    @Test(arguments: 1...4 as ClosedRange<UInt64>) func f12NothingSpoiltIsAnsweredAtGreaterLength(seed: UInt64) {
        var talk = Domain.registered()
        talk.passes(.seconds(61))
        var dice = SeededGenerator(seed: seed)
        for recorded in talk.sent {
            for datagram in Self.variants(of: recorded.datagram, using: &dice).dropFirst() {
                guard datagram.octets != recorded.datagram.octets else { continue }
                var (anchor, gateway) = (talk.anchor, talk.gateway)
                let actions =
                    recorded.direction == .toAnchor
                    ? anchor.handle(.received(datagram), at: talk.anchorMoment)
                    : gateway.handle(.received(datagram), at: talk.gatewayMoment)
                #expect(Self.octets(sentBy: actions) <= datagram.octets.count, "\(datagram)")
            }
        }
    }

    private static func variants(of datagram: Datagram, using dice: inout SeededGenerator) -> [Datagram] {
        [datagram]
            + (0..<8).map { _ in
                var copy = datagram
                copy.octets = copy.octets.mutated(using: &dice)
                return copy.repaired
            }
    }

    // MARK: No disturbance

    /// Two paths are refreshed every third second while a thousand forgeries of all kinds come every second.
    @Test func f12FloodOfForgeriesDisturbsNoRenewal() {
        var gateway = Domain.gateway
        gateway.lifetime = .seconds(4)
        gateway.refreshesInBulk = false
        var talk = Domain.registered(gateway: gateway)
        talk.passes(.seconds(10))
        talk.forgetMessages()
        let sources = (0..<50).map { Domain.address("2001:db8:bad::\(1 + $0)") } + [Domain.lte]
        var forgeries = sources.flatMap {
            Self.forgeries(from: $0, to: Domain.anchorIPv6, at: talk.anchorMoment.timestamp)
        }
        var dice = SeededGenerator(seed: 7)
        forgeries += forgeries.map { datagram in
            var copy = datagram
            copy.octets = copy.octets.mutated(using: &dice)
            return copy.repaired
        }
        var held: [Int] = []
        for step in 0..<200 {
            for _ in 0..<100 {
                if let forgery = forgeries.randomElement(using: &dice) { talk.tellAnchor(.received(forgery)) }
            }
            talk.passes(.milliseconds(100))
            if step % 50 == 49 { held.append(Self.elements(in: talk.anchor)) }
        }
        let renewals = talk.updates.count
        let answers = talk.acknowledgements.filter(\.status.isAccepted).count
        #expect(renewals >= 14 && abs(renewals - answers) <= 1, "\(answers) of \(renewals)")
        #expect(talk.atAnchor.paths.count == 2 && talk.atGateway.paths.count == 2)
        #expect(talk.anchor.snapshot.counters.dropped.values.reduce(0, +) > 15_000)
        // What the anchor holds does not grow with what it drops.
        #expect((held.max() ?? 0) - (held.min() ?? 0) <= 100, "\(held)")
        // Ten answers a second in all, and what the gateway is owed.
        let unproven = talk.sent.filter { $0.direction == .toGateway && $0.message.name != "Heartbeat Request" }.count
        #expect(unproven - answers <= 210)
    }

    /// How many values of any kind an engine holds.
    private static func elements(in value: Any) -> Int {
        Mirror(reflecting: value).children.reduce(1) { $0 + elements(in: $1.value) }
    }
}
