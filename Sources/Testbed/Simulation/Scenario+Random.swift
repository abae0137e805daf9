// SPDX-License-Identifier: Apache-2.0
import Wire

/// Scenarios that nobody has tuned anything for.
extension Scenario {
    /// The same for the same seed: two or three lines, one to eight connections and mostly a call beside them, in half of
    /// the scenarios a line that changes and recovers.
    package static func random(seed: UInt64) -> Scenario {
        var random = SeededGenerator(seed: seed &+ 7919)
        let count = Int.random(in: 2...3, using: &random)
        var links = (0..<count).map { _ in ScenarioLink(line(using: &random)) }
        if Bool.random(using: &random) {
            let index = Int.random(in: 0..<count, using: &random)
            links[index].changes = change(of: links[index].conditions, using: &random)
        }
        let connections = [1, 1, 1, 2, 4, 8].randomElement(using: &random) ?? 1
        var flows = [ScenarioFlow.tcp(connections)]
        let hasCall = Int.random(in: 0..<4, using: &random) > 0
        if hasCall { flows.append(.voice) }
        let whole = ScenarioMeasure.goodput(from: .seconds(2), to: .seconds(12))
        var scenario = Scenario("R\(seed)", summary(links, connections, hasCall), links, flows, goals: [])
        // Bonding never makes worse than the best line alone.
        scenario.goals = [ScenarioGoal(whole, .atLeast(scenario.theoryOfBestLink(whole) ?? 0))]
        scenario.isHeldAgainstLines = true
        if hasCall {
            let delay = links.map { milliseconds($0.conditions.delay + $0.conditions.jitter) }.min() ?? 0
            scenario.goals.append(ScenarioGoal(.delay(percentile: 99), .atMost(delay + 20)))
            scenario.goals.append(ScenarioGoal(.lost, .atMost(1)))
        }
        return scenario
    }

    private static func line(using random: inout SeededGenerator) -> SimulatedLink.Conditions {
        // As many slow lines as fast ones: 2 to 128 Mbit/s.
        let doublings = Double.random(in: 1...6, using: &random)
        let whole = Int(doublings)
        let megabits = Double(1 << whole) * (1 + doublings - Double(whole))
        let hasJitter = Int.random(in: 0..<3, using: &random) == 0
        let delay = Int64.random(in: 2...80, using: &random)
        return SimulatedLink.Conditions(
            megabits: (megabits * 10).rounded() / 10,
            delay: .milliseconds(delay),
            jitter: hasJitter ? .milliseconds(Int64.random(in: 1...max(1, delay / 3), using: &random)) : .zero,
            loss: [0, 0, 0, 0.0001, 0.001, 0.01].randomElement(using: &random) ?? 0,
            queue: .milliseconds(Int64.random(in: 30...200, using: &random))
        )
    }

    private static func change(
        of usual: SimulatedLink.Conditions,
        using random: inout SeededGenerator
    ) -> [ScenarioLink.Change] {
        var other = usual
        switch Int.random(in: 0..<4, using: &random) {
        case 0: other.isDown = true
        case 1: other.loss = 0.03
        case 2: other.delay += .milliseconds(Int64.random(in: 10...60, using: &random))
        default:
            let factor = Double.random(in: 2...5, using: &random).rounded()
            other.rate /= factor
            other.queue *= Int(factor)
        }
        let start = Int64.random(in: 3...7, using: &random)
        let end = start + Int64.random(in: 1...4, using: &random)
        return [.init(at: .seconds(start), conditions: other), .init(at: .seconds(end), conditions: usual)]
    }

    private static func summary(_ links: [ScenarioLink], _ connections: Int, _ hasCall: Bool) -> String {
        let lines = links.map { link in
            let usual = link.conditions
            var text = "\(usual.rate / 1e6) at \(milliseconds(usual.delay))"
            if usual.jitter > .zero { text += " ± \(milliseconds(usual.jitter))" }
            text += " ms, \(milliseconds(usual.queue)) ms queued"
            if usual.loss > 0 { text += ", \(usual.loss * 100) % lost" }
            if let other = link.changes.first, let back = link.changes.last {
                text += " (\(difference(usual, other.conditions)), "
                text += "\(ScenarioMeasure.seconds(other.at))–\(ScenarioMeasure.seconds(back.at)) s)"
            }
            return text
        }
        return lines.joined(separator: " + ") + "; \(connections) TCP" + (hasCall ? " and a call" : "")
    }

    private static func difference(_ usual: SimulatedLink.Conditions, _ other: SimulatedLink.Conditions) -> String {
        if other.isDown { return "black hole" }
        if other.loss != usual.loss { return "\(other.loss * 100) % lost" }
        if other.delay != usual.delay { return "at \(milliseconds(other.delay)) ms" }
        return "\((other.rate / 1e5).rounded() / 10) Mbit/s"
    }

    private static func milliseconds(_ duration: Duration) -> Double { Double(duration.wholeNanoseconds) / 1e6 }
}
