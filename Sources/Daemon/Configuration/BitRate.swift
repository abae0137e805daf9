// SPDX-License-Identifier: Apache-2.0

/// How fast a link is.
package struct BitRate: Hashable, Comparable, Sendable {
    /// What a configuration may say at most: 1 Tbit/s.
    package static let limit = BitRate(bitsPerSecond: 1_000_000_000_000)

    /// Positive, at most ``limit``'s.
    package let bitsPerSecond: Int64

    package init(bitsPerSecond: Int64) { self.bitsPerSecond = bitsPerSecond }

    package static func < (a: Self, b: Self) -> Bool { a.bitsPerSecond < b.bitsPerSecond }
}
