// SPDX-License-Identifier: Apache-2.0
import Forwarding
import Testbed

/// Scenarios in the simulation: `Bench simulate [up] [per-packet] [random=N] [seed=N] [NAME…]`; all those that have been
/// thought of and the first ten random ones if none is named.
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
                case (_, "random", let number?): scenarios += Self.random(number)
                default:
                    guard let known = Self.scenario(word) else {
                        print("simulate: no scenario \(word); there are", Self.known.map(\.name), "and R0, R1, …")
                        return nil
                    }
                    scenarios.append(known)
                }
            }
            if scenarios.isEmpty { scenarios = Self.known + Self.random(10) }
        }

        private static let known = Scenario.all + Scenario.field

        private static func random(_ count: UInt64) -> [Scenario] { (0..<count).map { .random(seed: $0) } }

        private static func scenario(_ name: String) -> Scenario? {
            if name.hasPrefix("R"), let seed = UInt64(name.dropFirst()) { return .random(seed: seed) }
            return known.first { $0.name == name }
        }
    }

    /// A goal of a scenario and what became of it.
    private struct Result: Sendable {
        let scenario: String
        let summary: String
        let theory: Double?
        let goal: ScenarioGoal
        /// Without rates, and with; nil: not measured.
        let values: [Double?]

        var cells: [String] {
            [scenario, summary, goal.measure.text, theory.map(Table.number) ?? "", text(goal.bound)]
                + values.map { value in
                    value.map { goal.isMet(by: $0) ? "**\(Table.number($0))**" : Table.number($0) } ?? "–"
                }
        }

        var missed: [String] {
            zip(values, ["no rates", "rates"]).compactMap { value, rates in
                guard let value, !goal.isMet(by: value) else { return nil }
                return "\(scenario) \(goal.measure.text) (\(rates))"
            }
        }
    }

    /// Whether the words were understood.
    @MainActor static func run(_ words: some Sequence<String>) async -> Bool {
        guard let options = Options(words) else { return false }
        let kind = options.isPerPacket ? "per-packet" : "automatic"
        print("### Simulated \(options.isDownload ? "downloads" : "uploads"), \(kind), seed \(options.seed)\n")
        print("| | scenario | measure | theory | goal | no rates configured | rates configured |")
        print("|---|---|---|---:|---:|---:|---:|")
        var results: [Result] = []
        await forEach(of: options.scenarios, { Self.results($0, options) }) { found in
            for (place, result) in found.enumerated() {
                let cells = place == 0 ? result.cells : ["", ""] + result.cells.dropFirst(2)
                print("| " + cells.joined(separator: " | ") + " |")
            }
            results += found
        }
        let missed = results.flatMap(\.missed)
        let count = results.flatMap(\.values).count { $0 != nil }
        let list = missed.isEmpty ? "" : ": " + missed.joined(separator: "; ")
        print("\nGoals met: \(count - missed.count). Missed: \(missed.count)\(list).\n")
        return true
    }

    /// What `measure` says of each, in their order; on all processors, and used on the main thread while others are measured.
    @MainActor private static func forEach(
        of scenarios: [Scenario],
        _ measure: @escaping @Sendable (Scenario) -> [Result],
        use: ([Result]) -> Void
    ) async {
        await withTaskGroup(of: (place: Int, results: [Result]).self) { group in
            for (place, scenario) in scenarios.enumerated() { group.addTask { (place, measure(scenario)) } }
            var early: [Int: [Result]] = [:]
            var next = 0
            for await (place, results) in group {
                early[place] = results
                while let results = early.removeValue(forKey: next) {
                    use(results)
                    next += 1
                }
            }
        }
    }

    private static func results(_ scenario: Scenario, _ options: Options) -> [Result] {
        // Where the rates are wrong on purpose there is one run.
        let cold = scenario.rates == nil ? run(scenario, .none, options) : nil
        let known = run(scenario, .exact, options)
        return scenario.goalsInNumbers { run($0, .none, options) }.map { goal in
            Result(
                scenario: scenario.name,
                summary: scenario.summary,
                theory: scenario.theory(goal.measure),
                goal: goal,
                values: [cold, known].map { $0?.value(of: goal.measure) }
            )
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
        case .shareOfBestLine(let share): "≥ \(Table.number(100 * share)) % of the best line"
        }
    }
}
