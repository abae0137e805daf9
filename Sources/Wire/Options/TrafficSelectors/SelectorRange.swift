// SPDX-License-Identifier: Apache-2.0

/// The values that a traffic selector matches in one field: a first and, where they are many, a last (RFC 6088 §3).
package struct SelectorRange<Value: SelectorField>: Hashable, Sendable {
    package let start: Value
    /// Included; never below the start. nil: the start alone.
    package let end: Value?

    package init(_ value: Value) {
        start = value
        end = nil
    }

    /// nil if the end lies below the start.
    package init?(_ start: Value, through end: Value) {
        guard start <= end else { return nil }
        self.start = start
        self.end = end
    }
}

extension SelectorRange: CustomStringConvertible {
    package var description: String { end.map { "\(start)-\($0)" } ?? "\(start)" }
}
