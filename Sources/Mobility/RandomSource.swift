// SPDX-License-Identifier: Apache-2.0

/// The engines' random numbers: SplitMix64 from a seed given at their birth, so that the same inputs give the same
/// outputs. Good for keys that must differ from one another; nothing here has to be hard to guess.
struct RandomSource: RandomNumberGenerator, Sendable {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var word = state
        word = (word ^ (word >> 30)) &* 0xBF58_476D_1CE4_E5B9
        word = (word ^ (word >> 27)) &* 0x94D0_49BB_1331_11EB
        return word ^ (word >> 31)
    }

    /// Never zero, which stands for none.
    mutating func probeNumber() -> UInt64 { UInt64.random(in: 1 ... .max, using: &self) }

    /// Never zero, which is also what a GRE key without a value looks like.
    mutating func key() -> UInt32 { UInt32.random(in: 1 ... .max, using: &self) }
}
