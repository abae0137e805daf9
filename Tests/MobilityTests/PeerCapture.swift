// SPDX-License-Identifier: Apache-2.0
import Foundation
import Mobility
import Testing
import Wire

/// Messages of other implementations as they were recorded (`Tests/WireTests/Captures/peers/README.md`).
enum PeerCapture {
    /// The message of a frame as our sockets would hand it on.
    static func datagram(_ file: String, frame: Int) throws -> Datagram {
        let tests = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        let url = tests.appending(path: "WireTests/Captures/peers/\(file).pcap")
        let capture = try CaptureFile(Array(try Data(contentsOf: url)))
        let message = try #require(capture.messages.first { $0.frame == frame })
        return Datagram(source: message.source, destination: message.destination, ports: nil, octets: message.octets)
    }
}

extension Datagram {
    /// Some octets changed, and the checksum with them.
    func patched(_ changes: [Int: UInt8]) throws -> Datagram {
        var copy = self
        for (offset, octet) in changes { copy.octets[offset] = octet }
        guard case .v6(let source) = source, case .v6(let destination) = destination else { return copy }
        copy.octets[4] = 0
        copy.octets[5] = 0
        var checksum = Checksum()
        checksum.addPseudoHeader(
            source: .v6(source),
            destination: .v6(destination),
            protocolNumber: IPProtocol.mobilityHeader,
            length: copy.octets.count
        )
        checksum.add(copy.octets)
        copy.octets[4] = UInt8(checksum.value >> 8)
        copy.octets[5] = UInt8(checksum.value & 0xFF)
        return copy
    }
}
