// SPDX-License-Identifier: Apache-2.0
import Forwarding
import Testbed
import Testing
import Wire

/// What reports are good for, under TCP: lines of known rates that lose packets, or stop.
@Suite struct ReportSimulationTests {
    private func line(
        _ link: SimulatedLink.Conditions,
        loses: [(at: Instant, SimulatedLink.Conditions)] = [],
        label: UInt8
    )
        -> Simulation.Line
    {
        let rate = Int64(link.rate)
        return Simulation.Line(
            up: SimulatedLink(link, script: loses, seed: UInt64(label)),
            down: SimulatedLink(link, script: loses, seed: UInt64(label) + 100),
            configuredUp: rate,
            configuredDown: rate,
            label: label
        )
    }

    private func conditions(_ megabits: Double = 10, loss: Double = 0, isDown: Bool = false) -> SimulatedLink.Conditions
    {
        SimulatedLink.Conditions(megabits: megabits, delay: .milliseconds(10), loss: loss, isDown: isDown)
    }

    private let automatic = Distribution.automatic(reorderTimeout: .milliseconds(100))

    @Test func randomLossOnOneLineCostsLittle() {
        let lines = [line(conditions(), label: 9), line(conditions(loss: 0.01), label: 11)]
        let rates = [false, true].map { hasReports in
            let simulation = Simulation(lines, automatic, hasReports: hasReports)
            let flow = simulation.add(.tcp, port: 80)
            simulation.run(for: .seconds(8))
            return simulation.goodput(flow, from: .seconds(2), to: .seconds(8))
        }
        print("measured: two lines of 10, 1 % loss on one: \(rates[0]) Mbit/s without reports, \(rates[1]) with")
        #expect(rates[1] > 17.5)
    }

    @Test func aBlackHoleCostsItsLineAndNoMore() {
        let script = [
            (at: Instant(nanoseconds: 5_000_000_000), conditions(isDown: true)),
            (at: Instant(nanoseconds: 7_000_000_000), conditions()),
        ]
        let lines = [line(conditions(), loses: script, label: 9), line(conditions(), label: 11)]
        let simulation = Simulation(lines, automatic, hasReports: true)
        let flow = simulation.add(.tcp, port: 80)
        simulation.run(for: .seconds(9))
        let (during, after) = (
            simulation.goodput(flow, from: .milliseconds(4200), to: .seconds(6)),
            simulation.goodput(flow, from: .milliseconds(6500), to: .seconds(9))
        )
        // What comes later is between the connection and the queue, in which it has less room than before.
        var (longest, stalled) = (0, 0)
        for step in 398..<425 {
            let start = Duration.milliseconds(step * 10)
            let rate = simulation.goodput(flow, from: start, to: start + .milliseconds(10))
            stalled = rate == 0 ? stalled + 1 : 0
            longest = max(longest, stalled)
        }
        print("measured: black hole: \(during) Mbit/s during, \(after) after, \(longest * 10) ms without data")
        #expect(during > 7.5 && after > 16)
        #expect(longest < 10)
    }

    /// A connection begins with a burst of which the first packets go ahead, without numbers, on the quick line.
    @Test(arguments: [(2.6, 8, 42.7, 80), (2.5, 71, 51.5, 76)])
    func theFirstWindowArrivesInOrder(rate: Double, delay: Int64, otherRate: Double, otherDelay: Int64) {
        let lines = [
            line(.init(megabits: rate, delay: .milliseconds(delay)), label: 9),
            line(.init(megabits: otherRate, delay: .milliseconds(otherDelay)), label: 11),
        ]
        let simulation = Simulation(lines, automatic, hasReports: true)
        simulation.run(for: .seconds(1))
        let flow = simulation.add(.tcp, port: 80)
        simulation.run(for: .seconds(1))
        // One may be the probe of a tail that takes the slow line for the first time.
        #expect(simulation.flows[flow].repetitions <= 1)
    }
}
