// SPDX-License-Identifier: Apache-2.0
import Testbed
import Wire

/// `Bench scenarios`: the scenarios as JSON, for those who have them with real packets (Scripts/bench-bonding).
enum ScenarioList {
    static func run() { print(list(Scenario.all.map(text))) }

    private static func text(_ scenario: Scenario) -> String {
        var rates = "null"
        if case .scaled(let factor) = scenario.rates { rates = "\(factor)" }
        return object([
            ("name", quoted(scenario.name)),
            ("summary", quoted(scenario.summary)),
            ("seconds", seconds(scenario.duration)),
            ("rates", rates),
            ("links", list(scenario.links.map(text))),
            ("flows", list(scenario.flows.map(text))),
            ("goals", list(scenario.goals.map { text($0, of: scenario) })),
        ])
    }

    private static func text(_ link: ScenarioLink) -> String {
        let changes = link.changes.map { object([("at", seconds($0.at)), ("settings", settings($0.conditions))]) }
        return object([
            ("rate", "\(Int(link.conditions.rate))"),
            ("settings", settings(link.conditions)),
            ("changes", list(changes)),
        ])
    }

    /// As `plait lab link` has them.
    private static func settings(_ conditions: SimulatedLink.Conditions) -> String {
        let words = [
            "rate=\(Int(conditions.rate))bit",
            "delay=\(milliseconds(conditions.delay))",
            "jitter=\(milliseconds(conditions.jitter))",
            "loss=\(conditions.loss * 100)%",
            "queue=\(milliseconds(conditions.queue))",
            "outage=\(conditions.isDown ? "on" : "off")",
        ]
        return quoted(words.joined(separator: " "))
    }

    private static func text(_ flow: ScenarioFlow) -> String {
        switch flow.kind {
        case .tcp: object([("kind", quoted("tcp")), ("count", "\(flow.count)")])
        case .udp(let megabits, let payload):
            object([
                ("kind", quoted("udp")), ("count", "\(flow.count)"), ("megabits", "\(megabits)"),
                ("payload", "\(payload)"),
            ])
        }
    }

    private static func text(_ goal: ScenarioGoal, of scenario: Scenario) -> String {
        var members = [("text", quoted(goal.measure.text))]
        switch goal.measure {
        case .goodput(let from, let to):
            members += [("measure", quoted("goodput")), ("from", seconds(from)), ("to", seconds(to))]
        case .stall: members.append(("measure", quoted("stall")))
        case .delay(let percentile): members += [("measure", quoted("delay")), ("percentile", "\(percentile)")]
        case .lost: members.append(("measure", quoted("lost")))
        case .reordered: members.append(("measure", quoted("reordered")))
        }
        switch goal.bound {
        case .atLeast(let least): members.append(("atLeast", "\(least)"))
        case .atMost(let most): members.append(("atMost", "\(most)"))
        case .shareOfBestLine(let share): members.append(("shareOfBestLine", "\(share)"))
        }
        members.append(("theory", scenario.theory(goal.measure).map { "\($0)" } ?? "null"))
        return object(members)
    }

    private static func milliseconds(_ duration: Duration) -> String {
        "\(Double(duration.wholeNanoseconds) / 1e6)ms"
    }
    private static func seconds(_ duration: Duration) -> String { "\(Double(duration.wholeNanoseconds) / 1e9)" }

    /// Names and summaries have nothing in them that JSON would have escaped.
    private static func quoted(_ text: String) -> String { "\"\(text)\"" }
    private static func list(_ items: [String]) -> String { "[" + items.joined(separator: ", ") + "]" }
    private static func object(_ members: [(String, String)]) -> String {
        "{" + members.map { "\(quoted($0.0)): \($0.1)" }.joined(separator: ", ") + "}"
    }
}
