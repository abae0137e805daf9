// SPDX-License-Identifier: Apache-2.0
import Forwarding
import Testbed
import Testing
import Wire

/// The rate of a path against links of all kinds.
@Suite struct PathRateTests {
    private typealias Conditions = SimulatedLink.Conditions

    private func loop(
        _ conditions: Conditions,
        script: [(at: Int64, Conditions)] = [],
        bound: UInt64? = nil,
        seed: UInt64 = 1
    ) -> RateLoop {
        let moments = script.map { (at: Instant.milliseconds(1500 + $0.at), $0.1) }
        return RateLoop(SimulatedLink(conditions, script: moments, seed: seed), back: conditions.delay, bound: bound)
    }

    private func tell(_ loop: RateLoop, _ text: String, from start: Int64, to end: Int64) {
        print(
            "measured: \(text): \(loop.carried(from: start, to: end)) Mbit/s, p50",
            loop.delay(50, from: start, to: end),
            "p99",
            loop.delay(99, from: start, to: end),
            "lost \(loop.lost) of \(loop.sentPackets), jitter \(loop.rate.jitter)"
        )
    }

    @Test(arguments: [2.0, 10, 50, 300]) func withoutAnyRateThePathIsSoonFull(megabits: Double) {
        var loop = loop(Conditions(megabits: megabits, delay: .milliseconds(10)))
        loop.begin()
        loop.run(6000)
        tell(loop, "cold start \(megabits)", from: 1000, to: 6000)
        #expect(loop.carried(from: 1000, to: 6000) > (megabits < 5 ? 0.93 : 0.97) * megabits)
        #expect(loop.delay(50, from: 1000, to: 6000) < 10 + 2 + 18 / megabits)
    }

    @Test(arguments: [0.8, 1.0, 1.2]) func aRateThatIsSaidMayBeWrong(factor: Double) {
        var loop = loop(Conditions(megabits: 50, delay: .milliseconds(10)), bound: UInt64(50e6 * factor))
        loop.begin()
        loop.run(8000)
        tell(loop, "said \(factor) of 50", from: 2000, to: 8000)
        #expect(loop.carried(from: 2000, to: 8000) > 0.97 * 50)
        #expect(loop.delay(99, from: 2000, to: 8000) < 20)
        if factor <= 1 { #expect(loop.lost == 0) }
    }

    @Test(arguments: [0.8, 1.0, 1.2, nil]) func jitterIsNoQueue(factor: Double?) {
        var loop = loop(
            Conditions(megabits: 60, delay: .milliseconds(45), jitter: .milliseconds(10), queue: .milliseconds(100)),
            bound: factor.map { UInt64(60e6 * $0) }
        )
        loop.run(2000)
        loop.offered = .infinity
        loop.run(12_000)
        tell(loop, "jitter, \(factor ?? 0) of 60", from: 4000, to: 13_000)
        #expect(loop.carried(from: 4000, to: 13_000) > 0.96 * 60)
        #expect(loop.delay(50, from: 4000, to: 13_000) < 70)
        #expect(Double(loop.lost) < 0.02 * Double(loop.sentPackets))
    }

    @Test func aRateThatFallsIsFollowedAndItsReturn() {
        let high = Conditions(megabits: 50, delay: .milliseconds(10))
        // The modem's queue is as long as it was, in octets.
        let low = Conditions(megabits: 50.0 / 3, delay: .milliseconds(10), queue: .milliseconds(150))
        var loop = loop(high, script: [(4000, low), (10_000, high)])
        loop.begin()
        loop.run(14_000)
        tell(loop, "a third", from: 5000, to: 10_000)
        tell(loop, "back", from: 10_500, to: 14_000)
        #expect(loop.carried(from: 5000, to: 10_000) > 0.96 * 50 / 3)
        #expect(loop.delay(99, from: 5000, to: 10_000) < 25)
        #expect(loop.carried(from: 10_500, to: 11_500) > 0.95 * 50)
    }

    /// Nobody has seen the delay wander before the path is full.
    @Test(arguments: [1, 2, 3, 4, 5] as [UInt64]) func jitterIsLearntUnderLoad(seed: UInt64) {
        var loop = loop(
            Conditions(megabits: 60, delay: .milliseconds(45), jitter: .milliseconds(10), queue: .milliseconds(100)),
            seed: seed
        )
        loop.offered = .infinity
        loop.run(14_500)
        tell(loop, "jitter from the begin, seed \(seed)", from: 4000, to: 13_000)
        #expect(loop.carried(from: 4000, to: 13_000) > 0.94 * 60)
        #expect(loop.delay(50, from: 4000, to: 13_000) < 70)
    }

    /// On a machine that had other things to do the delay wandered before there was any load; then it does not.
    @Test(arguments: [nil, 50_000_000] as [UInt64?]) func whatWanderedIsForgottenUnderLoad(bound: UInt64?) {
        let calm = Conditions(megabits: 50, delay: .milliseconds(10))
        let restless = Conditions(megabits: 50, delay: .milliseconds(18), jitter: .milliseconds(8))
        var loop = loop(restless, script: [(3500, calm)], bound: bound)
        loop.run(4000)
        let before = loop.rate.jitter
        loop.offered = .infinity
        loop.run(10_000)
        tell(loop, "wandered by \(before) before", from: 6000, to: 13_000)
        #expect(before > .milliseconds(3))
        #expect(loop.rate.jitter < .milliseconds(1))
        #expect(loop.carried(from: 6000, to: 13_000) > 0.99 * 50)
        #expect(loop.delay(50, from: 6000, to: 13_000) < 13)
    }

    /// The queue behind the last packets before an outage has gone long ago when it ends, though nobody has seen it go.
    @Test func whileNothingIsHeardTheRateStays() {
        let late = Conditions(megabits: 50, delay: .milliseconds(13))
        let down = Conditions(megabits: 50, delay: .milliseconds(13), isDown: true)
        var loop = loop(
            Conditions(megabits: 50, delay: .milliseconds(10)),
            script: [(3000, late), (3100, down)],
            bound: 50_000_000
        )
        loop.begin()
        loop.run(4100)
        loop.offered = 0
        loop.run(200)
        let before = loop.rate
        loop.run(10_000)
        #expect(before.queueDelay > .milliseconds(2))
        #expect(before.rate > 40_000_000)
        #expect(loop.rate.rate >= before.rate, "\(loop.rate.rate) after \(before.rate)")
    }

    /// That a path has no queue after it was given a moment to run dry does not mean that it carries more.
    @Test func aPathThatHasRunDryIsNotTakenForAFasterOne() {
        var loop = loop(Conditions(megabits: 40, delay: .milliseconds(15)), bound: 40_000_000)
        loop.begin()
        loop.run(10_000)
        var highest = UInt64(0)
        for _ in 0..<3000 {
            loop.run(10)
            highest = max(highest, loop.rate.rate)
        }
        tell(loop, "run dry, at most \(highest)", from: 10_000, to: 40_000)
        #expect(highest < 40_240_000)
        #expect(loop.delay(99, from: 10_000, to: 40_000) < 17.5)
    }

    /// Who sends windows full of packets waits for their end when the queue stands: he sends little then, and still the
    /// path is full.
    @Test func aRateThatFallsIsFollowedIfTheSenderStopsNowAndThen() {
        let low = Conditions(megabits: 50.0 / 3, delay: .milliseconds(10), queue: .milliseconds(150))
        var loop = loop(low, bound: 50_000_000)
        for _ in 0..<10 {
            loop.offered = .infinity
            loop.run(80)
            loop.offered = 0
            loop.run(140)
        }
        #expect(loop.rate.rate < 20_000_000, "\(loop.rate.rate)")
    }

    /// It is not taken for slow because little is sent: that would never end.
    @Test func aPathThatIsGivenLittleKeepsItsRate() {
        var loop = loop(
            Conditions(megabits: 60, delay: .milliseconds(45), jitter: .milliseconds(10), queue: .milliseconds(100)),
            bound: 60_000_000
        )
        loop.offered = 2e6
        loop.run(10_000)
        #expect(loop.rate.rate > 45_000_000, "\(loop.rate.rate)")
        loop.offered = 30e6
        loop.run(10_000)
        #expect(loop.rate.rate > 45_000_000, "\(loop.rate.rate)")
        #expect(loop.carried(from: 11_000, to: 19_000) > 29)
    }

    @Test func aPolicerWithoutBufferIsFound() {
        var loop = loop(Conditions(megabits: 20, delay: .milliseconds(10), queue: .microseconds(2500)))
        loop.begin()
        loop.run(3000)
        let before = (loop.lost, loop.sentPackets)
        loop.run(20_000)
        tell(loop, "policer", from: 3000, to: 23_000)
        #expect(loop.carried(from: 3000, to: 23_000) > 0.9 * 20)
        let lost = Double(loop.lost - before.0) / Double(loop.sentPackets - before.1)
        #expect(lost < 0.02, "\(lost)")
    }

    /// As wireless lines do when something passes through them.
    @Test(arguments: [10, 20] as [Int64]) func aMomentOfLossIsNoReasonToGoSlow(milliseconds: Int64) {
        let whole = Conditions(megabits: 50, delay: .milliseconds(10))
        let down = Conditions(megabits: 50, delay: .milliseconds(10), isDown: true)
        let moments = stride(from: 2000, to: 12_000, by: 1000).flatMap { [($0, down), ($0 + milliseconds, whole)] }
        var loop = loop(whole, script: moments, bound: 50_000_000)
        loop.begin()
        loop.run(12_000)
        tell(loop, "\(milliseconds) ms lost each second", from: 2000, to: 12_000)
        #expect(loop.carried(from: 2000, to: 12_000) > 0.97 * 50 * (1 - Double(milliseconds) / 1000))
    }

    @Test(arguments: [0.01, 0.1]) func randomLossIsNoReasonToGoSlow(share: Double) {
        var loop = loop(Conditions(megabits: 50, delay: .milliseconds(10), loss: share))
        loop.begin()
        loop.run(12_000)
        tell(loop, "loss \(share)", from: 2000, to: 12_000)
        #expect(loop.carried(from: 2000, to: 12_000) > 0.95 * 50 * (1 - share))
        #expect(abs(loop.rate.loss - share) < share / 2)
    }

    /// The base delay is found again and again, so that what always waits is not taken for it.
    @Test func theQueueStaysShortForMinutes() {
        var loop = loop(Conditions(megabits: 20, delay: .milliseconds(10)), bound: 20_000_000)
        loop.begin()
        loop.run(90_000)
        tell(loop, "90 s", from: 60_000, to: 90_000)
        #expect(loop.delay(50, from: 60_000, to: 90_000) < 13)
        #expect(loop.carried(from: 60_000, to: 90_000) > 19.3)
    }

    /// Whatever a peer tells, or a clock that jumps.
    @Test func nonsenseIsSurvived() {
        var generator = Generator(seed: 9)
        var rate = PathRate(bound: .max, at: .zero)
        var now = Instant.zero
        for _ in 0..<20_000 {
            now = now + .milliseconds(.random(in: 0...200, using: &generator))
            rate.sent(.random(in: 0...100_000, using: &generator), at: now)
            let odd = [Int64.min, .max, 0, -1, 5_000_000]
            rate.heard(
                PathFeedback(
                    at: now,
                    delay: odd.randomElement(using: &generator).map { .nanoseconds($0) },
                    roundTrip: odd.randomElement(using: &generator).map { .nanoseconds($0) },
                    delivered: .random(in: 0...(.max), using: &generator),
                    deliveredAt: .nanoseconds(odd.randomElement(using: &generator) ?? 0),
                    decided: .random(in: -5...1000, using: &generator),
                    lost: .random(in: -5...2000, using: &generator)
                )
            )
            #expect(rate.rate >= 100_000 && rate.rate <= 1_000_000_000_000)
            #expect(rate.loss >= 0 && rate.loss <= 1)
            _ = (rate.baseDelay, rate.queueDelay, rate.jitter, rate.roundTrip)
        }
    }
}
