// SPDX-License-Identifier: Apache-2.0
package import Wire

/// Which prefixes of one pool are in use. The lowest free one is handed out first, so that the same events give the
/// same prefixes.
package struct PrefixAllocator: Sendable {
    let pool: PrefixPool
    private var used: Set<UInt64> = []
    /// Of certain nodes: neither handed out nor given to who names it.
    private var reserved: Set<UInt64> = []
    /// The same where many are meant at once.
    private var reservedRanges: [ClosedRange<UInt64>] = []
    /// Nothing below it is free.
    private var lowest: UInt64 = 0
    /// Taken since `keep`. A copy to fall back on would be of all that are in use, for every registration.
    private var unsettled: [UInt64] = []

    package init(pool: PrefixPool) { self.pool = pool }

    package mutating func allocate() -> IPPrefix? {
        while isTaken(lowest) {
            guard let next = next(after: lowest) else { return nil }
            lowest = next
        }
        if let count = pool.count, lowest >= count { return nil }
        guard let prefix = pool.range.subprefix(length: pool.length, at: lowest) else { return nil }
        used.insert(lowest)
        unsettled.append(lowest)
        return prefix
    }

    private func isTaken(_ index: UInt64) -> Bool { used.contains(index) || isReserved(index) }

    /// Behind the whole range, if it is in one.
    private func next(after index: UInt64) -> UInt64? {
        let last = reservedRanges.first { $0.contains(index) }?.upperBound ?? index
        return last == .max ? nil : last + 1
    }

    private func isReserved(_ index: UInt64) -> Bool {
        reserved.contains(index) || reservedRanges.contains { $0.contains(index) }
    }

    /// Takes all of the pool that overlaps with the prefix out of it, for good.
    package mutating func reserve(_ prefix: IPPrefix) {
        guard let range = pool.indices(overlapping: prefix) else { return }
        if range.lowerBound == range.upperBound {
            reserved.insert(range.lowerBound)
        } else {
            reservedRanges.append(range)
        }
    }

    /// Takes a certain prefix; false if it is not the pool's or in use.
    package mutating func claim(_ prefix: IPPrefix) -> Bool {
        guard let index = pool.index(of: prefix), !isReserved(index), used.insert(index).inserted else { return false }
        unsettled.append(index)
        return true
    }

    /// What was taken stays so.
    package mutating func keep() { unsettled.removeAll(keepingCapacity: true) }

    /// What was taken since `keep` is free again.
    package mutating func undo() {
        for index in unsettled {
            used.remove(index)
            lowest = min(lowest, index)
        }
        keep()
    }

    package mutating func release(_ prefix: IPPrefix) {
        guard let index = pool.index(of: prefix), used.remove(index) != nil else { return }
        lowest = min(lowest, index)
    }
}
