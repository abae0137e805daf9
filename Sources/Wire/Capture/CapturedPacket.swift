// SPDX-License-Identifier: Apache-2.0

/// A packet in a captured frame that is the protocol's business: it carries a mobility message, or somebody's packet
/// through a tunnel.
package struct CapturedPacket: Equatable, Sendable {
    package enum Transport: Equatable, Sendable {
        case ipv4
        case ipv6
        case udp(sourcePort: UInt16, destinationPort: UInt16)
    }

    /// Who speaks to whom, and over what.
    package struct Ends: Equatable, Sendable {
        package var source: IPAddress
        package var destination: IPAddress
        package var transport: Transport
    }

    /// Of the mobility header over IPv6; of UDP where there is UDP.
    package enum ChecksumState: String, Equatable, Sendable {
        case ok, bad, absent
    }

    package enum Content: Equatable, Sendable {
        /// From the mobility header's first octet on.
        case message([UInt8])
        /// What came through the tunnel, from its IP header on.
        case packet([UInt8])
        /// What the innermost header carries and we do not look into.
        case opaque([UInt8])
    }

    package var frame: Int
    /// Seconds since 1970 with nine decimals.
    package var time: String
    /// From the outermost IP header inwards.
    package var headers: [CapturedHeader]
    package var content: Content
    /// Those of the outermost IP header.
    package var outer: Ends
    /// Those of the innermost one among `headers`, which carries the message if there is one.
    package var carrier: Ends
    package var checksum: ChecksumState
    /// Captures are not reassembled.
    package var isFragment: Bool
    /// Octets of the content that its headers promise and the capture lacks.
    package var missing: Int

    /// nil if the frame shows nothing of the kind.
    package init?(_ frame: CapturedFrame, linkType: LinkType) {
        guard let offset = linkType.internetProtocolOffset(in: frame.octets.span.bytes),
            var walk = PacketWalk(Array(frame.octets.dropFirst(offset))), let content = walk.content(),
            let outer = walk.ends.first, let carrier = walk.ends.last
        else { return nil }
        self.frame = frame.number
        time = frame.time
        headers = walk.headers
        self.content = content
        self.outer = outer
        self.carrier = carrier
        checksum = walk.checksum
        isFragment = walk.isFragment
        missing = walk.missing
    }

    /// The message that it carries.
    package var message: CapturedMessage? { CapturedMessage(self) }

    /// The headers but those of which `outer` tells.
    package var furtherHeaders: [CapturedHeader] {
        var further = Array(headers.dropFirst())
        let isUDP = { (header: CapturedHeader) in if case .udp = header { true } else { false } }
        if case .udp = outer.transport, let index = further.firstIndex(where: isUDP) { further.remove(at: index) }
        return further
    }
}

extension CaptureFile {
    /// What the frames show of messages and tunnels, in their order.
    package var packets: [CapturedPacket] { frames.compactMap { CapturedPacket($0, linkType: linkType) } }
}
