// SPDX-License-Identifier: Apache-2.0

/// A program that the lab needed has failed.
package struct CommandFailure: Error, CustomStringConvertible, Sendable {
    /// Its words.
    package var command: [String]
    /// What it said, on one line.
    package var explanation: String

    package var description: String { "'\(command.joined(separator: " "))' failed: \(explanation)" }
}
