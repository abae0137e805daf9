// SPDX-License-Identifier: Apache-2.0
package import Wire

/// Which prefixes of one pool are in use. The lowest free one is handed out first, so that the same events give the
/// same prefixes.
package struct PrefixAllocator: Sendable {
    let pool: PrefixPool
    private var used: Set<UInt64> = []
    /// Nothing below it is free.
    private var lowest: UInt64 = 0

    package init(pool: PrefixPool) { self.pool = pool }

    package mutating func allocate() -> IPPrefix? {
        while used.contains(lowest) { lowest += 1 }
        if let count = pool.count, lowest >= count { return nil }
        guard let prefix = pool.range.subprefix(length: pool.length, at: lowest) else { return nil }
        used.insert(lowest)
        return prefix
    }

    /// Takes a certain prefix; false if it is not the pool's or in use.
    package mutating func claim(_ prefix: IPPrefix) -> Bool {
        guard let index = pool.index(of: prefix) else { return false }
        return used.insert(index).inserted
    }

    package mutating func release(_ prefix: IPPrefix) {
        guard let index = pool.index(of: prefix), used.remove(index) != nil else { return }
        lowest = min(lowest, index)
    }
}
