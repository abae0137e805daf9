// SPDX-License-Identifier: Apache-2.0
import Mobility
import Testbed
import Testing
import Wire

/// Heartbeats with a gateway that has many nodes: who is not asked because there is no news must miss none
/// (RFC 5847 §3.2).
@Suite struct CrowdHeartbeatTests {
    private typealias Domain = ExampleDomain

    private static let nodes = (1...4).map { NodeIdentifier(nai: "cpe\($0)@example.net") }

    private static var anchor: LoneAnchor {
        var settings = Domain.anchor
        settings.gateways[0].mobileNodes = nodes
        return LoneAnchor(settings)
    }

    private func register(_ node: NodeIdentifier, at alone: inout LoneAnchor) {
        let reply = alone.ask { $0.mobileNode = node }
        #expect(reply?.status == .accepted)
    }

    /// What the gateway at the LTE address says of itself.
    private func respond(_ counter: UInt32, to alone: inout LoneAnchor) {
        alone.passes(.milliseconds(10))
        let options = MobilityOptions([MessageIdentifier(alone.now.timestamp), RestartCounter(counter)])
        let heartbeat = Heartbeat(isResponse: true, isUnsolicited: true, sequence: 0, options: options)
        alone.tell(.received(HandmadeUpdate().seal(.heartbeat(heartbeat))))
    }

    private func states(_ alone: LoneAnchor) -> [String] {
        alone.anchor.snapshot.sessions.flatMap { $0.legs.map(\.state) }
    }

    @Test func newcomersHearTheCounterThatTheOthersKnow() {
        var alone = Self.anchor
        register(Self.nodes[0], at: &alone)
        respond(7, to: &alone)
        register(Self.nodes[1], at: &alone)
        respond(7, to: &alone)
        #expect(states(alone) == ["active", "active"])
        respond(8, to: &alone)
        #expect(states(alone) == ["delete-pending", "delete-pending"])
    }

    @Test func whoComesAfterTheLastResponseHasLostNothing() {
        var alone = Self.anchor
        register(Self.nodes[0], at: &alone)
        respond(7, to: &alone)
        register(Self.nodes[1], at: &alone)
        respond(8, to: &alone)
        #expect(states(alone) == ["delete-pending", "active"])
        respond(8, to: &alone)
        respond(9, to: &alone)
        #expect(states(alone) == ["delete-pending", "delete-pending"])
    }

    @Test func whoRegistersAnewIsToldAnew() {
        var alone = Self.anchor
        for node in Self.nodes { register(node, at: &alone) }
        respond(7, to: &alone)
        respond(8, to: &alone)
        #expect(states(alone) == Array(repeating: "delete-pending", count: 4))
        for node in Self.nodes.dropLast() { register(node, at: &alone) }
        respond(8, to: &alone)
        #expect(states(alone) == ["active", "active", "active", "delete-pending"])
        respond(9, to: &alone)
        #expect(states(alone) == Array(repeating: "delete-pending", count: 4))
    }

    @Test func silenceIsNewsToAll() {
        var alone = Self.anchor
        for node in Self.nodes { register(node, at: &alone) }
        respond(7, to: &alone)
        alone.passes(.seconds(400))
        #expect(states(alone) == Array(repeating: "unreachable", count: 4))
        respond(7, to: &alone)
        #expect(states(alone) == Array(repeating: "active", count: 4))
        #expect(alone.ledger.paths.count == 4)
        #expect(alone.ledger.faults.isEmpty)
    }
}
