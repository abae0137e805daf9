// SPDX-License-Identifier: Apache-2.0

/// What hosts send in a scenario, from its begin on.
package struct ScenarioFlow: Sendable {
    package var kind: SimulatedFlow.Kind
    /// So many of it.
    package var count: Int

    package static func tcp(_ count: Int = 1) -> ScenarioFlow { ScenarioFlow(kind: .tcp, count: count) }

    /// A call: 50 packets of 200 octets a second.
    package static let voice = ScenarioFlow(kind: .udp(megabits: 0.08, payload: 200), count: 1)

    /// One flow of datagrams that fit into the tunnel.
    package static func datagrams(megabits: Double) -> ScenarioFlow {
        ScenarioFlow(kind: .udp(megabits: megabits, payload: 1400), count: 1)
    }
}
