// SPDX-License-Identifier: Apache-2.0
import FoundationEssentials

/// iperf3 runs from the server to the host, and how their octets spread over the access networks.
struct DemoThroughput: Sendable {
    private struct Report: Decodable {
        struct End: Decodable {
            var received: Sum

            private enum CodingKeys: String, CodingKey { case received = "sum_received" }
        }
        struct Sum: Decodable {
            var bitsPerSecond: Double

            private enum CodingKeys: String, CodingKey { case bitsPerSecond = "bits_per_second" }
        }
        var end: End
    }

    let laboratory: Laboratory
    let narrator: Narrator

    /// One run; both paths must carry at least a share of the octets.
    func run(_ distribution: DemoScene.Distribution, family: String, server: String) async throws {
        // One connection fills both paths only packet by packet; flow by flow it takes many.
        let connections = distribution == .perPacket ? 1 : 16
        let before = try octets()
        let output = try await Topology.host.run(
            ["iperf3", "-c", server, "-t", "5", "-R", "-J", "-P", "\(connections)", "--connect-timeout", "5000"]
        )
        let after = try octets()
        let report = try JSONDecoder().decode(Report.self, from: Data(output.utf8))
        let mbit = report.end.received.bitsPerSecond / 1e6
        let spread = after.map { ($0.key, $0.value - (before[$0.key] ?? 0)) }.sorted { $0.0 < $1.0 }
        let total = max(1, spread.reduce(0) { $0 + $1.1 })
        let shares = spread.map { "\($0.0) \($0.1) octets (\($0.1 * 100 / total) %)" }.joined(separator: ", ")
        let flows = connections == 1 ? "1 connection" : "\(connections) connections"
        narrator.say("iperf3 \(distribution.rawValue), \(family), \(flows): \(mbit.oneDecimal) Mbit/s; \(shares)")
        for (name, count) in spread where count * 100 < total * 5 {
            throw LabFailure("\(name) carried less than 5 % of the octets in \(distribution.rawValue) mode")
        }
    }

    /// What each emulated link has carried towards the gateway.
    private func octets() throws -> [String: Int] {
        let links = try laboratory.emulator.status().filter { $0.direction == .down }
        return Dictionary(links.map { ($0.name, $0.counters.octets) }) { $1 }
    }
}
