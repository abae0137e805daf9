// SPDX-License-Identifier: Apache-2.0

/// The Binding ID of RFC 8278 §4.1: 1–254, unique among a mobile node's bindings at one gateway.
package struct BindingIdentifier: RawRepresentable, Hashable, Comparable, Sendable {
    package let rawValue: UInt8

    /// nil for the reserved values 0 and 255.
    package init?(rawValue: UInt8) {
        guard (1...254).contains(rawValue) else { return nil }
        self.rawValue = rawValue
    }

    package static func < (a: Self, b: Self) -> Bool { a.rawValue < b.rawValue }
}
