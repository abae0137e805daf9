// SPDX-License-Identifier: Apache-2.0
import Forwarding
import Testbed
import Testing
import Wire

/// Flow rules and the default under TCP, over lines with the rates that they are said to have.
@Suite struct PolicySimulationTests {
    private func line(_ megabits: Double, delay: Int64, label: UInt8, isKnown: Bool = true) -> Simulation.Line {
        let conditions = SimulatedLink.Conditions(megabits: megabits, delay: .milliseconds(delay), loss: 0)
        let rate = isKnown ? Int64(megabits * 1e6) : nil
        return Simulation.Line(
            up: SimulatedLink(conditions, seed: UInt64(label)),
            down: SimulatedLink(conditions, seed: UInt64(label) + 100),
            configuredUp: rate,
            configuredDown: rate,
            label: label
        )
    }

    private let automatic = Distribution.automatic(reorderTimeout: .milliseconds(100))

    private func rule(_ treatment: FlowTreatment, _ labels: [UInt8]) -> FlowRule {
        Rules.rule(1, treatment, .labels(labels), selector: .ipv4(IPv4TrafficSelector()))
    }

    @Test func overflowFillsBothLinesWithOneConnection() {
        let lines = [line(20, delay: 10, label: 9), line(20, delay: 15, label: 11)]
        let simulation = Simulation(lines, automatic, rules: [rule(.overflow, [9, 11])])
        let flow = simulation.add(.tcp, port: 80)
        simulation.run(for: .seconds(8))
        let rate = simulation.goodput(flow, from: .seconds(2), to: .seconds(8))
        print("measured: overflow, two lines of 20, one TCP: \(rate) Mbit/s")
        #expect(rate > 34)
    }

    @Test func bulkIsBondedAndACallBesideItIsNot() throws {
        let lines = [line(20, delay: 10, label: 9), line(30, delay: 30, label: 11)]
        let simulation = Simulation(lines, automatic)
        let flow = simulation.add(.tcp, port: 80)
        let call = simulation.add(.udp(megabits: 0.08, payload: 200), port: 5060)
        simulation.run(for: .seconds(8))
        let rate = simulation.goodput(flow, from: .seconds(2), to: .seconds(8))
        let delays = simulation.flows[call].delays.sorted()
        let late = try #require(delays.dropLast(delays.count / 100).last)
        print(
            "measured: automatic, 20 and 30, one TCP: \(rate) Mbit/s, the call's p99 \(late), lost \(simulation.flows[call].datagramsLost)"
        )
        #expect(rate > 40)
        #expect(late < .milliseconds(15))
        #expect(simulation.flows[call].datagramsLost <= 1)
    }

    @Test func withoutRatesBulkKeepsToOnePathEach() {
        let lines = [line(20, delay: 10, label: 9, isKnown: false), line(20, delay: 10, label: 11, isKnown: false)]
        let simulation = Simulation(lines, automatic)
        let flows = (0..<8).map { simulation.add(.tcp, port: UInt16(80 + $0)) }
        simulation.run(for: .seconds(6))
        let rates = flows.map { simulation.goodput($0, from: .seconds(2), to: .seconds(6)) }
        print("measured: automatic without rates, two lines of 20, eight TCP: \(rates.reduce(0, +)) Mbit/s")
        #expect(rates.reduce(0, +) > 30)
    }
}
