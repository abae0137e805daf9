// SPDX-License-Identifier: Apache-2.0

/// A program that the lab needed has failed.
package struct CommandFailure: Error, CustomStringConvertible, Sendable {
    package var command: [String]
    package var explanation: String

    package var description: String { "'\(command.joined(separator: " "))' failed: \(explanation)" }
}
