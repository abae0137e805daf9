// SPDX-License-Identifier: Apache-2.0
import Forwarding
import Testing
import Wire

/// When a bad path is tried, and what a trial tells. What that is good for is in BondingFieldTests.
@Suite struct QuarantineTests {
    @Test func eachFailureDoublesTheWaitToAMinute() {
        var quarantine = Quarantine()
        var now = Instant.milliseconds(100_000)
        var waits: [Duration] = []
        for _ in 0..<9 {
            quarantine.close(.harmful, at: now)
            let closed = now
            while !quarantine.isDue(at: now) { now = now + .milliseconds(100) }
            waits.append(now - closed)
            // It is tried for half a second, and is no better.
            quarantine.trial = PathTrial(deliveredBefore: 0, roundTrip: .milliseconds(20))
            #expect(!quarantine.isDue(at: now))
            now = now + .milliseconds(500)
        }
        #expect(waits == [500, 1000, 2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000].map { .milliseconds($0) })
        quarantine.open()
        #expect(!quarantine.isClosed && !quarantine.isDue(at: now))
        // A good while later it is as if nothing had been.
        now = now + .seconds(61)
        quarantine.close(.weak, at: now)
        #expect(quarantine.isDue(at: now + .milliseconds(500)))
    }

    @Test func aTrialTellsWhichShareOfTheCopiesIsLost() {
        var trial = PathTrial(deliveredBefore: 5000, roundTrip: .milliseconds(20))
        let start = Instant.milliseconds(100_000)
        // Without traffic nothing is learnt, however long that lasts.
        #expect(trial.takesCopies(at: start + .seconds(60)))
        for number in 0..<100 { trial.sent(1024, at: start + .milliseconds(number * 6)) }
        let end = start + .milliseconds(594)
        #expect(trial.loss(delivered: 81_800, horizon: end, at: end) == nil)
        let later = start + .milliseconds(700)
        // The last ones are still on their way.
        #expect(trial.loss(delivered: 81_800, horizon: end - .milliseconds(1), at: later) == nil)
        #expect(trial.loss(delivered: 5000 + 76_800, horizon: end + .milliseconds(1), at: later) == 0.25)
        // Or never come.
        #expect(trial.loss(delivered: 5000, horizon: start, at: end + .milliseconds(1001)) == 1)
        // A peer that counts anew, or too much.
        #expect(trial.loss(delivered: 0, horizon: later, at: later) == 1)
        #expect(trial.loss(delivered: .max, horizon: later, at: later) == 0)
    }
}
