// SPDX-License-Identifier: Apache-2.0

/// A number that only grows while the daemon runs.
package struct Counter: Codable, Sendable, Equatable {
    /// In snake_case, stable between versions.
    package var name: String
    /// What is counted, in a sentence for an operator.
    package var description: String
    /// The count since the daemon started.
    package var value: Int

    package init(name: String, description: String, value: Int) {
        self.name = name
        self.description = description
        self.value = value
    }
}
