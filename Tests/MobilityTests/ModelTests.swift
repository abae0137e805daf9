// SPDX-License-Identifier: Apache-2.0
import Foundation
import Mobility
import Testbed
import Testing
import Wire

/// Thousands of lives of a whole domain, each at random and the same for the same seed, against what must always hold
/// and against a naive model. PLAIT_MODEL_SEED replays one life, PLAIT_MODEL_LIVES says how many there are.
@Suite struct ModelTests {
    private static let portions = 16
    private static let lives = number("PLAIT_MODEL_LIVES") ?? 1_200

    private static func number(_ name: String) -> UInt64? {
        ProcessInfo.processInfo.environment[name].flatMap { UInt64($0) }
    }

    private static func live(_ seed: UInt64) -> Bool {
        let events = DomainEvent.random(seed: seed)
        let faults = VirtualDomain.faults(of: events, seed: seed)
        guard !faults.isEmpty else { return true }
        let needed = VirtualDomain.shrunk(events, seed: seed)
        let story = needed.map(\.text).joined(separator: ", ")
        let reasons = VirtualDomain.faults(of: needed, seed: seed).joined(separator: "; ")
        Issue.record("seed \(seed): \(reasons)\nafter [\(story)]")
        return false
    }

    @Test(arguments: 0..<UInt64(portions))
    func nothingThatMayHappenBreaksADomain(_ portion: UInt64) {
        if let seed = Self.number("PLAIT_MODEL_SEED") {
            if portion == 0 { _ = Self.live(seed) }
            return
        }
        let first = Self.number("PLAIT_MODEL_FIRST") ?? 0
        let size = Self.lives / UInt64(Self.portions)
        for seed in (first + portion * size)..<(first + (portion + 1) * size) {
            // The others of a portion would most often tell the same.
            guard Self.live(seed) else { return }
        }
    }
}
