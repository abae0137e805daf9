// SPDX-License-Identifier: Apache-2.0
import Wire

/// Lines, what happens to them, what hosts send over them, and what must come of it. The lab's benchmark measures the same
/// ones with real packets.
package struct Scenario: Sendable {
    /// What a tunnel of GRE with key and sequence number over IPv4, and TCP with time stamps in it, leave of 1500 octets.
    static let payloadShare = 1416.0 / 1500

    package var name: String
    package var summary: String
    package var links: [ScenarioLink]
    package var flows: [ScenarioFlow]
    package var goals: [ScenarioGoal]
    /// Where the scenario is about what is configured; nil: it is judged without rates, and with the true ones.
    package var rates: ScenarioRates?
    package var duration: Duration

    package init(
        _ name: String,
        _ summary: String,
        _ links: [ScenarioLink],
        _ flows: [ScenarioFlow],
        rates: ScenarioRates? = nil,
        duration: Duration = .seconds(12),
        goals: [ScenarioGoal]
    ) {
        self.name = name
        self.summary = summary
        self.links = links
        self.flows = flows
        self.rates = rates
        self.duration = duration
        self.goals = goals
    }

    /// What the lines could carry of the measure at best; nil: it has no such bound.
    package func theory(_ measure: ScenarioMeasure) -> Double? {
        guard case .goodput(let start, let end) = measure else { return nil }
        let bits = links.reduce(0) { $0 + $1.bits(from: start, to: end) }
        return bits * Self.payloadShare / (Double((end - start).wholeNanoseconds) / 1e9) / 1e6
    }

    /// The goals without shares of what is not known: if there are such goals, `run` is asked for runs on each line alone.
    package func goalsInNumbers(_ run: (Scenario) -> ScenarioRun) -> [ScenarioGoal] {
        var linesAlone: [ScenarioRun]?
        return goals.map { goal in
            guard case .shareOfBestLine(let share) = goal.bound else { return goal }
            let runs = linesAlone ?? links.indices.map { run(alone(on: $0)) }
            linesAlone = runs
            let best = runs.compactMap { $0.value(of: goal.measure) }.max() ?? 0
            return ScenarioGoal(goal.measure, .atLeast(share * best))
        }
    }

    /// The same hosts on one of the lines.
    private func alone(on link: Int) -> Scenario {
        Scenario(name, summary, [links[link]], flows, rates: rates, duration: duration, goals: goals)
    }
}
