// SPDX-License-Identifier: Apache-2.0
import Forwarding
import Testbed
import Testing
import Wire

/// What goes wrong with lines in the field, in virtual time, with the bound that it has to stay within; by the numbers of the list of
/// such faults.
@Suite struct BondingFieldTests {
    private static let whole = ScenarioMeasure.goodput(from: .seconds(2), to: .seconds(12))

    private func pair(hasReports: Bool = true) -> Pair {
        Pair(.automatic(reorderTimeout: .milliseconds(100)), hasReports: hasReports)
    }

    /// Packets both ways, one each millisecond, each of them another; the longest time without any by the direction.
    private func traffic(_ pair: Pair, milliseconds: Int) -> (up: Duration, down: Duration) {
        var (lastUp, lastDown) = (pair.now, pair.now)
        var gaps = (up: Duration.zero, down: Duration.zero)
        for _ in 0..<milliseconds {
            pair.up(Rules.up())
            pair.down(Rules.down())
            pair.passes(1)
            if !pair.anchor.takeDelivered().isEmpty {
                gaps.up = max(gaps.up, pair.now - lastUp)
                lastUp = pair.now
            }
            if !pair.gateway.takeDelivered().isEmpty {
                gaps.down = max(gaps.down, pair.now - lastDown)
                lastDown = pair.now
            }
        }
        return (max(gaps.up, pair.now - lastUp), max(gaps.down, pair.now - lastDown))
    }

    private func fail(_ pair: Pair, _ path: PathNumber, up: Bool = true, down: Bool = true) {
        pair.links[path]?.losesUp = up
        pair.links[path]?.losesDown = down
    }

    // MARK: Paths that go

    @Test(arguments: [1, 2] as [PathNumber]) func p1ALinkThatGoesDownLeavesAGapOf50Milliseconds(_ path: PathNumber) {
        let pair = pair()
        pair.passes(1000)
        _ = traffic(pair, milliseconds: 500)
        fail(pair, path)
        pair.gateway.transmissionFailed(path, at: pair.now)
        pair.launch()
        let gaps = traffic(pair, milliseconds: 500)
        #expect(gaps.up <= .milliseconds(50) && gaps.down <= .milliseconds(50))
        #expect(pair.conditions.filter { $0 == .silent }.count == 2)
    }

    @Test(
        arguments: [(true, true), (true, false), (false, true)] as [(up: Bool, down: Bool)],
        [true, false]
    )
    func p2ABlackHoleIsNoticed(_ directions: (up: Bool, down: Bool), hasReports: Bool) {
        // Under traffic within 300 ms, without any within a second and what a promise of 250 ms adds to a round trip.
        for (isBusy, limit) in [(true, 300), (false, 1000)] {
            let pair = pair(hasReports: hasReports)
            pair.passes(1000)
            if isBusy { _ = traffic(pair, milliseconds: 400) }
            fail(pair, 1, up: directions.up, down: directions.down)
            if isBusy { _ = traffic(pair, milliseconds: limit) } else { pair.passes(Int64(limit)) }
            #expect(pair.conditions == [.silent, .alive, .silent, .alive], "busy: \(isBusy)")
            // No session is lost: its packets go over the other path.
            let gaps = traffic(pair, milliseconds: 200)
            #expect(gaps.up <= .milliseconds(20) && gaps.down <= .milliseconds(20), "busy: \(isBusy)")
        }
    }

    @Test(arguments: [true, false]) func p3AFirstPathThatIsDeadFromTheBeginHoldsNothingUp(hasReports: Bool) {
        let pair = pair(hasReports: hasReports)
        fail(pair, 1)
        let start = pair.now
        while pair.anchor.delivered.isEmpty || pair.gateway.delivered.isEmpty, pair.now < start + .seconds(3) {
            pair.up(Rules.up())
            pair.down(Rules.down())
            pair.passes(10)
        }
        #expect(pair.now - start < .seconds(2))
        pair.passes(1500)
        #expect(pair.conditions == [.silent, .alive, .silent, .alive])
    }

    @Test func p4APathThatAppearsLateIsUsedWithinTwoSeconds() {
        let pair = pair()
        for peer in [pair.gateway, pair.anchor] { peer.apply(.removePath(2), at: pair.now) }
        pair.passes(1000)
        _ = traffic(pair, milliseconds: 2000)
        #expect(pair.userPackets().allSatisfy { $0.path == 1 })
        let start = pair.now
        // The quicker one: nothing else would need it.
        pair.links[2]?.delay = .milliseconds(2)
        for (peer, isUp) in [(pair.anchor, false), (pair.gateway, true)] {
            var path = Pair.path(2, isUp: isUp, probeKey: Pair.probeKey)
            path.hasReports = true
            peer.apply(.installPath(2, path), at: pair.now)
        }
        pair.launch()
        _ = traffic(pair, milliseconds: 2000)
        for isUp in [true, false] {
            let first = pair.userPackets(since: start, isUp: isUp).first { $0.path == 2 }
            #expect(first.map { $0.at - start < .seconds(2) } == true)
        }
    }

    // MARK: Paths that are no good

    private func expectGoals(of run: ScenarioRun) {
        for goal in run.scenario.goals {
            let value = run.value(of: goal.measure)
            #expect(value.map(goal.isMet) == true, "\(run.scenario.name) \(goal.measure.text): \(value ?? -1)")
        }
    }

    /// Whether downloads do without the path.
    private func isLeftAlone(_ path: Int, in simulation: Simulation) -> Bool {
        let paths = simulation.anchorSnapshot.sessions.first?.paths ?? []
        guard paths.indices.contains(path) else { return true }
        return !paths[path].isUsable || paths[path].learnt?.isQuarantined == true
    }

    @Test(arguments: [ScenarioRates.exact, .none]) func p5AFlappingPathIsTriedNoMoreThanThreeTimes(
        _ rates: ScenarioRates
    ) {
        var changes = 0
        var wasLeftAlone = false
        let run = ScenarioRun(.flapping, rates: rates) { simulation, time in
            let isLeftAlone = isLeftAlone(1, in: simulation)
            if isLeftAlone != wasLeftAlone, time < .seconds(124) { changes += 1 }
            wasLeftAlone = isLeftAlone
        }
        expectGoals(of: run)
        #expect(changes <= 3)
    }

    /// A path that is better than all others together is worth its failures.
    @Test(arguments: [ScenarioRates.exact, .none]) func p5WhereTheOthersCarryLittleAFlappingPathIsUsed(
        _ rates: ScenarioRates
    )
        throws
    {
        let usual = SimulatedLink.Conditions(megabits: 30, delay: .milliseconds(10))
        var down = usual
        down.isDown = true
        let changes = [3, 5, 7].flatMap { second in
            [
                ScenarioLink.Change(at: .seconds(second), conditions: down),
                ScenarioLink.Change(at: .milliseconds(second * 1000 + 300), conditions: usual),
            ]
        }
        let links = [
            ScenarioLink(usual, changes: changes), ScenarioLink(.init(megabits: 5, delay: .milliseconds(10))),
        ]
        let run = ScenarioRun(Scenario("P5", "", links, [.tcp(4)], goals: []), rates: rates)
        #expect(try #require(run.value(of: Self.whole)) > 15)
    }

    @Test(arguments: [ScenarioRates.exact, .none], [Scenario.lossy, .veryLossy, .throttled, .delayed])
    func p6AndP7ABadPathIsLeftAloneWithinTwoSecondsAndReturns(_ rates: ScenarioRates, _ scenario: Scenario) {
        let bad = scenario.links.count - 1
        var usedAt: [Duration] = []
        var inTheEnd = true
        let run = ScenarioRun(scenario, rates: rates) { simulation, time in
            let isLeftAlone = isLeftAlone(bad, in: simulation)
            if time > .seconds(8), time < .seconds(16), !isLeftAlone { usedAt.append(time) }
            inTheEnd = isLeftAlone
        }
        expectGoals(of: run)
        #expect(usedAt.isEmpty)
        #expect(!inTheEnd)
    }

    @Test(arguments: [ScenarioRates.exact, .none], [Scenario.bursts, .stops])
    func p6ALineThatFaltersForMomentsIsFullAllTheSame(_ rates: ScenarioRates, _ scenario: Scenario) {
        expectGoals(of: ScenarioRun(scenario, rates: rates))
    }

    /// Megabits per second and milliseconds.
    struct Lines: Sendable, CustomTestStringConvertible {
        var large: (rate: Double, delay: Int64)
        var small: (rate: Double, delay: Int64)

        var testDescription: String { "\(large.rate) at \(large.delay) and \(small.rate) at \(small.delay)" }
    }

    private func gain(of lines: Lines, _ rates: ScenarioRates) throws -> Double {
        let large = ScenarioLink(.init(megabits: lines.large.rate, delay: .milliseconds(lines.large.delay)))
        let small = ScenarioLink(.init(megabits: lines.small.rate, delay: .milliseconds(lines.small.delay)))
        let goodput = try [[large], [large, small]].map { links in
            let run = ScenarioRun(Scenario("", "", links, [.tcp(), .voice], goals: []), rates: rates)
            return try #require(run.value(of: Self.whole))
        }
        return goodput[1] / goodput[0]
    }

    /// Whoever has seen once how quick the small line is takes the large one for full, and sends no more than that: with his data
    /// and by the acknowledgements that wait for the small line.
    @Test(arguments: [ScenarioRates.exact, .none])
    func aSmallQuickLineCostsALargeSlowOneLittle(_ rates: ScenarioRates) throws {
        #expect(try gain(of: Lines(large: (100, 100), small: (2, 10)), rates) > 0.95)
    }

    /// A download that begins on it would not find out for seconds what the others carry.
    @Test(
        arguments: [ScenarioRates.exact, .none],
        [Lines(large: (50, 150), small: (5, 15)), Lines(large: (100, 100), small: (8, 10))]
    )
    func aSmallQuickLineIsASupplement(_ rates: ScenarioRates, _ lines: Lines) throws {
        #expect(try gain(of: lines, rates) > 1.05)
    }

    /// A sender who is told to slow down before what waits is worth the longer way never uses it.
    @Test(arguments: [ScenarioRates.exact, .none]) func aSlowLineIsUsedBesideAQuickOne(_ rates: ScenarioRates) throws {
        #expect(try gain(of: Lines(large: (100, 100), small: (35, 10)), rates) > 1.1)
    }

    /// A window that had to shrink would take ten seconds to be as large again: what waits for the path is not dropped.
    @Test(arguments: [ScenarioRates.exact, .none]) func aPathThatFaltersForASecondCostsLittleMore(
        _ rates: ScenarioRates
    )
        throws
    {
        let large = SimulatedLink.Conditions(megabits: 70, delay: .milliseconds(30), queue: .milliseconds(120))
        var gone = large
        gone.isDown = true
        let changes: [ScenarioLink.Change] = [
            .init(at: .seconds(4), conditions: gone), .init(at: .seconds(5), conditions: large),
        ]
        let small = SimulatedLink.Conditions(megabits: 20, delay: .milliseconds(20), queue: .milliseconds(180))
        let links = [ScenarioLink(large, changes: changes), ScenarioLink(small)]
        let run = ScenarioRun(Scenario("", "", links, [.tcp(2)], goals: []), rates: rates)
        let after = try #require(run.value(of: .goodput(from: .seconds(6), to: .seconds(12))))
        #expect(after > 75)
    }

    // MARK: Paths that differ

    /// What waits after a burst is no reason to send a part of it over a path that takes three times as long.
    @Test(arguments: [ScenarioRates.exact, .none]) func aSmallSlowPathDoesNotHoldTheQuickOneUp(_ rates: ScenarioRates)
        throws
    {
        let quick = ScenarioLink(.init(megabits: 70, delay: .milliseconds(30)))
        let slow = ScenarioLink(.init(megabits: 10, delay: .milliseconds(100)))
        let both = ScenarioRun(Scenario("", "", [slow, quick], [.tcp()], goals: []), rates: rates)
        let alone = ScenarioRun(Scenario("", "", [quick], [.tcp()], goals: []), rates: rates)
        let least = try #require(alone.value(of: Self.whole))
        #expect(try #require(both.value(of: Self.whole)) >= 0.97 * least)
    }

    /// Ten times the rate, fifty times the delay, and that wanders by 30 ms; whichever of the paths has which.
    @Test(arguments: [true, false]) func p8PathsThatDifferMuchAreWorth85HundredthsOfTheirSum(isSlowAlsoFar: Bool) throws
    {
        let far = { (megabits: Double) in
            SimulatedLink.Conditions(
                megabits: megabits,
                delay: .milliseconds(100),
                jitter: .milliseconds(30),
                queue: .milliseconds(100)
            )
        }
        let near = { (megabits: Double) in SimulatedLink.Conditions(megabits: megabits, delay: .milliseconds(2)) }
        let links = isSlowAlsoFar ? [near(30), far(3)] : [near(3), far(30)]
        // Hosts need some seconds to get going over a round trip of a fifth of one, bonded or not.
        let settled = ScenarioMeasure.goodput(from: .seconds(5), to: .seconds(12))
        let scenario = Scenario("P8", "", links.map { ScenarioLink($0) }, [.tcp()], goals: [])
        let run = ScenarioRun(scenario, rates: .exact)
        #expect(try #require(run.value(of: settled)) >= 0.85 * (scenario.theory(settled) ?? 0))
        let best = links.max { $0.rate < $1.rate } ?? links[0]
        let alone = ScenarioRun(Scenario("", "", [ScenarioLink(best)], [.tcp()], goals: []), rates: .exact)
        for measure in [settled, Self.whole] {
            let least = try #require(alone.value(of: measure))
            // But for the numbers, which one path alone does without.
            #expect(try #require(run.value(of: measure)) >= 0.99 * least)
        }
    }

    @Test(arguments: [ScenarioRates.exact, .none]) func p12ACallStaysOffALineWithASecondOfQueue(_ rates: ScenarioRates)
        throws
    {
        let links = [
            ScenarioLink(.init(megabits: 10, delay: .milliseconds(12))),
            ScenarioLink(
                .init(megabits: 20, delay: .milliseconds(35), jitter: .milliseconds(5), queue: .milliseconds(1000))
            ),
        ]
        let scenario = Scenario("P12", "", links, [.tcp(), .voice], goals: [])
        let run = ScenarioRun(scenario, rates: rates)
        // The round trip under load is no more than 30 ms longer.
        #expect(try #require(run.value(of: .delay(percentile: 99))) <= 12 + 30)
        #expect(run.value(of: .lost) == 0)
    }
}
