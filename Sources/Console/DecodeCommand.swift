// SPDX-License-Identifier: Apache-2.0
package import ArgumentParser
import Wire

/// `plait decode FILE.pcap [--json]`: the mobility messages and the tunnelled packets of a capture.
package struct DecodeCommand: ParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "decode",
        abstract: "Print the mobility messages and tunnelled packets of a capture.",
        discussion: """
            Reads classic pcap files (tcpdump -w) of Ethernet, raw IP and "any" links. Of tunnelled packets (IP-in-IP, GRE, \
            UDP 5437, GTP-U, ESP) the headers are printed and what they carry. What cannot be decoded is printed as such, \
            with the reason. The exit code is 0 if the file could be read to its end.
            """
    )

    @Argument(help: "A capture file.")
    package var file: String

    @Flag(help: "One JSON object a packet, each on a line of its own.")
    package var json = false

    @Flag(help: "Mobility messages only, no tunnelled packets.")
    package var messages = false

    package init() {}

    package mutating func run() throws {
        let octets = try FileInput.contents(of: file)
        let capture: CaptureFile
        do throws(CaptureError) {
            capture = try CaptureFile(octets)
        } catch {
            throw DecodeFailure(description: "\(file): \(error)")
        }
        guard capture.linkType.isKnown else {
            throw DecodeFailure(description: "\(file): \(CaptureError.unknownLinkType(capture.linkType.rawValue))")
        }
        for packet in capture.packets where packet.message != nil || !messages {
            let presentation = MessagePresentation(packet)
            print(json ? presentation.json.text : presentation.text)
        }
        if let damage = capture.damage { throw DecodeFailure(description: "\(file): \(damage)") }
    }
}

/// Why there is nothing, or no more, to print.
package struct DecodeFailure: Error, CustomStringConvertible {
    package var description: String
}
