// SPDX-License-Identifier: Apache-2.0
import Mobility
import Testbed
import Testing
import Wire

/// Somebody with the key says what nobody means, to both ends and at any moment. (The decoders have fuzz targets; the
/// engines need a key, and with it swift-crypto, which those are built without.)
@Suite struct EngineMutationTests {
    typealias Domain = ExampleDomain

    @Test(arguments: 1...12 as ClosedRange<UInt64>) func authenticNonsenseLeavesBothEndsSound(seed: UInt64) {
        var talk = Domain.registered()
        var dice = SeededGenerator(seed: seed)
        for _ in 0..<120 {
            talk.passes(.milliseconds(Int64.random(in: 0...4000, using: &dice)))
            for _ in 0..<4 { Self.say(Self.nonsense(in: talk, using: &dice), in: &talk) }
            switch Int.random(in: 0..<12, using: &dice) {
            case 0: talk.down("wan2")
            case 1: talk.up("wan2", Domain.dsl)
            case 2: talk.tell(.pathCondition(Domain.path(1), .silent))
            case 3: talk.tellAnchor(.pathCondition(Domain.path(2), .alive))
            default: break
            }
        }
        expectSound(talk, seed)
        // Left in peace, they end as they always do.
        talk.gatewayStops()
        talk.passes(.seconds(100_000))
        #expect(talk.atGateway.isEmpty && talk.atAnchor.isEmpty, "seed \(seed)")
        #expect(talk.anchor.nextDeadline == nil, "seed \(seed)")
        expectSound(talk, seed)
    }

    private func expectSound(_ talk: Conversation, _ seed: UInt64) {
        #expect(talk.atGateway.faults.isEmpty && talk.atAnchor.faults.isEmpty, "seed \(seed)")
    }

    private static func say(
        _ message: (datagram: Datagram, direction: VirtualNetwork.Direction)?,
        in talk: inout Conversation
    ) {
        switch message?.direction {
        case .toAnchor: if let datagram = message?.datagram { talk.tellAnchor(.received(datagram)) }
        case .toGateway: if let datagram = message?.datagram { talk.tell(.received(datagram)) }
        case nil: break
        }
    }

    /// One of the last messages with some octets changed, some options left out, put in or doubled; of now, and sealed.
    private static func nonsense(
        in talk: Conversation,
        using dice: inout SeededGenerator
    ) -> (datagram: Datagram, direction: VirtualNetwork.Direction)? {
        guard let sent = talk.sent.suffix(8).randomElement(using: &dice) else { return nil }
        var message = sent.message
        if Bool.random(using: &dice),
            let header = try? MobilityHeader(decoding: sent.datagram.octets.mutated(using: &dice))
        {
            message = header.message
        }
        var options = message.options.all.filter { !($0 is MessageAuthentication) }
        for _ in 0..<Int.random(in: 0...2, using: &dice) {
            guard let index = options.indices.randomElement(using: &dice) else { break }
            switch Int.random(in: 0..<4, using: &dice) {
            case 0: options.remove(at: index)
            case 1: options.append(options[index])
            case 2: options.shuffle(using: &dice)
            default:
                options.append(UnknownOption(optionType: UInt8.random(in: 2...70, using: &dice), data: [0, 1, 2, 3]))
            }
        }
        let now = sent.direction == .toAnchor ? talk.anchorMoment : talk.gatewayMoment
        message.options = MobilityOptions(
            options.map { option -> any MobilityOption in
                switch option {
                case is TimestampOption where sent.direction == .toAnchor: TimestampOption(now.timestamp)
                case is MessageIdentifier: MessageIdentifier(now.timestamp)
                default: option
                }
            }
        )
        let there = sent.datagram
        let back = Datagram(
            source: there.destination,
            destination: there.source,
            ports: there.ports?.reversed,
            octets: []
        )
        let careOf = sent.direction == .toAnchor ? there.source : there.destination
        let authentication = PeerAuthentication.sharedKey(Domain.association)
        let sealed = Authentication.seal(
            message,
            on: SignallingRoute(answering: back),
            careOf: careOf,
            by: authentication
        )
        return (sealed, sent.direction)
    }
}
