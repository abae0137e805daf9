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
