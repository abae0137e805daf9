// SPDX-License-Identifier: Apache-2.0
import Forwarding
import Testbed
import Testing
import Wire

/// What packets that move apart tell of a line before anybody uses it.
@Suite struct PathTrainTests {
    /// Numbers 1 to 16 have left.
    private func train() -> PathTrain {
        var train = PathTrain()
        train.prepare(octets: 1500, at: .zero)
        #expect(train.departs(at: .zero) == 1500)
        for number in 1...UInt64(PathTrain.length) { train.sent(number) }
        return train
    }

    /// These leave, and answers come so many microseconds apart; what is told in the end.
    private func rate(apart microseconds: Int64, answered: ClosedRange<UInt64> = 1...16) -> Double? {
        var train = train()
        var rate: Double?
        for number in answered {
            let at = Instant(nanoseconds: 1_000_000_000 + Int64(number) * microseconds * 1000)
            rate = train.answered(number, at: at) ?? rate
        }
        return rate
    }

    @Test func aSlowLineIsToldByItsAnswers() throws {
        // 1500 octets in 6 ms.
        #expect(abs(try #require(rate(apart: 6000)) - 2e6) < 1)
        // The last ones found no room in the line's queue.
        #expect(abs(try #require(rate(apart: 6000, answered: 1...10)) - 2e6) < 1)
    }

    @Test func ofAQuickLineAndOfTooFewAnswersNothingIsLearnt() {
        #expect(rate(apart: 240) == nil)
        #expect(rate(apart: 6000, answered: 1...4) == nil)
    }

    @Test func whatWasNotSentOrIsAnsweredTwiceCountsForNothing() {
        var train = train()
        let start = Instant.milliseconds(1000)
        #expect(train.answered(1, at: start) == nil)
        for step in 1...20 {
            #expect(train.answered(1, at: start + .milliseconds(step * 10)) == nil)
            #expect(train.answered(99, at: start + .milliseconds(step * 10)) == nil)
        }
    }

    @Test func itLeavesOnceWhenItsSizeHasArrived() {
        var train = PathTrain()
        #expect(train.departs(at: .milliseconds(1)) == nil)
        train.prepare(octets: 1400, at: .milliseconds(20))
        train.prepare(octets: 1500, at: .milliseconds(10))
        #expect(train.departs(at: .milliseconds(19)) == nil)
        #expect(train.departs(at: .milliseconds(20)) == 1400)
        #expect(train.departs(at: .milliseconds(21)) == nil)
    }

    @Test func aSupposedRateHoldsUntilSomethingIsKnown() {
        var rate = PathRate(bound: nil, at: .milliseconds(1000))
        #expect(!rate.isFound)
        rate.suppose(2e6)
        #expect(rate.isFound && rate.rate == 2_000_000)
        // It is tried whether the path is better than that.
        rate.retry(at: 1e6)
        #expect(!rate.isFound)
        // What somebody says goes before.
        var configured = PathRate(bound: 30_000_000, at: .milliseconds(1000))
        configured.suppose(2e6)
        #expect(configured.rate == 30_000_000)
    }

    @Test func aPathBeginsWithWhatItsTrainTells() throws {
        let links = [4, 80].map { ScenarioLink(.init(megabits: $0, delay: .milliseconds(20))) }
        let run = ScenarioRun(Scenario("", "", links, [], duration: .zero, goals: []), rates: .none)
        for snapshot in [run.simulation.anchorSnapshot, run.simulation.gatewaySnapshot] {
            let rates = snapshot.sessions[0].paths.map { $0.learnt?.rate ?? 0 }
            #expect((3_200_000...4_400_000).contains(rates[0]))
            #expect(rates[1] == PathRate.startingRate)
        }
    }
}
