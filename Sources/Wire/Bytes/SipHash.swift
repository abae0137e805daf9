// SPDX-License-Identifier: Apache-2.0

/// SipHash-2-4: a keyed 64-bit hash, cheap enough for every path probe.
///
/// Forging a tag without the key takes 2⁶³ tries on average; that suffices for a liveness probe whose worst forgery
/// keeps a dead path up for one interval.
package struct SipHash: Sendable {
    private var v0: UInt64
    private var v1: UInt64
    private var v2: UInt64
    private var v3: UInt64

    private init(key: SipKey) {
        v0 = key.k0 ^ 0x736F_6D65_7073_6575
        v1 = key.k1 ^ 0x646F_7261_6E64_6F6D
        v2 = key.k0 ^ 0x6C79_6765_6E65_7261
        v3 = key.k1 ^ 0x7465_6462_7974_6573
    }

    package static func tag(of octets: [UInt8], key: SipKey) -> UInt64 { tag(of: octets[...], key: key) }

    /// Not of any collection: other modules would call each octet's turn through a table.
    package static func tag(of octets: ArraySlice<UInt8>, key: SipKey) -> UInt64 {
        var state = SipHash(key: key)
        var word: UInt64 = 0
        var count = 0
        for octet in octets {
            word |= UInt64(octet) << UInt64(8 * (count & 7))
            count += 1
            if count & 7 == 0 {
                state.absorb(word)
                word = 0
            }
        }
        state.absorb(word | UInt64(truncatingIfNeeded: count) << 56)
        state.v2 ^= 0xFF
        for _ in 0..<4 { state.round() }
        return state.v0 ^ state.v1 ^ state.v2 ^ state.v3
    }

    private mutating func absorb(_ word: UInt64) {
        v3 ^= word
        round()
        round()
        v0 ^= word
    }

    private mutating func round() {
        v0 &+= v1
        v1 = v1 << 13 | v1 >> 51
        v1 ^= v0
        v0 = v0 << 32 | v0 >> 32
        v2 &+= v3
        v3 = v3 << 16 | v3 >> 48
        v3 ^= v2
        v0 &+= v3
        v3 = v3 << 21 | v3 >> 43
        v3 ^= v0
        v2 &+= v1
        v1 = v1 << 17 | v1 >> 47
        v1 ^= v2
        v2 = v2 << 32 | v2 >> 32
    }
}
