// SPDX-License-Identifier: Apache-2.0

/// What lines do in the field to those who bond them; named by the numbers of the list of such faults.
extension Scenario {
    package static let field = [flapping, lossy, veryLossy, bursts, stops, throttled, delayed]

    /// What users report of lines that come and go.
    package static let flapping = Scenario(
        "P5",
        "20 Mbit/s at 10 ms + 30 at 15 that goes and comes every 3 s for 2 min, 1 TCP",
        [
            ScenarioLink(.init(megabits: 20, delay: .milliseconds(10))),
            ScenarioLink(flappingLine, changes: flaps(from: 4, to: 124)),
        ],
        [.tcp()],
        duration: .seconds(130),
        goals: [ScenarioGoal(.goodput(from: .seconds(4), to: .seconds(124)), .atLeast(17.9))]
    )

    package static let lossy = scenario("P6", loss: 0.15)
    package static let veryLossy = scenario("P6half", loss: 0.5)

    /// As a radio line does when something passes through it.
    package static let bursts = falters("P6bursts", "loses everything") { $0.isDown = true }

    /// As a line does whose modem has other things to do: what comes meanwhile waits.
    package static let stops = falters("P6stops", "carries nothing") {
        $0.rate /= 1e6
        // The queue holds as many octets as before.
        $0.queue *= 1_000_000
    }

    package static let throttled = Scenario(
        "P7",
        "20 Mbit/s at 10 ms + 130 at 25 that is throttled to 1 from 6 to 16 s, 1 TCP and a call",
        [
            ScenarioLink(.init(megabits: 20, delay: .milliseconds(10))),
            ScenarioLink(
                .init(megabits: 130, delay: .milliseconds(25)),
                changes: changes(of: .init(megabits: 130, delay: .milliseconds(25))) {
                    $0.rate /= 130
                    // The queue holds as many octets as before.
                    $0.queue *= 130
                }
            ),
        ],
        [.tcp(), .voice],
        duration: .seconds(30),
        goals: [
            // 95 % of the line that is left, from two seconds on; and when the other is back it is used again.
            ScenarioGoal(.goodput(from: .seconds(8), to: .seconds(16)), .atLeast(17.9)),
            ScenarioGoal(.goodput(from: .seconds(28), to: .seconds(30)), .atLeast(30)),
            ScenarioGoal(.delay(percentile: 99), .atMost(40)),
        ]
    )

    package static let delayed = Scenario(
        "P7late",
        "20 Mbit/s at 10 ms + 30 at 15 that takes a second from 6 to 16 s, 1 TCP and a call",
        [
            ScenarioLink(.init(megabits: 20, delay: .milliseconds(10))),
            ScenarioLink(flappingLine, changes: changes(of: flappingLine) { $0.delay = .seconds(1) }),
        ],
        [.tcp(), .voice],
        duration: .seconds(30),
        goals: [
            ScenarioGoal(.goodput(from: .seconds(8), to: .seconds(16)), .atLeast(17.9)),
            ScenarioGoal(.goodput(from: .seconds(28), to: .seconds(30)), .atLeast(44.8)),
            ScenarioGoal(.delay(percentile: 99), .atMost(40)),
        ]
    )

    private static let flappingLine = SimulatedLink.Conditions(megabits: 30, delay: .milliseconds(15))

    private static func flaps(from start: Int, to end: Int) -> [ScenarioLink.Change] {
        var down = flappingLine
        down.isDown = true
        return stride(from: start, to: end, by: 6).flatMap { second in
            [
                ScenarioLink.Change(at: .seconds(second), conditions: down),
                ScenarioLink.Change(at: .seconds(second + 3), conditions: flappingLine),
            ]
        }
    }

    private static func falters(
        _ name: String,
        _ what: String,
        _ change: (inout SimulatedLink.Conditions) -> Void
    ) -> Scenario {
        let usual = SimulatedLink.Conditions(megabits: 50, delay: .milliseconds(10))
        var bad = usual
        change(&bad)
        let changes = (3..<12).flatMap { second in
            [
                ScenarioLink.Change(at: .seconds(second), conditions: bad),
                ScenarioLink.Change(at: .milliseconds(second * 1000 + 20), conditions: usual),
            ]
        }
        return Scenario(
            name,
            "50 + 50 Mbit/s at 10 ms, the last \(what) for 20 ms once a second, 1 TCP and a call",
            [ScenarioLink(usual), ScenarioLink(usual, changes: changes)],
            [.tcp(), .voice],
            goals: [
                // 97 % of what is left.
                ScenarioGoal(.goodput(from: .seconds(2), to: .seconds(12)), .atLeast(90.8)),
                ScenarioGoal(.delay(percentile: 99), .atMost(40)),
                ScenarioGoal(.lost, .atMost(0.1)),
            ]
        )
    }

    private static func scenario(_ name: String, loss: Double) -> Scenario {
        let clean = SimulatedLink.Conditions(megabits: 20, delay: .milliseconds(15))
        return Scenario(
            name,
            "3 × 20 Mbit/s at 15 ms, the last loses \(Int(loss * 100)) % from 6 to 16 s, 1 TCP and a call",
            [
                ScenarioLink(clean), ScenarioLink(clean),
                ScenarioLink(clean, changes: changes(of: clean) { $0.loss = loss }),
            ],
            [.tcp(), .voice],
            duration: .seconds(30),
            goals: [
                // 95 % of the clean lines.
                ScenarioGoal(.goodput(from: .seconds(8), to: .seconds(16)), .atLeast(35.9)),
                ScenarioGoal(.goodput(from: .seconds(28), to: .seconds(30)), .atLeast(53.8)),
                ScenarioGoal(.lost, .atMost(0.1)),
            ]
        )
    }
}
