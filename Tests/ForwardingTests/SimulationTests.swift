// SPDX-License-Identifier: Apache-2.0
import Forwarding
import Testbed
import Testing
import Wire

/// The simulation against what is known of links and of TCP.
@Suite struct SimulationTests {
    private func line(_ megabits: Double, delay: Int64, label: UInt8 = 1, loss: Double = 0, seed: UInt64 = 1)
        -> Simulation.Line
    {
        let conditions = SimulatedLink.Conditions(megabits: megabits, delay: .milliseconds(delay), loss: loss)
        return Simulation.Line(
            up: SimulatedLink(conditions, seed: seed),
            down: SimulatedLink(conditions, seed: seed + 100),
            label: label
        )
    }

    @Test func oneConnectionFillsOneLine() {
        let simulation = Simulation([line(10, delay: 10)], .perFlow)
        let flow = simulation.add(.tcp, port: 80)
        simulation.run(for: .seconds(12))
        let rate = simulation.goodput(flow, from: .seconds(2), to: .seconds(12))
        print("measured: one line of 10: \(rate) Mbit/s, \(simulation.flows[flow].repetitions) repeated")
        #expect(rate > 9.3 && rate < 9.6)
    }

    /// Delays that wander end slow start long before the line is full.
    @Test func aConnectionWithoutLossFindsTheRoomInSeconds() {
        let conditions = SimulatedLink.Conditions(
            megabits: 60,
            delay: .milliseconds(45),
            jitter: .milliseconds(20),
            queue: .milliseconds(100)
        )
        let line = Simulation.Line(
            up: SimulatedLink(conditions, seed: 1),
            down: SimulatedLink(conditions, seed: 2),
            label: 1
        )
        let simulation = Simulation([line], .perFlow)
        let flow = simulation.add(.tcp, port: 80)
        simulation.run(for: .seconds(6))
        let rate = simulation.goodput(flow, from: .seconds(4), to: .seconds(6))
        print("measured: one line of 60 with 45 ± 20 ms: \(rate) Mbit/s")
        #expect(rate > 50)
    }

    @Test func lossHurtsAConnection() {
        let simulation = Simulation([line(10, delay: 10, loss: 0.01)], .perFlow)
        let flow = simulation.add(.tcp, port: 80)
        simulation.run(for: .seconds(12))
        let rate = simulation.goodput(flow, from: .seconds(2), to: .seconds(12))
        print("measured: one line of 10 with 1 % loss: \(rate) Mbit/s")
        #expect(rate > 2 && rate < 8)
    }

    @Test func datagramsTakeTheDelayOfTheLine() {
        let simulation = Simulation([line(10, delay: 10)], .perFlow)
        let flow = simulation.add(.udp(megabits: 0.08, payload: 200), port: 5060)
        simulation.run(for: .seconds(3))
        #expect(simulation.flows[flow].datagramsSent > 145)
        #expect(simulation.flows[flow].datagramsLost <= 1)
        #expect(simulation.flows[flow].delays.allSatisfy { $0 > .milliseconds(10) && $0 < .milliseconds(11) })
    }

    @Test func perPacketOverTwoEqualLines() {
        let lines = [line(10, delay: 10), line(10, delay: 10, seed: 2)]
        let simulation = Simulation(lines, .perPacket(reorderTimeout: .milliseconds(100)))
        let flow = simulation.add(.tcp, port: 80)
        simulation.run(for: .seconds(12))
        let rate = simulation.goodput(flow, from: .seconds(2), to: .seconds(12))
        print("measured: two lines of 10 per packet: \(rate) Mbit/s")
        #expect(rate > 18)
    }
}
