// SPDX-License-Identifier: Apache-2.0
import FoundationEssentials
package import LinuxIO

/// Where quotas are remembered: a text beside the gateway's store, replaced as a whole.
package struct QuotaFile: Sendable {
    /// What is remembered of one access network.
    package struct Entry: Equatable, Sendable {
        package var account: QuotaAccount
        package var last: QuotaMeter.Reading?

        package init(account: QuotaAccount, last: QuotaMeter.Reading?) {
            self.account = account
            self.last = last
        }
    }

    private struct Line: Codable {
        var name: String
        var resetDay: Int
        /// By the first day.
        var periods: [String: UInt64]
        var counter: UInt64?
        var counterOrigin: String?
    }

    package let path: String

    package init(path: String) { self.path = path }

    /// By the access networks' names. What cannot be read is nothing.
    package func load() throws(SystemError) -> [String: Entry]? {
        guard let text = try ReplacedFile.read(path) else { return [:] }
        guard let lines = try? JSONDecoder().decode([Line].self, from: Data(text.utf8)) else { return nil }
        var entries: [String: Entry] = [:]
        for line in lines where (1...31).contains(line.resetDay) {
            var periods: [CalendarDate: UInt64] = [:]
            for (text, octets) in line.periods { if let day = CalendarDate(text) { periods[day] = octets } }
            var last: QuotaMeter.Reading?
            if let octets = line.counter, let origin = line.counterOrigin {
                last = QuotaMeter.Reading(origin: origin, octets: octets)
            }
            entries[line.name] = Entry(
                account: QuotaAccount(resetDay: line.resetDay, periods: periods),
                last: last
            )
        }
        return entries
    }

    package func save(_ entries: [String: Entry]) throws(SystemError) {
        let lines = entries.sorted { $0.key < $1.key }.map { name, entry in
            Line(
                name: name,
                resetDay: entry.account.resetDay,
                periods: Dictionary(uniqueKeysWithValues: entry.account.periods.map { ("\($0)", $1) }),
                counter: entry.last?.octets,
                counterOrigin: entry.last?.origin
            )
        }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
        // Texts and numbers can always be encoded.
        let text = (try? encoder.encode(lines)).map { String(decoding: $0, as: UTF8.self) } ?? "[]"
        try ReplacedFile.write(text + "\n", to: path)
    }
}
