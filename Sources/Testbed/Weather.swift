// SPDX-License-Identifier: Apache-2.0
import Wire

/// What a network does to messages at random, the same for the same seed.
package struct Weather: Sendable {
    /// Of a hundred messages, how many are lost.
    package var loss: Int
    /// Of a hundred, how many come twice.
    package var duplication: Int
    /// Every message comes up to so much later than it would: later ones overtake it.
    package var jitter: Duration
    private var dice: SeededGenerator

    package init(loss: Int, duplication: Int, jitter: Duration, seed: UInt64) {
        self.loss = loss
        self.duplication = duplication
        self.jitter = jitter
        dice = SeededGenerator(seed: seed)
    }

    mutating func befall(_ fate: inout VirtualNetwork.Fate) {
        if Int.random(in: 0..<100, using: &dice) < loss { fate.isLost = true }
        if Int.random(in: 0..<100, using: &dice) < duplication { fate.copies += 1 }
        fate.delay += .nanoseconds(Int64.random(in: 0...max(0, jitter.wholeNanoseconds), using: &dice))
    }
}
