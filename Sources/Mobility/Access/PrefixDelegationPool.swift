// SPDX-License-Identifier: Apache-2.0
package import Wire

/// What there is to delegate: a prefix of the session's, without what the LANs have of it.
package struct PrefixDelegationPool: Equatable, Sendable {
    package var prefix: IPPrefix
    package var reserved: [IPPrefix]

    /// How many places are looked at for a free one.
    private static let searchLength: UInt64 = 1024

    package init(_ prefix: IPPrefix, reserved: [IPPrefix]) {
        self.prefix = prefix
        self.reserved = reserved
    }

    /// Whether it can be a client's.
    func offers(_ candidate: IPPrefix) -> Bool {
        prefix.contains(candidate) && candidate.length > prefix.length && candidate.length <= 64
            && !reserved.contains { $0.overlaps(candidate) }
    }

    /// A free one of the length; which is looked at first follows from `seed`.
    func free(length: UInt8, seed: UInt64, taken: [IPPrefix]) -> IPPrefix? {
        guard length > prefix.length, length <= 64 else { return nil }
        let count = UInt64(1) << UInt64(length - prefix.length)
        for step in 0..<min(count, Self.searchLength) {
            let place = (seed % count &+ step) % count
            guard let candidate = prefix.subprefix(length: Int(length), at: place), offers(candidate) else { continue }
            if !taken.contains(where: { $0.overlaps(candidate) }) { return candidate }
        }
        return nil
    }
}
