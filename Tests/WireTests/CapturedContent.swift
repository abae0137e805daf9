// SPDX-License-Identifier: Apache-2.0
import Foundation
import Testing
import Wire

/// What tests of whole captures share: a packet's content as a line, and as octets made from its values.
enum CapturedContent {
    static func file(_ name: String) throws -> CaptureFile {
        let url = VectorFile.root.appending(path: "Captures/\(name).pcap")
        return try CaptureFile(Array(try Data(contentsOf: url)))
    }

    /// A message with the types of its options or the reason why it is none, an inner flow, or how much is opaque.
    static func text(_ packet: CapturedPacket) -> String {
        switch packet.message?.header {
        case .success(let header):
            return ([header.message.name] + header.message.options.all.map { String($0.optionType) })
                .joined(separator: " ")
        case .failure(let failure): return "refused: \(failure)"
        case nil: break
        }
        switch packet.content {
        case .packet(let octets):
            return InnerPacket(octets.span.bytes).map { FiveTuple($0).description } ?? "no packet"
        case .message(let octets), .opaque(let octets): return "\(octets.count) octets"
        }
    }

    /// The whole packet again, each header and the message written from its values.
    static func encoded(_ packet: CapturedPacket) throws -> [UInt8] {
        packet.headers.flatMap { $0.octets } + (try content(packet))
    }

    private static func content(_ packet: CapturedPacket) throws -> [UInt8] {
        if let message = packet.message { return try message.header.get().octets }
        switch packet.content {
        case .packet(let octets): return inner(octets)
        case .message(let octets), .opaque(let octets): return octets
        }
    }

    /// IP and UDP headers from their values.
    private static func inner(_ octets: [UInt8]) -> [UInt8] {
        let headers: [UInt8]
        if let header = IPv4Header(octets.span.bytes) {
            headers = header.octets
        } else if let header = IPv6Header(octets.span.bytes) {
            headers = header.octets
        } else {
            return []
        }
        let rest = Array(octets.dropFirst(headers.count))
        guard InnerPacket(octets.span.bytes)?.protocolNumber == IPProtocol.udp, let udp = UDPHeader(rest.span.bytes)
        else {
            return headers + rest
        }
        return headers + udp.octets + rest.dropFirst(UDPHeader.length)
    }
}
