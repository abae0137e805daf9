// SPDX-License-Identifier: Apache-2.0

/// A program of the operator's that knows what an access line can do (docs/access-networks.md).
package struct MetricsCommandConfiguration: Equatable, Sendable {
    /// The program's absolute path and its arguments; no shell sees them.
    package let command: [String]
    /// From one start to the next.
    package let interval: Duration

    init(_ node: ConfigurationNode) throws(ConfigurationError) {
        let section = try node.section(["command", "every"])
        let words = try section.required("command")
        var command: [String] = []
        for word in try words.list(atLeast: 1) { command.append(try word.word(atMost: 4000)) }
        guard let program = command.first, program.hasPrefix("/"), !program.hasSuffix("/") else {
            throw words.failure("does not begin with the absolute path of a program")
        }
        self.command = command
        interval = try section.optional("every")?.duration(in: .seconds(1) ... .seconds(86400)) ?? .seconds(60)
    }
}
