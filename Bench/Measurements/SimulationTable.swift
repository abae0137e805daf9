// SPDX-License-Identifier: Apache-2.0
import Forwarding
import Testbed

/// Scenarios in the simulation: `Bench simulate [up] [per-packet] [random=N] [seed=N] [NAME…]`.
enum SimulationTable {
    private struct Options {
        var isDownload = true
        var isPerPacket = false
        var seed: UInt64 = 1
        var scenarios: [Scenario] = []

        /// nil: something is not understood, which has been said.
        init?(_ words: some Sequence<String>) {
            for word in words {
                let halves = word.split(separator: "=", maxSplits: 1)
                switch (word, halves.first ?? "", halves.count == 2 ? UInt64(halves[1]) : nil) {
                case ("up", _, _): isDownload = false
                case ("per-packet", _, _): isPerPacket = true
                case (_, "seed", let number?): seed = number
                case (_, "random", let number?): scenarios += (0..<number).map { .random(seed: $0) }
                default:
                    guard let known = Self.scenario(word) else {
                        print("simulate: no scenario \(word); there are", Scenario.all.map(\.name), "and R0, R1, …")
                        return nil
                    }
                    scenarios.append(known)
                }
            }
            if scenarios.isEmpty { scenarios = Scenario.all }
        }

        private static func scenario(_ name: String) -> Scenario? {
            if name.hasPrefix("R"), let seed = UInt64(name.dropFirst()) { return .random(seed: seed) }
            return Scenario.all.first { $0.name == name }
        }
    }

    /// Whether the words were understood.
    static func run(_ words: some Sequence<String>) -> Bool {
        guard let options = Options(words) else { return false }
        let kind = options.isPerPacket ? "per-packet" : "automatic"
        print("### Simulated \(options.isDownload ? "downloads" : "uploads"), \(kind), seed \(options.seed)\n")
        print("| | scenario | measure | theory | goal | no rates configured | rates configured |")
        print("|---|---|---|---:|---:|---:|---:|")
        for scenario in options.scenarios {
            for row in rows(scenario, options) { print("| " + row.joined(separator: " | ") + " |") }
        }
        print("")
        return true
    }

    private static func rows(_ scenario: Scenario, _ options: Options) -> [[String]] {
        // Where the rates are wrong on purpose there is one run.
        let cold = scenario.rates == nil ? run(scenario, .none, options) : nil
        let known = run(scenario, .exact, options)
        let goals = scenario.isHeldAgainstLines ? goalsByLines(scenario, options) : scenario.goals
        return goals.enumerated().map { place, goal in
            [
                place == 0 ? scenario.name : "",
                place == 0 ? scenario.summary : "",
                goal.measure.text,
                scenario.theory(goal.measure).map(Table.number) ?? "",
                text(goal.bound),
                cold.map { text($0, goal) } ?? "–",
                text(known, goal),
            ]
        }
    }

    /// As good as the same hosts on the best of the lines alone, but for 3 %.
    private static func goalsByLines(_ scenario: Scenario, _ options: Options) -> [ScenarioGoal] {
        let runs = scenario.links.indices.map { run(scenario.alone(on: $0), .none, options) }
        return scenario.goals.map { goal in
            guard case .goodput = goal.measure, let best = runs.compactMap({ $0.value(of: goal.measure) }).max() else {
                return goal
            }
            return ScenarioGoal(goal.measure, .atLeast(0.97 * best))
        }
    }

    private static func run(_ scenario: Scenario, _ rates: ScenarioRates, _ options: Options) -> ScenarioRun {
        let timeout = Duration.milliseconds(100)
        return ScenarioRun(
            scenario,
            rates: rates,
            isDownload: options.isDownload,
            distribution: options.isPerPacket
                ? .perPacket(reorderTimeout: timeout) : .automatic(reorderTimeout: timeout),
            seed: options.seed
        )
    }

    private static func text(_ bound: ScenarioGoal.Bound) -> String {
        switch bound {
        case .atLeast(let least): "≥ \(Table.number(least))"
        case .atMost(let most): "≤ \(Table.number(most))"
        }
    }

    private static func text(_ run: ScenarioRun, _ goal: ScenarioGoal) -> String {
        guard let value = run.value(of: goal.measure) else { return "–" }
        return goal.isMet(by: value) ? "**\(Table.number(value))**" : Table.number(value)
    }
}
