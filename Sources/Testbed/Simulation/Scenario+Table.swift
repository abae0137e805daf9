// SPDX-License-Identifier: Apache-2.0

/// The scenarios that bonding is judged by.
extension Scenario {
    package static let all = [s1, s2, s2x8, s3, s4, s5, s7, s8, s9, s10, ratesTooHigh, ratesTooLow]

    /// Two seconds are left out, and ten measured.
    private static let whole = ScenarioMeasure.goodput(from: .seconds(2), to: .seconds(12))

    private static let equal = SimulatedLink.Conditions(megabits: 50, delay: .milliseconds(10))
    private static let unequal = [
        ScenarioLink(.init(megabits: 40, delay: .milliseconds(15))),
        ScenarioLink(
            .init(megabits: 60, delay: .milliseconds(45), jitter: .milliseconds(10), queue: .milliseconds(100))
        ),
    ]

    static let s1 = Scenario(
        "S1",
        "50 + 50 Mbit/s, 10 + 10 ms, 1 TCP",
        [ScenarioLink(equal), ScenarioLink(equal)],
        [.tcp()],
        goals: [ScenarioGoal(whole, .atLeast(94))]
    )

    static let s2 = Scenario(
        "S2",
        "40 Mbit/s at 15 ms + 60 at 45 ± 10 ms, 1 TCP",
        unequal,
        [.tcp()],
        goals: [ScenarioGoal(whole, .atLeast(93.5))]
    )

    static let s2x8 = Scenario(
        "S2x8",
        "S2 with 8 TCP",
        unequal,
        [.tcp(8)],
        goals: [ScenarioGoal(whole, .atLeast(93.8))]
    )

    static let s3 = Scenario(
        "S3",
        "10 + 50 Mbit/s, 20 + 20 ms, 1 TCP",
        [10, 50].map { rate in
            ScenarioLink(.init(megabits: rate, delay: .milliseconds(20), queue: .milliseconds(60)))
        },
        [.tcp()],
        goals: [ScenarioGoal(whole, .atLeast(56.2))]
    )

    static let s4 = Scenario(
        "S4",
        "S1, link 1 a black hole from 6 to 16 s",
        [ScenarioLink(equal, changes: changes(of: equal) { $0.isDown = true }), ScenarioLink(equal)],
        [.tcp()],
        duration: .seconds(19),
        goals: [
            ScenarioGoal(.stall, .atMost(0.1)),
            ScenarioGoal(.goodput(from: .seconds(6), to: .seconds(16)), .atLeast(46)),
            ScenarioGoal(.goodput(from: .seconds(17), to: .seconds(18)), .atLeast(93)),
        ]
    )

    static let s5 = Scenario(
        "S5",
        "S2 with a call beside it",
        unequal,
        [.tcp(), .voice],
        goals: [
            ScenarioGoal(whole, .atLeast(93.4)),
            ScenarioGoal(.delay(percentile: 50), .atMost(17)),
            ScenarioGoal(.delay(percentile: 99), .atMost(20)),
            ScenarioGoal(.lost, .atMost(0)),
            ScenarioGoal(.reordered, .atMost(0)),
        ]
    )

    static let s7 = Scenario(
        "S7",
        "S1, 1 % random loss on link 2",
        [
            ScenarioLink(equal),
            ScenarioLink(.init(megabits: 50, delay: .milliseconds(10), loss: 0.01)),
        ],
        [.tcp()],
        goals: [ScenarioGoal(whole, .atLeast(92.5))]
    )

    static let s8 = Scenario(
        "S8",
        "300 Mbit/s at 10 ms + 80 at 30 ms, 1 TCP",
        [
            ScenarioLink(.init(megabits: 300, delay: .milliseconds(10))),
            ScenarioLink(.init(megabits: 80, delay: .milliseconds(30))),
        ],
        [.tcp()],
        // 92 % of the sum.
        goals: [ScenarioGoal(whole, .atLeast(349.6))]
    )

    static let s9 = Scenario(
        "S9",
        "S2's links, one UDP flow of 85 Mbit/s",
        unequal,
        [.datagrams(megabits: 85)],
        goals: [ScenarioGoal(.lost, .atMost(0.1)), ScenarioGoal(.reordered, .atMost(0.1))]
    )

    static let s10 = Scenario(
        "S10",
        "S1 with a call, link 1 at a third of its rate from 6 to 16 s",
        [
            ScenarioLink(
                equal,
                changes: changes(of: equal) {
                    $0.rate /= 3
                    // The queue holds as many octets as before.
                    $0.queue *= 3
                }
            ),
            ScenarioLink(equal),
        ],
        [.tcp(), .voice],
        duration: .seconds(19),
        goals: [
            // 95 % of what is there, from a second after the drop on; all of it from half a second after the return on.
            ScenarioGoal(.goodput(from: .seconds(7), to: .seconds(8)), .atLeast(59.8)),
            ScenarioGoal(.goodput(from: .seconds(7), to: .seconds(16)), .atLeast(59.8)),
            ScenarioGoal(.goodput(from: .milliseconds(16500), to: .milliseconds(17500)), .atLeast(93)),
            ScenarioGoal(.delay(percentile: 99), .atMost(25)),
        ]
    )

    static let ratesTooHigh = Scenario(
        "S2high",
        "S2 with a call, rates configured 20 % too high",
        unequal,
        [.tcp(), .voice],
        rates: .scaled(1.2),
        goals: [ScenarioGoal(whole, .atLeast(92)), ScenarioGoal(.delay(percentile: 99), .atMost(30))]
    )

    static let ratesTooLow = Scenario(
        "S2low",
        "S2 with a call, rates configured 20 % too low",
        unequal,
        [.tcp(), .voice],
        rates: .scaled(0.8),
        goals: [ScenarioGoal(whole, .atLeast(92)), ScenarioGoal(.delay(percentile: 99), .atMost(30))]
    )

    /// Other conditions from 6 to 16 s.
    static func changes(
        of usual: SimulatedLink.Conditions,
        _ change: (inout SimulatedLink.Conditions) -> Void
    ) -> [ScenarioLink.Change] {
        var other = usual
        change(&other)
        return [.init(at: .seconds(6), conditions: other), .init(at: .seconds(16), conditions: usual)]
    }
}
