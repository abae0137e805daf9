// SPDX-License-Identifier: Apache-2.0

/// What an engine asked its peers of late, ended or not, the newest last.
struct SignalLog<Record: SignalRecord>: Sendable {
    /// Who asks for everything at an anchor with many gateways asks each of them.
    private static var limit: Int { 4096 }

    private(set) var records: [Record] = []
    private var newestNumber: UInt64 = 0

    mutating func nextNumber() -> UInt64 {
        newestNumber += 1
        return newestNumber
    }

    mutating func note(_ record: Record) {
        if records.count == Self.limit { records.removeFirst(Self.limit / 4) }
        records.append(record)
    }

    mutating func note(_ outcome: Record.Outcome, of number: UInt64) {
        // Those that have not ended are among the last.
        guard let index = records.lastIndex(where: { $0.number == number }) else { return }
        records[index].outcome = outcome
    }
}

/// One thing asked of a peer, and what became of it.
package protocol SignalRecord: Sendable {
    associatedtype Outcome: CustomStringConvertible & Sendable
    /// Since the engine's start, ascending.
    var number: UInt64 { get }
    /// nil: the peer's answer is awaited.
    var outcome: Outcome? { get set }
}
