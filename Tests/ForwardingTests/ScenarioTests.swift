// SPDX-License-Identifier: Apache-2.0
import Testbed
import Testing
import Wire

/// The scenarios as values, and that a run of one measures what it says. What bonding makes of them all is
/// `Bench simulate`'s to tell.
@Suite struct ScenarioTests {
    private let whole = ScenarioMeasure.goodput(from: .seconds(2), to: .seconds(12))

    private func scenario(_ name: String) throws -> Scenario {
        try #require(Scenario.all.first { $0.name == name })
    }

    private func line(_ megabits: Double, _ change: SimulatedLink.Conditions? = nil) -> ScenarioLink {
        let usual = SimulatedLink.Conditions(megabits: megabits, delay: .milliseconds(10))
        let changes: [ScenarioLink.Change] =
            change.map {
                [.init(at: .seconds(1), conditions: $0), .init(at: .seconds(2), conditions: usual)]
            } ?? []
        return ScenarioLink(usual, changes: changes)
    }

    @Test func theoryIsWhatTheTunnelLeavesOfTheRates() throws {
        #expect(try scenario("S1").theory(whole) == 94.4)
        #expect(try scenario("S3").theory(whole) == 56.64)
        let outage = try scenario("S4")
        #expect(outage.theory(.goodput(from: .seconds(6), to: .seconds(16))) == 47.2)
        #expect(outage.theory(.goodput(from: .seconds(15), to: .seconds(17))) == 70.8)
        #expect(outage.theory(.stall) == nil)
    }

    @Test func namesTellScenariosApart() {
        #expect(Set(Scenario.all.map(\.name)).count == Scenario.all.count)
        #expect(Scenario.random(seed: 5).summary == Scenario.random(seed: 5).summary)
        #expect(Set((0..<100).map { Scenario.random(seed: $0).summary }).count == 100)
    }

    @Test func randomOnesAreAsDifferentAsLinesAre() {
        let scenarios = (0..<100).map { Scenario.random(seed: $0) }
        let lines = scenarios.flatMap { $0.links.map(\.conditions) }
        #expect(Set(scenarios.map(\.links.count)) == [2, 3, 4])
        #expect(lines.map(\.rate).min() == 2e6 && lines.map(\.rate).max() == 100e6)
        #expect(lines.map(\.delay).min() == .milliseconds(2) && lines.map(\.delay).max() == .milliseconds(100))
        #expect(lines.map(\.loss).max() == 0.05)
        #expect(lines.count { $0.loss == 0 } > lines.count / 2)
        let troubled = scenarios.count { $0.links.contains { !$0.changes.isEmpty } }
        #expect(troubled > 35 && troubled < 65)
    }

    @Test func theBestLineAloneIsABound() {
        let goals = [ScenarioGoal(whole, .shareOfBestLine(0.5)), ScenarioGoal(.stall, .atMost(1))]
        let scenario = Scenario("", "", [line(2), line(4)], [.tcp()], goals: goals)
        var runs: [Double] = []
        let numbers = scenario.goalsInNumbers { alone in
            let run = ScenarioRun(alone, rates: .none)
            runs += [run.value(of: whole) ?? 0]
            return run
        }
        #expect(runs.count == 2 && runs[0] < runs[1])
        #expect(numbers[0].isMet(by: 0.5 * runs[1]) && !numbers[0].isMet(by: 0.49 * runs[1]))
        #expect(numbers[1].isMet(by: 1) && !goals[0].isMet(by: 100))
    }

    @Test func aQueueLeavesAtTheRateOfItsTime() {
        let first = Instant.zero + .seconds(1)
        let fast = SimulatedLink.Conditions(megabits: 8, delay: .zero, queue: .milliseconds(50))
        let slow = SimulatedLink.Conditions(megabits: 0.8, delay: .zero, queue: .milliseconds(500))
        var link = SimulatedLink(fast, script: [(first, slow), (first + .seconds(1), fast)], seed: 1)
        // Half of 10 000 octets, 10 ms at the usual rate, leaves before the change; the rest takes ten times as long.
        let early = Instant.zero + .milliseconds(995)
        let intoSlowness = link.send(10_000, at: early)
        #expect(intoSlowness == early + .milliseconds(5 + 50))
        // The last of what waits leaves at the usual rate again.
        let late = Instant.zero + .milliseconds(1995)
        let outOfSlowness = link.send(10_000, at: late)
        #expect(outOfSlowness == late + .milliseconds(5) + .microseconds(9500))
        // And the queue takes what it has room for at that moment, in octets.
        let beyondTheQueue = link.send(50_000, at: late)
        #expect(beyondTheQueue == nil)
    }

    @Test func oneLineGivesWhatItCan() throws {
        let scenario = Scenario("", "", [line(10)], [.tcp()], goals: [])
        let run = ScenarioRun(scenario, rates: .exact)
        let goodput = try #require(run.value(of: whole))
        // On one path nothing is numbered, which leaves four octets more.
        #expect(goodput > 9.3 && goodput <= 9.467)
        #expect(run.value(of: .lost) == nil)
        let again = ScenarioRun(scenario, rates: .exact)
        #expect(again.value(of: whole) == goodput)
    }

    @Test func aBlackHoleIsAStallAndLosesDatagrams() throws {
        let hole = SimulatedLink.Conditions(megabits: 10, delay: .milliseconds(10), isDown: true)
        let usual = SimulatedLink.Conditions(megabits: 10, delay: .milliseconds(10))
        let changes = [
            ScenarioLink.Change(at: .seconds(3), conditions: hole),
            ScenarioLink.Change(at: .milliseconds(3300), conditions: usual),
        ]
        let flows = [ScenarioFlow.tcp(), .voice]
        let scenario = Scenario(
            "",
            "",
            [ScenarioLink(usual, changes: changes)],
            flows,
            duration: .seconds(5),
            goals: []
        )
        let run = ScenarioRun(scenario, rates: .exact)
        let stall = try #require(run.value(of: .stall))
        #expect(stall > 0.3 && stall < 1.5)
        // 15 of 150 were sent meanwhile; some more until the path is alive again.
        let lost = try #require(run.value(of: .lost))
        #expect(lost >= 9 && lost < 50)
        #expect(run.value(of: .reordered) == 0)
    }

    @Test func aQueueDelaysTheCallBesideADownload() throws {
        let scenario = Scenario("", "", [line(10)], [.tcp(), .voice], duration: .seconds(4), goals: [])
        let without = ScenarioRun(scenario, rates: .none, hasReports: false)
        let (middle, most) = (without.value(of: .delay(percentile: 50)), without.value(of: .delay(percentile: 99)))
        // 10 ms of the line, and up to 50 in its queue.
        #expect(try #require(middle) > 10.3)
        #expect(try #require(most) > 45 && most ?? 0 < 62)
        // Where reports tell what the line carries, the queue is ours, and the call goes first.
        let with = ScenarioRun(scenario, rates: .none)
        #expect(try #require(with.value(of: .delay(percentile: 99))) < 10 + 8)
    }

    @Test func aThirdOfTheRateIsAThirdOfTheTheory() {
        let third = SimulatedLink.Conditions(megabits: 5, delay: .milliseconds(10))
        let scenario = Scenario("", "", [line(15, third)], [.tcp()], goals: [])
        #expect(scenario.theory(.goodput(from: .seconds(1), to: .seconds(2))) == 4.72)
        #expect(scenario.theory(.goodput(from: .seconds(0), to: .seconds(2))) == 9.44)
    }
}
