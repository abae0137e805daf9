// SPDX-License-Identifier: Apache-2.0
import Wire

/// Picks what name servers answer to the site's hosts out of the packets that the worker delivers.
struct NameAnswers {
    typealias Listener = @Sendable ([UInt8]) -> Void

    /// So many a second at most: an answer that is not looked at is asked for again when it has ended.
    private static let rate = 200
    private static let port: UInt16 = 53
    /// RFC 6891 §6.2.5 and a little more.
    private static let longest = 4096

    /// nil: nobody wants to know, and no packet is looked at.
    var listener: Listener?
    private var left = rate
    private var since = Instant.zero

    init() {}

    mutating func look(at octets: RawSpan, at now: Instant) {
        guard let listener, let packet = InnerPacket(octets), packet.protocolNumber == IPProtocol.udp,
            packet.sourcePort == Self.port, !packet.isFragment, packet.length <= Self.longest,
            let offset = packet.transportOffset, packet.length > offset + UDPHeader.length, take(at: now)
        else { return }
        listener((offset + UDPHeader.length..<packet.length).compactMap { octets.octet(at: $0) })
    }

    private mutating func take(at now: Instant) -> Bool {
        if now - since >= .seconds(1) { (left, since) = (Self.rate, now) }
        guard left > 0 else { return false }
        left -= 1
        return true
    }
}
