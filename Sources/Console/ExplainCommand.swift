// SPDX-License-Identifier: Apache-2.0
package import API
package import ArgumentParser
import Wire

/// `plait explain 5-TUPLE`
package struct ExplainCommand: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "explain",
        abstract: "Say which rule a packet matches, and over which path it would go now and why.",
        discussion: """
            The packet is given as plait show flows prints it, in either direction, quoted or as words: "tcp \
            10.20.0.2:5000 > 192.0.2.1:80", or tcp "[2001:db8::7]:5000" "[2001:db8:1::1]:80". The answer is about the \
            direction in which the daemon that is asked sends: a gateway towards the anchor, an anchor towards the site.

            Exit codes: 0 the daemon answered; 1 it answered with a problem, such as that neither end is a mobile node's, \
            not in time, or not intelligibly; 2 there is no daemon; 64 the command line is wrong.
            """
    )

    @Argument(help: "Protocol, source and destination: tcp 10.20.0.2:5000 192.0.2.1:80")
    var tuple: [String]

    @Option(help: "The packet's DSCP, 0 to 63.")
    var dscp = 0

    @Option(help: "The packet's flow label, 0 to 1048575 (IPv6).")
    var flowLabel = 0

    @Option(help: "The packet's SPI (ESP and AH).")
    var spi: Int?

    @Option(help: "The daemon's management socket.")
    var socket: String?

    @Flag(help: "Print the daemon's JSON instead of text.")
    var json = false

    package init() {}

    package func validate() throws {
        guard FiveTuple(words) != nil else {
            throw ValidationError(
                "\"\(words)\" is no five-tuple: protocol (tcp, udp, icmp, proto-50), source and destination of one family"
            )
        }
        for (name, value, limit) in [("--dscp", dscp, 63), ("--flow-label", flowLabel, 0xF_FFFF)]
        where !(0...limit).contains(value) {
            throw ValidationError("\(name) \(value): 0 to \(limit)")
        }
        if let spi, UInt32(exactly: spi) == nil { throw ValidationError("--spi \(spi): 0 to \(UInt32.max)") }
    }

    private var words: String { tuple.joined(separator: " ") }

    /// As the daemon is asked.
    package var question: API.FlowQuestion {
        API.FlowQuestion(
            tuple: words,
            codePoint: dscp == 0 ? nil : dscp,
            flowLabel: flowLabel == 0 ? nil : flowLabel,
            securityParameterIndex: spi
        )
    }

    package mutating func run() async throws {
        do throws(ClientError) {
            let client = ManagementClient(socketPath: try SocketLocation.find(named: socket))
            let body = try client.explain(question)
            let answer = try client.decode(body, as: API.FlowExplanation.self)
            FileOutput.standardOutput.write(json ? String(decoding: body, as: UTF8.self) + "\n" : answer.text)
        } catch {
            FileOutput.standardError.write("plait: \(error)\n")
            throw error.meansNoDaemon ? ExitCode(2) : ExitCode(1)
        }
    }
}
