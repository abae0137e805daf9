// SPDX-License-Identifier: Apache-2.0
package import LinuxIO
package import Wire

/// Chooses the address of an access network's link that the tunnel ends at.
package enum CareOfAddress {
    /// nil if the link has none that packets may come from. `present` is the one in use; a path moves only to a better one.
    package static func choose(
        from addresses: [AddressState],
        of family: AddressFamily,
        towards anchor: IPAddress?,
        present: IPAddress?
    ) -> IPAddress? {
        let usable = addresses.filter {
            AddressFamily(of: $0.address) == family && $0.scope == .global && !$0.isTentative && !$0.isDuplicate
                && $0.address.isRoutableUnicast
        }
        // RFC 6724 §5 rule 3: a deprecated address only where there is no other (RFC 4862 §5.5.4). Rule 6: unique local ones
        // reach unique local ones.
        func grade(_ candidate: AddressState) -> Int {
            let isForeign = anchor.map { $0.isUniqueLocal != candidate.address.isUniqueLocal } ?? false
            return (candidate.isDeprecated ? 2 : 0) + (isForeign ? 1 : 0)
        }
        guard let best = usable.map(grade).min() else { return nil }
        let candidates = usable.filter { grade($0) == best }
        if let kept = candidates.first(where: { $0.address == present }) { return kept.address }
        // Against rule 7: a temporary address would move the path once a day for nothing.
        return (candidates.first { !$0.isTemporary } ?? candidates.first)?.address
    }
}

extension IPAddress {
    /// fc00::/7 (RFC 4193)
    fileprivate var isUniqueLocal: Bool {
        if case .v6(let address) = self { address.high >> 57 == 0x7E } else { false }
    }
}
