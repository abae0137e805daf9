// SPDX-License-Identifier: Apache-2.0
package import Wire

/// Addresses that follow one another: traffic selectors know no prefixes (RFC 6088 §3).
package enum AddressRange: Hashable, Sendable {
    case v4(SelectorRange<IPv4Address>)
    case v6(SelectorRange<IPv6Address>)

    package init(_ address: IPAddress) {
        switch address {
        case .v4(let address): self = .v4(SelectorRange(address))
        case .v6(let address): self = .v6(SelectorRange(address))
        }
    }

    /// nil if the last lies before the first, or is of the other family.
    package init?(_ first: IPAddress, through last: IPAddress) {
        guard first != last else {
            self.init(first)
            return
        }
        switch (first, last) {
        case (.v4(let first), .v4(let last)):
            guard let range = SelectorRange(first, through: last) else { return nil }
            self = .v4(range)
        case (.v6(let first), .v6(let last)):
            guard let range = SelectorRange(first, through: last) else { return nil }
            self = .v6(range)
        case (.v4, .v6), (.v6, .v4): return nil
        }
    }

    package init?(_ prefix: IPPrefix) { self.init(prefix.address, through: prefix.last) }
}

extension IPPrefix {
    fileprivate var last: IPAddress {
        switch address {
        case .v4(let address): .v4(IPv4Address(address.value | Self.hostBits(32 - Int(length))))
        case .v6(let address):
            .v6(
                IPv6Address(
                    high: address.high | Self.hostBits(64 - Int(length)),
                    low: address.low | Self.hostBits(128 - Int(length))
                )
            )
        }
    }

    /// As many low bits, within what the number has.
    private static func hostBits<Bits: FixedWidthInteger & UnsignedInteger>(_ count: Int) -> Bits {
        count <= 0 ? 0 : count >= Bits.bitWidth ? .max : (1 << Bits(count)) - 1
    }
}
