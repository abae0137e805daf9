// SPDX-License-Identifier: Apache-2.0

/// The 128-bit key of a `SipHash`.
package struct SipKey: Hashable, Sendable {
    package var k0: UInt64
    package var k1: UInt64

    package init(k0: UInt64, k1: UInt64) {
        self.k0 = k0
        self.k1 = k1
    }

    /// Sixteen octets, little-endian as SipHash's authors define it; nil for fewer.
    package init?(octets: some Collection<UInt8>) {
        guard octets.count >= 16 else { return nil }
        func word(_ octets: some Collection<UInt8>) -> UInt64 { octets.reversed().reduce(0) { $0 << 8 | UInt64($1) } }
        k0 = word(octets.prefix(8))
        k1 = word(octets.dropFirst(8).prefix(8))
    }
}
