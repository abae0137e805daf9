// SPDX-License-Identifier: Apache-2.0
import Foundation
import Testing

/// How many lives at random a test leads. PLAIT_MODEL_SEED replays one, PLAIT_MODEL_LIVES says how many there are, and
/// PLAIT_MODEL_FIRST where they begin.
enum Lives {
    private static let portionCount: UInt64 = 16
    /// To be led side by side.
    static let portions = 0..<portionCount

    /// `share`: of so many lives of other tests it leads one.
    static func seeds(ofPortion portion: UInt64, share: UInt64 = 1) -> Range<UInt64> {
        if let seed = number("PLAIT_MODEL_SEED") { return portion == 0 ? seed..<(seed + 1) : 0..<0 }
        let size = (number("PLAIT_MODEL_LIVES") ?? 1_200) / share / portionCount
        let first = (number("PLAIT_MODEL_FIRST") ?? 0) + portion * size
        return first..<(first + size)
    }

    private static func number(_ name: String) -> UInt64? {
        ProcessInfo.processInfo.environment[name].flatMap { UInt64($0) }
    }
}
