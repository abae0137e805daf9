// SPDX-License-Identifier: Apache-2.0
package import Wire

/// Prefixes of one length, cut from a range.
package struct PrefixPool: Hashable, Sendable {
    package var range: IPPrefix
    package var length: Int

    package init(range: IPPrefix, length: Int) {
        self.range = range
        self.length = length
    }

    /// Of an IPv4 subnet: behind the network's own address, if it has one.
    package var firstHost: IPv4Address? {
        guard case .v4(let first) = range.address else { return nil }
        return range.length < 31 ? IPv4Address(first.value | 1) : first
    }

    /// Addresses of an IPv4 subnet that are no host's: the network's own and the broadcast address.
    package var nobodys: [IPv4Address] {
        guard case .v4(let first) = range.address, range.length < 31 else { return [] }
        return [first, IPv4Address(first.value | UInt32.max >> UInt32(range.length))]
    }

    /// nil: more than can be counted.
    package var count: UInt64? {
        let width = length - Int(range.length)
        return width < 0 ? 0 : width >= 64 ? nil : 1 << UInt64(width)
    }

    /// Those of the pool's prefixes that have addresses in common with this one, which need not be of their length;
    /// nil if there are none.
    package func indices(overlapping prefix: IPPrefix) -> ClosedRange<UInt64>? {
        let isWider = prefix.length < range.length
        guard isWider ? prefix.contains(range.address) : range.contains(prefix.address) else { return nil }
        let widest = max(Int(prefix.length), Int(range.length))
        // What is longer than the pool's lies in one of them; what is shorter contains a run of them.
        guard widest < length else {
            guard let one = IPPrefix(prefix.address, length: length), let index = index(of: one) else { return nil }
            return index...index
        }
        let start = isWider ? range.address : prefix.address
        guard let first = IPPrefix(start, length: length).flatMap(index(of:)) else { return nil }
        let width = length - widest
        return first...(width >= 64 ? .max : first + (1 << UInt64(width) - 1))
    }

    /// Which of the pool's prefixes it is; nil if it is none.
    package func index(of prefix: IPPrefix) -> UInt64? {
        guard Int(prefix.length) == length, range.contains(prefix) else { return nil }
        switch (range.address, prefix.address) {
        case (.v4(let first), .v4(let address)):
            return UInt64(address.value &- first.value) >> UInt64(32 - length)
        case (.v6(let first), .v6(let address)):
            let (high, low) = (address.high ^ first.high, address.low ^ first.low)
            let shift = 128 - length
            guard shift < 64 else { return high >> UInt64(shift - 64) }
            guard high >> UInt64(shift) == 0 else { return nil }
            return shift == 0 ? low : high << UInt64(64 - shift) | low >> UInt64(shift)
        case (.v4, .v6), (.v6, .v4): return nil
        }
    }
}
