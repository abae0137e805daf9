// SPDX-License-Identifier: Apache-2.0

/// How a program ended, and what it printed.
package struct CommandOutcome: Sendable {
    /// Whether its exit status was 0.
    package var succeeded: Bool
    /// Standard output, a MiB at most.
    package var output: String
    /// Standard error, a MiB at most.
    package var errors: String

    /// What it said about its failure, on one line.
    var explanation: String {
        let said = errors.isEmpty ? output : errors
        return said.split(separator: "\n").suffix(3).joined(separator: "; ")
    }
}
