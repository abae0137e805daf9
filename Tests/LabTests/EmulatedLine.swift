// SPDX-License-Identifier: Apache-2.0
import FoundationEssentials
import Glibc
import Lab
import LinuxIO

/// Two namespaces joined by one emulated link, as small a network as can be calibrated.
struct EmulatedLine {
    static let near = LabNamespace("labtest-\(getpid())-near")
    static let far = LabNamespace("labtest-\(getpid())-far")
    static let middle = LabNamespace("labtest-\(getpid())-emu")
    static let all = [near, far, middle]
    static let farAddress = "192.0.2.2"

    let emulator: EmulatorClient

    /// Builds the network, runs the body, and removes the network whatever happened.
    static func run(_ settings: String, _ body: (EmulatedLine) async throws -> Void) async throws {
        try await remove()
        let socket = "/tmp/labtest-\(getpid())-emulator.sock"
        let line = EmulatedLine(emulator: EmulatorClient(socket: socket))
        do {
            try await build()
            try SystemThread.start {
                let link = EmulatedLink(name: "line", near: "near", far: "far")
                try? EmulatorLoop(namespace: middle.name, links: [link], socket: socket, seed: 1).run()
            }
            guard try await Patience.wait(.seconds(30), until: { (try? line.emulator.status()) != nil }) else {
                throw LabFailure("the emulator does not answer")
            }
            try line.set(.both, settings)
            try await body(line)
        } catch {
            try? line.emulator.stop()
            try await remove()
            throw error
        }
        try line.emulator.stop()
        try await remove()
        try FileManager.default.removeItem(atPath: socket)
    }

    enum Directions: String { case up, down, both }

    func set(_ directions: Directions, _ settings: String) throws {
        let changes = try LinkChanges(commaSeparated: settings)
        try emulator.change("line", try EmulatorRequest.directions(directions.rawValue), changes)
    }

    /// Round trips in milliseconds, of those that came back.
    func ping(_ count: Int) async throws -> [Double] {
        let words = ["ping", "-n", "-c", "\(count)", "-i", "0.02", "-W", "1", Self.farAddress]
        let outcome = try await Command.attempt(Self.near.inside(words))
        return outcome.output.split(separator: "\n").compactMap { line in
            line.split(separator: " ").first { $0.hasPrefix("time=") }.flatMap { Double($0.dropFirst(5)) }
        }
    }

    /// Sends packets of 1500 octets from near to far: how many were sent and arrived, and the rate of those in Mbit/s.
    func blast(mbit: Int, seconds: Double) async throws -> (sent: Int, received: Int, mbit: Double) {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        let script = root.deletingLastPathComponent().appendingPathComponent("EndToEnd/udp-blast.py").path
        let output = try await Command.run(
            ["python3", script, Self.near.name, Self.far.name, Self.farAddress, "\(mbit)", "\(seconds)"]
        )
        let words = output.split(whereSeparator: \.isWhitespace).compactMap { Double($0) }
        guard words.count == 3, words[2] > 0 else { throw LabFailure("udp-blast.py printed '\(output)'") }
        return (Int(words[0]), Int(words[1]), (words[1] - 1) * 1500 * 8 / words[2] / 1e6)
    }

    func counters(_ direction: LinkDirection) throws -> LinkCounters {
        try emulator.status().first { $0.direction == direction }?.counters ?? LinkCounters()
    }

    private static func build() async throws {
        for namespace in [near, far] { try await namespace.create(["net/ipv6/conf/default/disable_ipv6=1"]) }
        try await middle.create(["net/ipv6/conf/default/disable_ipv6=1"])
        try await VirtualCable(one: .init(near, "eth0"), other: .init(middle, "near")).lay()
        try await VirtualCable(one: .init(far, "eth0"), other: .init(middle, "far")).lay()
        try await near.ip("addr add 192.0.2.1/24 dev eth0")
        try await far.ip("addr add \(farAddress)/24 dev eth0")
    }

    private static func remove() async throws {
        for namespace in try await LabNamespace.existing() where all.contains(namespace) {
            try await Command.run(["ip", "netns", "delete", namespace.name])
        }
    }
}
