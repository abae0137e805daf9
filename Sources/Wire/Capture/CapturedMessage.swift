// SPDX-License-Identifier: Apache-2.0

/// A mobility message found in a captured frame: directly behind IPv6 and its extension headers (next header 135), or
/// behind IPv4 and UDP with port 5436 at either end (RFC 5844 §4).
package struct CapturedMessage: Equatable, Sendable {
    package enum Transport: Equatable, Sendable {
        case ipv6
        case udp(sourcePort: UInt16, destinationPort: UInt16)
    }

    /// Of the mobility header over IPv6; of UDP over IPv4, where the mobility header's own is not used.
    package enum ChecksumState: String, Equatable, Sendable {
        case ok, bad, absent
    }

    package enum Failure: Error, Equatable, Sendable {
        case undecodable(DecodeError)
        /// Captures are not reassembled.
        case fragment
        /// The capture holds only the first octets of the packet.
        case cut(missing: Int)
    }

    package var frame: Int
    /// Seconds since 1970 with nine decimals.
    package var time: String
    package var source: IPAddress
    package var destination: IPAddress
    package var transport: Transport
    package var checksum: ChecksumState
    /// From the mobility header's first octet on, as captured.
    package var octets: [UInt8]
    package var header: Result<MobilityHeader, Failure>

    /// nil if the frame shows no mobility message.
    package init?(_ frame: CapturedFrame, linkType: LinkType) {
        let span = frame.octets.span.bytes
        guard let offset = linkType.internetProtocolOffset(in: span),
            let packet = CapturedPacket(span, at: offset)
        else { return nil }
        self.frame = frame.number
        time = frame.time
        source = packet.source
        destination = packet.destination
        octets = packet.message
        if let ports = packet.ports {
            transport = .udp(sourcePort: ports.source, destinationPort: ports.destination)
        } else {
            transport = .ipv6
        }
        checksum = packet.checksum
        header = Self.decode(packet)
    }

    private static func decode(_ packet: CapturedPacket) -> Result<MobilityHeader, Failure> {
        if packet.isFragment { return .failure(.fragment) }
        if packet.missing > 0 { return .failure(.cut(missing: packet.missing)) }
        do throws(DecodeError) {
            return .success(try MobilityHeader(decoding: packet.message))
        } catch {
            return .failure(.undecodable(error))
        }
    }
}

extension CapturedMessage.Failure: CustomStringConvertible {
    package var description: String {
        switch self {
        case .undecodable(let error): error.description
        case .fragment: "only a fragment of the message"
        case .cut(let missing): "the capture lacks the last \(missing) octets"
        }
    }
}

extension CaptureFile {
    /// The mobility messages, in the order of the frames.
    package var messages: [CapturedMessage] { frames.compactMap { CapturedMessage($0, linkType: linkType) } }
}
