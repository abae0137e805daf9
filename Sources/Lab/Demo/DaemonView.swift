// SPDX-License-Identifier: Apache-2.0
import FoundationEssentials

/// What a daemon says of itself through `plait show`; only what the demos read.
struct DaemonView: Sendable {
    struct Binding: Decodable, Sendable {
        var gateway: String
        var delegatedPrefixes: [String]
        var bindingIdentifiers: [Int]
    }

    struct Path: Decodable, Sendable {
        var link: String?
        var registration: String
        var condition: String

        /// Registered, and not known to be dead.
        var isUp: Bool { registration == "registered" && condition != "down" && condition != "silent" }
    }

    let program: String
    let socket: String

    func table(_ resource: String) async throws -> String {
        try await Command.run([program, "show", resource, "--socket", socket])
    }

    func bindings() async throws -> [Binding] { try await read("bindings") }

    func paths() async throws -> [Path] { try await read("paths") }

    /// Waits until the path over a link is up, or is not.
    func waitFor(_ link: String, up: Bool, _ limit: Duration) async throws -> Bool {
        try await Patience.wait(limit, every: .milliseconds(50)) {
            let path = try? await paths().first { $0.link == link }
            return path.map { $0.isUp == up } ?? false
        }
    }

    private func read<Row: Decodable>(_ resource: String) async throws -> [Row] {
        let text = try await Command.run([program, "show", resource, "--json", "--socket", socket])
        return try JSONDecoder().decode([Row].self, from: Data(text.utf8))
    }
}
