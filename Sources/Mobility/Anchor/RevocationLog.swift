// SPDX-License-Identifier: Apache-2.0

/// The revocations of late, ended or not, the newest last.
struct RevocationLog: Sendable {
    /// Of a revocation of everything at an anchor with many gateways each has one.
    private static let limit = 4096

    private(set) var records: [RevocationRecord] = []
    /// Of the newest one begun.
    private(set) var newestNumber: UInt64 = 0

    mutating func nextNumber() -> UInt64 {
        newestNumber += 1
        return newestNumber
    }

    mutating func note(_ record: RevocationRecord) {
        if records.count == Self.limit { records.removeFirst(Self.limit / 4) }
        records.append(record)
    }

    mutating func note(_ outcome: RevocationOutcome, of number: UInt64) {
        // Those that have not ended are among the last.
        guard let index = records.lastIndex(where: { $0.number == number }) else { return }
        records[index].outcome = outcome
    }
}
