// SPDX-License-Identifier: Apache-2.0

/// A setting that cannot be: says which, what it was given, and what would do.
package struct SettingError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What was to be set.
    package var key: String
    /// As it was written.
    package var value: String
    /// What would do, in words.
    package var expected: String

    package init(key: String, value: String, expected: String) {
        self.key = key
        self.value = value
        self.expected = expected
    }

    package var description: String { "\(key): '\(value)' is not possible, expected \(expected)" }
}
