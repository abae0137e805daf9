// SPDX-License-Identifier: Apache-2.0

/// A mobility message found in a captured frame: directly behind IPv6 and its extension headers (next header 135), or
/// behind UDP with port 5436 at either end (RFC 5844 §4).
package struct CapturedMessage: Equatable, Sendable {
    package enum Failure: Error, Equatable, Sendable {
        case undecodable(DecodeError)
        /// Captures are not reassembled.
        case fragment
        /// The capture holds only the first octets of the packet.
        case cut(missing: Int)
    }

    package var packet: CapturedPacket
    /// From the mobility header's first octet on, as captured.
    package var octets: [UInt8]
    package var header: Result<MobilityHeader, Failure>

    /// nil if the packet carries none.
    package init?(_ packet: CapturedPacket) {
        guard case .message(let octets) = packet.content else { return nil }
        self.packet = packet
        self.octets = octets
        header = Self.decode(octets, packet)
    }

    /// nil if the frame shows no mobility message.
    package init?(_ frame: CapturedFrame, linkType: LinkType) {
        guard let message = CapturedPacket(frame, linkType: linkType)?.message else { return nil }
        self = message
    }

    package var frame: Int { packet.frame }
    package var time: String { packet.time }
    package var source: IPAddress { packet.carrier.source }
    package var destination: IPAddress { packet.carrier.destination }
    package var transport: CapturedPacket.Transport { packet.carrier.transport }
    package var checksum: CapturedPacket.ChecksumState { packet.checksum }

    private static func decode(_ octets: [UInt8], _ packet: CapturedPacket) -> Result<MobilityHeader, Failure> {
        if packet.isFragment { return .failure(.fragment) }
        if packet.missing > 0 { return .failure(.cut(missing: packet.missing)) }
        do throws(DecodeError) {
            return .success(try MobilityHeader(decoding: octets))
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
    package var messages: [CapturedMessage] { packets.compactMap { $0.message } }
}
