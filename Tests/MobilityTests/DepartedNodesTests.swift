// SPDX-License-Identifier: Apache-2.0
import Mobility
import Testbed
import Testing
import Wire

/// What an anchor remembers of nodes that have left, where a gateway may register ever new ones (RFC 5213 §5.5).
@Suite struct DepartedNodesTests {
    typealias Domain = ExampleDomain

    private static let most = 4096

    /// Numbers are all that tells a replay, so that a store has to know them.
    private static var settings: AnchorSettings {
        var settings = Domain.anchor
        settings.gateways[0].mobileNodes = [NodeIdentifier(nai: "@example.net")]
        settings.gateways[0].authentication = .none
        settings.ordering = .sequenceNumbers
        settings.minDelayBeforeBindingCacheEntryDelete = .milliseconds(1)
        return settings
    }

    private static func node(_ number: Int) -> NodeIdentifier { NodeIdentifier(nai: "cpe\(number)@example.net") }

    /// Each comes with number 100 and leaves with 101.
    private static func comeAndGo(_ numbers: Range<Int>, _ alone: inout LoneAnchor) {
        for number in numbers {
            for (sequence, lifetime): (UInt16, Duration) in [(100, .seconds(3600)), (101, .zero)] {
                let reply = alone.ask {
                    ($0.mobileNode, $0.sequence) = (node(number), sequence)
                    ($0.lifetime, $0.authentication) = (BindingLifetime(lifetime), .none)
                }
                guard reply?.status != .accepted else { continue }
                Issue.record("\(number): \(String(describing: reply?.status))")
            }
        }
        alone.passes(.milliseconds(2))
    }

    private static func replay(_ number: Int, _ alone: inout LoneAnchor) -> BindingStatus? {
        // Strangers are answered ten times a second at most.
        alone.passes(.seconds(1))
        return alone.ask { ($0.mobileNode, $0.sequence, $0.authentication) = (node(number), 100, .none) }?.status
    }

    @Test func nodesThatLeftLongAgoAreForgottenByTheStoreAsWell() {
        var alone = LoneAnchor(Self.settings)
        Self.comeAndGo(0..<10_000, &alone)
        #expect(alone.anchor.snapshot.sessions.isEmpty && alone.ledger.isEmpty && alone.ledger.records.isEmpty)
        #expect(alone.ledger.floors.count == Self.most)
        #expect(Self.replay(9_999, &alone) == .sequenceNumberOutOfWindow)
        #expect(Self.replay(10_000 - Self.most, &alone) == .sequenceNumberOutOfWindow)
        #expect(Self.replay(10_000 - Self.most - 1, &alone) == .accepted)
        #expect(alone.ledger.faults.isEmpty)
    }

    /// Who comes back counts as one that left just now.
    @Test func nodeThatComesBackIsRememberedAnew() {
        var alone = LoneAnchor(Self.settings)
        Self.comeAndGo(0..<Self.most, &alone)
        for (sequence, lifetime): (UInt16, Duration) in [(102, .seconds(3600)), (103, .zero)] {
            let again = alone.ask {
                ($0.mobileNode, $0.sequence, $0.authentication) = (Self.node(0), sequence, .none)
                $0.lifetime = BindingLifetime(lifetime)
            }
            #expect(again?.status == .accepted)
        }
        Self.comeAndGo(5_000..<5_100, &alone)
        #expect(Self.replay(0, &alone) == .sequenceNumberOutOfWindow)
        #expect(Self.replay(1, &alone) == .accepted)
    }

    /// A store of before that has more than is kept.
    @Test func restoredAnchorKeepsNoMore() {
        var stored = StoredSessions(start: 2)
        stored.floors = (0..<5_000).map { FloorRecord(mobileNode: Self.node($0), sequence: 101) }
        var alone = LoneAnchor(Self.settings)
        alone.comesBack(Self.settings, with: stored)
        #expect(alone.ledger.floors.count == Self.most)
        #expect(Self.replay(4_999, &alone) == .sequenceNumberOutOfWindow)
    }
}
