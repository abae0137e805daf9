// SPDX-License-Identifier: Apache-2.0
import Mobility
import Testbed
import Testing
import Wire

/// Thousands of lives of a whole domain, each at random and the same for the same seed, against what must always hold
/// and against a naive model.
@Suite struct ModelTests {
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

    @Test(arguments: Lives.portions)
    func nothingThatMayHappenBreaksADomain(_ portion: UInt64) {
        for seed in Lives.seeds(ofPortion: portion) {
            // The others of a portion would most often tell the same.
            guard Self.live(seed) else { return }
        }
    }
}
