// SPDX-License-Identifier: Apache-2.0
import Console
import Wire

/// A capture file from anywhere: every message and tunnelled packet in it has a text, and a JSON object on a line of its own.
@_cdecl("LLVMFuzzerTestOneInput")
public func decodeCapture(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
    let octets = Array(UnsafeBufferPointer(start: start, count: count))
    do throws(CaptureError) {
        let capture = try CaptureFile(octets)
        _ = capture.linkType.isKnown
        _ = capture.damage?.description
        for packet in capture.packets {
            let presentation = MessagePresentation(packet)
            _ = presentation.text
            _ = packet.headers.map { $0.octets }
            if let message = packet.message, case .success(let header) = message.header {
                precondition(header.octets == message.octets, "encodes otherwise than it came")
            }
            precondition(!presentation.json.text.utf8.contains(0x0A), "more than one line")
        }
    } catch {
        _ = error.description
    }
    return 0
}
