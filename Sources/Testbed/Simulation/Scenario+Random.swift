// SPDX-License-Identifier: Apache-2.0
import Wire

/// Scenarios that nobody has tuned anything for.
extension Scenario {
    /// Rates in Mbit/s and delays in milliseconds: the least is a fiftieth of the most, and as many are small as are large.
    private static let steps = [2, 3, 5, 7, 10, 15, 20, 30, 50, 70, 100]
    /// Mostly none, up to a twentieth.
    private static let losses = [0, 0, 0, 0, 0, 0, 0.001, 0.003, 0.01, 0.05]

    /// The same for the same seed: two to four lines, one to eight connections and mostly a call beside them, in half of
    /// the scenarios a line that changes and recovers.
    package static func random(seed: UInt64) -> Scenario {
        var random = SeededGenerator(seed: seed &+ 7919)
        let usual = (0..<Int.random(in: 2...4, using: &random)).map { _ in line(using: &random) }
        var links = usual.map { ScenarioLink($0) }
        let connections = [1, 1, 1, 2, 4, 8].randomElement(using: &random) ?? 1
        let hasCall = Int.random(in: 0..<4, using: &random) > 0
        var trouble: Trouble?
        if Bool.random(using: &random) {
            let index = Int.random(in: usual.indices, using: &random)
            let found = Trouble(of: usual[index], using: &random)
            links[index].changes = found.changes(back: usual[index])
            trouble = found
        }
        let summary = summary(links, trouble) + "; \(connections) TCP" + (hasCall ? " and a call" : "")
        let flows = [ScenarioFlow.tcp(connections)] + (hasCall ? [.voice] : [])
        // Bonding never makes worse than the best line alone, but for 3 %.
        let whole = ScenarioMeasure.goodput(from: .seconds(2), to: .seconds(12))
        var goals = [ScenarioGoal(whole, .shareOfBestLine(0.97))]
        if hasCall { goals += callGoals(links, trouble) }
        return Scenario("R\(seed)", summary, links, flows, goals: goals)
    }

    private static func line(using random: inout SeededGenerator) -> SimulatedLink.Conditions {
        let delay = Int64(steps.randomElement(using: &random) ?? 2)
        let hasJitter = Int.random(in: 0..<3, using: &random) == 0
        return SimulatedLink.Conditions(
            megabits: Double(steps.randomElement(using: &random) ?? 2),
            delay: .milliseconds(delay),
            jitter: hasJitter ? .milliseconds(Int64.random(in: 1...max(1, delay / 3), using: &random)) : .zero,
            loss: losses.randomElement(using: &random) ?? 0,
            queue: .milliseconds(Int64.random(in: 30...200, using: &random))
        )
    }

    /// The call has what the best line for it offers at the worst moment. A change is noticed within 0.3 s.
    private static func callGoals(_ links: [ScenarioLink], _ trouble: Trouble?) -> [ScenarioGoal] {
        let usual = links.map(\.conditions)
        let worst = links.map { $0.changes.first?.conditions ?? $0.conditions }
        var (delay, loss) = (0.0, 0.0)
        for lines in [usual, worst] {
            let usable = lines.filter { !$0.isDown && $0.rate > Trouble.nextToNothing }
            let leastLoss = usable.map(\.loss).min() ?? 0
            let good = usable.filter { $0.loss <= leastLoss + 0.005 }
            delay = max(delay, good.map { milliseconds($0.delay + $0.jitter) }.min() ?? 0)
            loss = max(loss, leastLoss)
        }
        let times = Double(trouble?.times.count ?? 0)
        return [
            ScenarioGoal(.delay(percentile: trouble == nil ? 99 : 99 - 3 * times), .atMost(delay + 20)),
            ScenarioGoal(.lost, .atMost(100 * loss + 1 + 3 * times)),
        ]
    }

    private static func summary(_ links: [ScenarioLink], _ trouble: Trouble?) -> String {
        let lines = links.map { link in
            let usual = link.conditions
            var text = "\(Int(usual.rate / 1e6)) at \(Int(milliseconds(usual.delay)))"
            if usual.jitter > .zero { text += " ± \(Int(milliseconds(usual.jitter)))" }
            text += " ms, \(Int(milliseconds(usual.queue))) ms queued"
            if usual.loss > 0 { text += ", \(percent(usual.loss)) lost" }
            if let trouble, !link.changes.isEmpty { text += " (\(trouble.text))" }
            return text
        }
        return lines.joined(separator: " + ")
    }

    fileprivate static func percent(_ share: Double) -> String { "\((share * 1000).rounded() / 10) %" }

    fileprivate static func milliseconds(_ duration: Duration) -> Double { Double(duration.wholeNanoseconds) / 1e6 }
}

/// What happens to a line for a while, once or several times.
private struct Trouble {
    /// Bits per second of a line that has fallen so far that nobody would choose it.
    static let nextToNothing = 100_000.0

    /// What the line is like meanwhile.
    private let conditions: SimulatedLink.Conditions
    /// When, since the flows began.
    let times: [Range<Duration>]
    private let name: String

    init(of usual: SimulatedLink.Conditions, using random: inout SeededGenerator) {
        var other = usual
        let start = Int64.random(in: 3...7, using: &random)
        var times = [Duration.seconds(start)..<Duration.seconds(start + Int64.random(in: 1...4, using: &random))]
        switch Int.random(in: 0..<6, using: &random) {
        case 0:
            other.isDown = true
            name = "black hole"
        case 1:
            other.isDown = true
            name = "black hole"
            let length = Duration.milliseconds(Int64.random(in: 2...10, using: &random) * 100)
            times = (0..<3).map { Duration.seconds(3 + 2 * $0) }.map { $0..<$0 + length }
        case 2:
            other.rate /= Double(Int.random(in: 2...5, using: &random))
            name = "\((other.rate / 1e5).rounded() / 10) Mbit/s"
        case 3:
            other.rate = Self.nextToNothing
            name = "0.1 Mbit/s"
        case 4:
            other.loss += 0.05
            name = "\(Scenario.percent(other.loss)) lost"
        default:
            other.delay += .milliseconds(Int64.random(in: 10...60, using: &random))
            name = "at \(Int(Scenario.milliseconds(other.delay))) ms"
        }
        // The queue holds as many octets as before.
        other.queue = .nanoseconds(Int64(Double(usual.queue.wholeNanoseconds) * usual.rate / other.rate))
        self.times = times
        conditions = other
    }

    func changes(back usual: SimulatedLink.Conditions) -> [ScenarioLink.Change] {
        times.flatMap { time in
            [.init(at: time.lowerBound, conditions: conditions), .init(at: time.upperBound, conditions: usual)]
        }
    }

    var text: String {
        let spans = times.map {
            "\(ScenarioMeasure.seconds($0.lowerBound))–\(ScenarioMeasure.seconds($0.upperBound)) s"
        }
        return name + ", " + spans.joined(separator: ", ")
    }
}
