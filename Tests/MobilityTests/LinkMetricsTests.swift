// SPDX-License-Identifier: Apache-2.0
import Mobility
import Testbed
import Testing
import Wire

/// What access lines can do, told in updates and answers (RFC 5094, docs/flow-signalling.md).
@Suite struct LinkMetricsTests {
    typealias Domain = ExampleDomain

    private static let line = LinkMetrics(
        downlinkRate: 100_000_000,
        uplinkRate: 20_000_000,
        costClass: 3,
        quotaLeft: 5_000_000_000
    )

    private func metrics(_ talk: Conversation) -> [LinkMetrics] { talk.updates.compactMap(\.options.linkMetrics) }

    private func told(_ change: (inout LinkMetrics) -> Void) -> Int {
        var talk = Domain.registered()
        talk.tell(.metricsChanged("wan1", Self.line))
        talk.passes(.seconds(30))
        talk.forgetMessages()
        var other = Self.line
        change(&other)
        talk.tell(.metricsChanged("wan1", other))
        talk.passes(.seconds(30))
        return metrics(talk).count
    }

    @Test func anchorLearnsOfTheLineAtOnce() {
        var talk = Domain.registered()
        talk.forgetMessages()
        talk.tell(.metricsChanged("wan1", Self.line))
        talk.passes(.seconds(1))
        #expect(metrics(talk) == [Self.line])
        #expect(talk.atAnchor.paths[Domain.path(1)]?.metrics == Self.line)
        #expect(talk.atAnchor.paths[Domain.path(2)]?.metrics == LinkMetrics())
        #expect(talk.anchorSession?.legs.map(\.metrics) == [Self.line, LinkMetrics()])
        #expect(talk.gatewaySession.legs.map(\.metrics) == [Self.line, LinkMetrics()])
    }

    @Test func everyUpdateOfThePathSaysSo() {
        var talk = Conversation(anchor: Domain.anchor, gateway: Domain.gateway)
        talk.tell(.metricsChanged("wan1", Self.line))
        talk.gatewayStarts()
        talk.up("wan1", Domain.lte)
        talk.up("wan2", Domain.dsl)
        talk.passes(.seconds(8000))
        #expect(talk.updates(from: Domain.lte).allSatisfy { $0.options.linkMetrics == Self.line })
        #expect(talk.updates(from: Domain.dsl).allSatisfy { $0.options.linkMetrics == nil })
    }

    @Test func onlyWhatMattersIsToldAtOnce() {
        #expect(told { $0.quotaLeft = 4_000_000_000 } == 0)
        #expect(told { $0.uplinkRate = 21_000_000 } == 0)
        #expect(told { $0.uplinkRate = 30_000_000 } == 1)
        #expect(told { $0.downlinkRate = nil } == 1)
        #expect(told { $0.quotaLeft = 0 } == 1)
        #expect(told { $0.quotaLeft = nil } == 1)
        #expect(told { $0.costClass = 4 } == 1)
        #expect(told { $0.isMeasured = true } == 1)
    }

    /// A line that wavers does not flood the anchor, and its last word is heard.
    @Test func changesAreToldNowAndThen() {
        var talk = Domain.registered()
        talk.forgetMessages()
        var line = Self.line
        for step in 1...100 {
            line.uplinkRate = UInt64(step % 2 + 1) * 10_000_000
            talk.tell(.metricsChanged("wan1", line))
            talk.passes(.milliseconds(500))
        }
        talk.passes(.seconds(30))
        #expect(talk.atGateway.faults.isEmpty)
        #expect((4...8).contains(metrics(talk).count))
        #expect(talk.anchorSession?.legs.first?.metrics == line)
    }

    @Test func metricsOutliveTheAnchor() {
        var talk = Domain.registered()
        talk.tell(.metricsChanged("wan1", Self.line))
        talk.passes(.seconds(1))
        talk.anchorComesBack(Domain.anchor)
        #expect(talk.atAnchor.paths[Domain.path(1)]?.metrics == Self.line)
    }

    /// What is malformed is not believed, and what a later version adds is passed over.
    @Test func unreadableMetricsAreNone() {
        for (content, uplink): ([UInt8], UInt64?) in [
            ([2, 8, 0, 0, 0, 0, 0, 0, 0, 7], 7), ([2, 4, 0, 0, 0, 7], nil), ([2, 8, 0], nil),
            ([99, 2, 1, 1, 2, 8, 0, 0, 0, 0, 0, 0, 0, 7], 7),
        ] {
            var alone = LoneAnchor()
            let option = VendorSpecific(vendor: VendorSpecific.plait, subtype: 2, content: content)
            let reply = alone.ask { $0.further = [option] }
            #expect(reply?.status == .accepted)
            #expect(alone.session?.legs.first?.metrics.uplinkRate == uplink)
        }
    }
}
