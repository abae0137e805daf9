// SPDX-License-Identifier: Apache-2.0

/// The kernel's number of a link, unique in one network namespace.
package struct InterfaceIndex: Hashable, Sendable, Comparable {
    /// As `if_nametoindex` tells it; zero is no link.
    package let value: UInt32

    package init(_ value: UInt32) { self.value = value }

    package static func < (a: Self, b: Self) -> Bool { a.value < b.value }
}

extension InterfaceIndex: CustomStringConvertible {
    package var description: String { String(value) }
}
