// SPDX-License-Identifier: Apache-2.0
import Wire

/// Picks what name servers answer to the site's hosts out of the packets that the worker delivers: only answers to
/// questions that were seen, for anybody beyond the tunnel could send others.
struct NameAnswers {
    typealias Listener = @Sendable ([UInt8]) -> Void

    /// So many a second at most: an answer that is not looked at is asked for again when it has ended.
    private static let rate = 200
    private static let port: UInt16 = 53
    /// RFC 6891 §6.2.5 and a little more.
    private static let longest = 4096
    /// Questions that are remembered, and for how long.
    private static let mostQuestions = 256
    private static let patience = Duration.seconds(10)

    /// nil: nobody wants to know, and no packet is looked at.
    var listener: Listener?
    private var left = rate
    private var since = Instant.zero
    /// Without an answer as yet, and until when one counts; the oldest first.
    private var questions: [(question: Question, until: Instant)] = []

    /// The identifier (RFC 1035 §4.1.1), and between whom.
    private struct Question: Equatable {
        var identifier: UInt16
        var host: IPAddress
        var port: UInt16
        var server: IPAddress
    }

    init() {}

    /// A packet of the site's goes up.
    mutating func noteQuestion(in octets: RawSpan, at now: Instant) {
        guard let (packet, content) = datagram(octets), packet.destinationPort == Self.port,
            let identifier = octets.uint16(at: content.lowerBound)
        else { return }
        questions.removeAll { $0.until <= now }
        if questions.count >= Self.mostQuestions { questions.removeFirst() }
        let question = Question(
            identifier: identifier,
            host: packet.source,
            port: packet.sourcePort,
            server: packet.destination
        )
        questions.append((question, now + Self.patience))
    }

    /// A packet comes down.
    mutating func look(at octets: RawSpan, at now: Instant) {
        guard let listener, let (packet, content) = datagram(octets), packet.sourcePort == Self.port,
            packet.length <= Self.longest, let identifier = octets.uint16(at: content.lowerBound)
        else { return }
        let question = Question(
            identifier: identifier,
            host: packet.destination,
            port: packet.destinationPort,
            server: packet.source
        )
        guard let place = questions.firstIndex(where: { $0.question == question && $0.until > now }), take(at: now)
        else { return }
        questions.remove(at: place)
        listener(content.compactMap { octets.octet(at: $0) })
    }

    /// What stands in a whole datagram.
    private func datagram(_ octets: RawSpan) -> (InnerPacket, Range<Int>)? {
        guard listener != nil, let packet = InnerPacket(octets), packet.protocolNumber == IPProtocol.udp,
            packet.sourcePort == Self.port || packet.destinationPort == Self.port, !packet.isFragment,
            let offset = packet.transportOffset, packet.length > offset + UDPHeader.length
        else { return nil }
        return (packet, offset + UDPHeader.length..<packet.length)
    }

    private mutating func take(at now: Instant) -> Bool {
        if now - since >= .seconds(1) { (left, since) = (Self.rate, now) }
        guard left > 0 else { return false }
        left -= 1
        return true
    }
}
