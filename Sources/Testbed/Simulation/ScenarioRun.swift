// SPDX-License-Identifier: Apache-2.0
package import Forwarding
import Wire

/// A scenario in the simulation, from its begin to its end.
package struct ScenarioRun {
    /// Paths are there for a while before anybody uses them.
    private static let lead = Duration.seconds(1)
    /// What is on its way at the end arrives.
    private static let rest = Duration.milliseconds(500)
    /// How hosts and paths find their feet counts for nothing.
    private static let warmUp = Duration.seconds(2)

    package let scenario: Scenario
    package let simulation: Simulation

    /// How often somebody looks.
    private static let watchTime = Duration.milliseconds(50)

    /// Takes the time that it takes: some seconds at a hundred Mbit/s. `watch` sees the simulation every 50 ms, with the time since
    /// the flows began.
    package init(
        _ scenario: Scenario,
        rates: ScenarioRates,
        isDownload: Bool = true,
        distribution: Distribution = .automatic(reorderTimeout: .milliseconds(100)),
        hasReports: Bool = true,
        seed: UInt64 = 1,
        watch: (Simulation, Duration) -> Void = { _, _ in }
    ) {
        self.scenario = scenario
        let lines = scenario.links.enumerated().map { place, link in
            Self.line(link, place: place, rates: scenario.rates ?? rates, seed: seed)
        }
        simulation = Simulation(lines, distribution, hasReports: hasReports)
        var port: UInt16 = 5000
        for flow in scenario.flows {
            for _ in 0..<flow.count {
                _ = simulation.add(
                    flow.kind,
                    isDownload: isDownload,
                    port: port,
                    at: Self.lead,
                    until: Self.lead + scenario.duration
                )
                port += 1
            }
        }
        simulation.run(for: Self.lead)
        var time = Duration.zero
        while time < scenario.duration {
            simulation.run(for: Self.watchTime)
            time += Self.watchTime
            watch(simulation, time)
        }
        simulation.run(for: Self.rest)
    }

    private static func line(_ link: ScenarioLink, place: Int, rates: ScenarioRates, seed: UInt64) -> Simulation.Line {
        let script = link.changes.map { (at: Simulation.origin + lead + $0.at, $0.conditions) }
        let seed = seed &* 1000 &+ UInt64(place) &* 2
        return Simulation.Line(
            up: SimulatedLink(link.conditions, script: script, seed: seed),
            down: SimulatedLink(link.conditions, script: script, seed: seed &+ 1),
            configuredUp: rates.configured(link),
            configuredDown: rates.configured(link),
            label: UInt8(clamping: place + 1)
        )
    }

    /// In the measure's unit; nil: the scenario has nothing to measure it at.
    package func value(of measure: ScenarioMeasure) -> Double? {
        switch measure {
        case .goodput(let start, let end):
            simulation.flows.indices.filter { simulation.flows[$0].isTCP }
                .reduce(0) { $0 + simulation.goodput($1, from: Self.lead + start, to: Self.lead + end) }
        case .stall:
            simulation.flows.filter(\.isTCP).map { $0.longestStall(from: begin, to: end) }.max()
                .map { Double($0.wholeNanoseconds) / 1e9 }
        case .delay(let percentile): delay(percentile)
        case .lost: share { $0.delay == nil }
        case .reordered: share(where: \.isMisordered)
        }
    }

    private var begin: Instant { Simulation.origin + Self.lead + Self.warmUp }
    private var end: Instant { Simulation.origin + Self.lead + scenario.duration }

    private var datagrams: [SimulatedDatagram] {
        simulation.flows.flatMap { $0.datagrams(from: begin, to: end) }
    }

    private func delay(_ percentile: Double) -> Double? {
        let delays = datagrams.compactMap(\.delay).sorted()
        guard !delays.isEmpty else { return nil }
        let place = Int((percentile / 100 * Double(delays.count)).rounded(.up)) - 1
        return Double(delays[min(max(0, place), delays.count - 1)].wholeNanoseconds) / 1e6
    }

    private func share(where condition: (SimulatedDatagram) -> Bool) -> Double? {
        let datagrams = datagrams
        guard !datagrams.isEmpty else { return nil }
        return 100 * Double(datagrams.count(where: condition)) / Double(datagrams.count)
    }
}
