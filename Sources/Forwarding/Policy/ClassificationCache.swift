// SPDX-License-Identifier: Apache-2.0

/// Which flow rule the packets of late matched, so that only the first of a flow is held against the rules.
///
/// The key is a seeded digest of all that selectors look at, and of the rules themselves: nobody outside can make two
/// collide, and new rules find nothing of the old.
struct ClassificationCache: Sendable {
    /// A power of two.
    private static let capacity = 8192

    private struct Entry: Sendable {
        var key: UInt64 = 0
        /// Place of the rule; -1: none matches.
        var rule: Int32 = -1
    }

    /// Taken with the first rule.
    private var entries: [Entry] = []

    /// Place of the rule, negative for none; nil: not known.
    func rule(of key: UInt64) -> Int? {
        guard !entries.isEmpty else { return nil }
        let entry = entries[Self.place(of: key)]
        return entry.key == key ? Int(entry.rule) : nil
    }

    mutating func remember(_ rule: Int, of key: UInt64) {
        if entries.isEmpty { entries = Array(repeating: Entry(), count: Self.capacity) }
        entries[Self.place(of: key)] = Entry(key: key, rule: Int32(clamping: rule))
    }

    private static func place(of key: UInt64) -> Int { Int(truncatingIfNeeded: key % UInt64(capacity)) }
}
