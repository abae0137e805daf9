// SPDX-License-Identifier: Apache-2.0
import Foundation

/// SplitMix64. The seed is a constant unless PLAIT_TEST_SEED names another; failures print it.
struct SeededGenerator: RandomNumberGenerator {
    let seed: UInt64
    private var state: UInt64

    init(seed: UInt64? = nil) {
        let chosen = ProcessInfo.processInfo.environment["PLAIT_TEST_SEED"].flatMap { UInt64($0) }
        self.seed = seed ?? chosen ?? 0x8278
        self.state = self.seed
    }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var word = state
        word = (word ^ word >> 30) &* 0xBF58_476D_1CE4_E5B9
        word = (word ^ word >> 27) &* 0x94D0_49BB_1331_11EB
        return word ^ word >> 31
    }

    mutating func octets(_ count: Int) -> [UInt8] {
        (0..<count).map { _ in UInt8.random(in: 0...255, using: &self) }
    }

    /// A copy with one to four octets changed, and sometimes with its end cut off or something behind it.
    mutating func mutation(of octets: [UInt8]) -> [UInt8] {
        var copy = octets
        for _ in 0..<Int.random(in: 1...4, using: &self) where !copy.isEmpty {
            copy[Int.random(in: 0..<copy.count, using: &self)] = UInt8.random(in: 0...255, using: &self)
        }
        switch Int.random(in: 0..<8, using: &self) {
        case 0: copy.removeLast(Int.random(in: 0...copy.count, using: &self))
        case 1: copy += self.octets(Int.random(in: 1...16, using: &self))
        default: break
        }
        return copy
    }
}
