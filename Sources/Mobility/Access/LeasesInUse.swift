// SPDX-License-Identifier: Apache-2.0
import Wire

/// The prefixes that packets go to their routers for, and what has to change for it.
struct LeasesInUse: Sendable {
    private var begun: Set<PrefixLease> = []

    init() {}

    /// From what there is to what is wanted.
    mutating func settle(_ wanted: Set<PrefixLease>) -> (ended: [PrefixLease], beginning: [PrefixLease]) {
        guard wanted != begun else { return ([], []) }
        let (ended, beginning) = (begun.subtracting(wanted), wanted.subtracting(begun))
        begun = wanted
        return (ended.sorted(by: Self.order), beginning.sorted(by: Self.order))
    }

    /// The link is another one: its routes are gone.
    mutating func forget(link: Int) { begun = begun.filter { $0.holder.link != link } }

    private static func order(_ one: PrefixLease, _ other: PrefixLease) -> Bool {
        one.prefix.address.mappedToIPv6 < other.prefix.address.mappedToIPv6
    }
}
