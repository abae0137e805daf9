// SPDX-License-Identifier: Apache-2.0
package import Wire

/// Which prefixes of one pool are in use. The lowest free one is handed out first, so that the same events give the
/// same prefixes.
package struct PrefixAllocator: Sendable {
    let pool: PrefixPool
    private var used: Set<UInt64> = []
    /// Nothing below it is free.
    private var lowest: UInt64 = 0
    /// Taken since `keep`. A copy to fall back on would be of all that are in use, for every registration.
    private var unsettled: [UInt64] = []

    package init(pool: PrefixPool) { self.pool = pool }

    package mutating func allocate() -> IPPrefix? {
        while used.contains(lowest) { lowest += 1 }
        if let count = pool.count, lowest >= count { return nil }
        guard let prefix = pool.range.subprefix(length: pool.length, at: lowest) else { return nil }
        used.insert(lowest)
        unsettled.append(lowest)
        return prefix
    }

    /// Takes a certain prefix; false if it is not the pool's or in use.
    package mutating func claim(_ prefix: IPPrefix) -> Bool {
        guard let index = pool.index(of: prefix), used.insert(index).inserted else { return false }
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
