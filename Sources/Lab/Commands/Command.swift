// SPDX-License-Identifier: Apache-2.0
import Subprocess
import SystemPackage

/// Runs programs of the system, `ip` above all.
package enum Command {
    /// Runs a program found in PATH and returns what it printed; any exit status but 0 is an error.
    @discardableResult
    package static func run(_ words: [String]) async throws -> String {
        let outcome = try await attempt(words)
        guard outcome.succeeded else { throw CommandFailure(command: words, explanation: outcome.explanation) }
        return outcome.output
    }

    /// The same for words separated by single spaces.
    @discardableResult
    package static func run(_ line: String) async throws -> String {
        try await run(line.split(separator: " ").map(String.init))
    }

    /// Runs a program and returns how it went.
    package static func attempt(_ words: [String]) async throws -> CommandOutcome {
        guard let program = words.first else { return CommandOutcome(succeeded: true, output: "", errors: "") }
        let limit = 1 << 20
        let result = try await Subprocess.run(
            program.contains("/") ? .path(FilePath(program)) : .name(program),
            arguments: Arguments(Array(words.dropFirst())),
            output: .string(limit: limit),
            error: .string(limit: limit)
        )
        return CommandOutcome(
            succeeded: result.terminationStatus.isSuccess,
            output: result.standardOutput,
            errors: result.standardError
        )
    }
}
