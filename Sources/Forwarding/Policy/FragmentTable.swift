// SPDX-License-Identifier: Apache-2.0
import Wire

/// Which flow rule first fragments matched: the others, which show no ports, follow them (RFC 6089 §5.3.1).
///
/// Bounded: a newer packet takes the place of an older one. Fragments that come ahead of the first go by what they show.
struct FragmentTable: Sendable {
    /// A power of two.
    private static let capacity = 512
    /// RFC 791 §3.2: what reassembly waits for at least.
    private static let patience = Duration.seconds(15)

    private struct Entry: Sendable {
        var key: UInt64 = 0
        var rule: Int32 = -1
        var since = Instant.zero
    }

    /// Taken with the first fragment that meets a rule.
    private var entries: [Entry] = []

    /// Place of the rule, negative for none; nil: not known.
    func rule(of key: UInt64, at now: Instant) -> Int? {
        guard !entries.isEmpty else { return nil }
        let entry = entries[Self.place(of: key)]
        return entry.key == key && now - entry.since < Self.patience ? Int(entry.rule) : nil
    }

    mutating func remember(_ rule: Int, of key: UInt64, at now: Instant) {
        if entries.isEmpty { entries = Array(repeating: Entry(), count: Self.capacity) }
        entries[Self.place(of: key)] = Entry(key: key, rule: Int32(clamping: rule), since: now)
    }

    private static func place(of key: UInt64) -> Int { Int(truncatingIfNeeded: key % UInt64(capacity)) }
}
