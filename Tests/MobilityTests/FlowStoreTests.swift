// SPDX-License-Identifier: Apache-2.0
import Mobility
import Testbed
import Testing
import Wire

/// Flows and metrics in what an anchor stores.
@Suite struct FlowStoreTests {
    typealias Domain = ExampleDomain

    private func record(_ talk: Conversation) throws -> SessionRecord {
        try #require(talk.atAnchor.records.values.first)
    }

    @Test func recordHasFlowsAndMetrics() throws {
        var talk = FlowScene.talk([FlowScene.rule(1, .bond, .any), FlowScene.rule(2, .duplicate, .bindings([2, 1]))])
        talk.tell(.metricsChanged("wan2", LinkMetrics(downlinkRate: 7, costClass: 2, quotaLeft: 0)))
        talk.passes(.seconds(1))
        let record = try record(talk)
        #expect(record.flows.count == 2 && record.hasSchemes)
        #expect(record.legs.map(\.metrics.costClass) == [0, 2])
        #expect(try SessionRecord(decoding: record.octets) == record)
        for count in record.octets.indices {
            #expect(throws: DecodeError.self) { try SessionRecord(decoding: Array(record.octets.prefix(count))) }
        }
    }

    /// What has nothing of them is written as an older program wrote it, and read as that is.
    @Test func recordOfTheVersionBeforeIsRead() throws {
        let talk = Domain.registered(gateway: FlowScene.gateway(.none))
        let record = try record(talk)
        #expect(record.octets.first == 1 && record.flows.isEmpty)
        #expect(try SessionRecord(decoding: record.octets) == record)
    }
}
