// SPDX-License-Identifier: Apache-2.0
import Mobility
import Testbed
import Testing
import Wire

/// The site's traffic while no anchor answers.
@Suite struct GatewayBreakOutTests {
    typealias Domain = ExampleDomain

    private func group(_ policy: BreakOutPolicy = .noAnchor, dead: Set<Int> = []) -> AnchorGroup {
        var settings = Domain.gatewayOfTwo
        settings.breakOut = policy
        var group = AnchorGroup(settings, anchors: [Domain.anchor, Domain.otherAnchor(sharesPools: true)])
        group.dead = dead
        group.begins()
        return group
    }

    @Test func trafficBreaksOutWhenEveryAnchorWasAskedInVain() {
        var group = group(dead: [0, 1])
        group.passes(.seconds(11))
        #expect(!group.atGateway.isBrokenOut)
        group.passes(.seconds(11))
        #expect(group.atGateway.isBrokenOut)
        #expect(group.atGateway.notices.contains(.breakOut(isOn: true)))
        group.dead = [1]
        group.passes(.seconds(60))
        #expect(!group.atGateway.isBrokenOut && group.atGateway.paths.count == 2)
        #expect(group.atGateway.faults.isEmpty)
    }

    @Test func siteKeepsItsPrefixesHoweverLongItTakes() {
        var group = group()
        group.passes(.seconds(10))
        let prefixes = group.atGateway.prefixes
        group.dead = [0, 1]
        for path in group.atGateway.paths.keys { group.tell(.pathCondition(path, .silent)) }
        group.passes(.seconds(8000))
        #expect(group.atGateway.isBrokenOut && group.atGateway.prefixes == prefixes)
        group.dead = []
        group.passes(.seconds(120))
        #expect(!group.atGateway.isBrokenOut && group.atGateway.prefixes == prefixes)
        #expect(group.atGateway.paths.count == 2 && group.atGateway.faults.isEmpty)
    }

    @Test func withoutThePolicyNothingBreaksOut() {
        var group = group(.never, dead: [0, 1])
        group.passes(.seconds(600))
        #expect(!group.atGateway.isBrokenOut)
    }

    /// Who refuses has answered: its operator does not want the site's traffic, and nobody goes round that.
    @Test func refusalIsNoReason() {
        var settings = Domain.gateway
        settings.breakOut = .noAnchor
        var alone = LoneGateway(settings)
        alone.answer(.proxyRegistrationNotEnabled)
        alone.passes(.seconds(600))
        #expect(!alone.ledger.isBrokenOut)
    }

    @Test func gatewayThatStopsLeavesNothingBehind() {
        var group = group(dead: [0, 1])
        group.passes(.seconds(60))
        group.tell(.request(.stop))
        group.passes(.seconds(5))
        #expect(!group.atGateway.isBrokenOut && group.atGateway.isEmpty && group.atGateway.faults.isEmpty)
    }

    @Test func anchorWhoseNameIsUnknownDoesNotAnswer() {
        var settings = Domain.gateway
        settings.breakOut = .noAnchor
        settings.anchors = [AnchorPeer(name: "lma.example.net", authentication: .sharedKey(Domain.association))]
        var group = AnchorGroup(settings, anchors: [Domain.anchor])
        group.begins()
        group.passes(.seconds(2))
        #expect(group.atGateway.isBrokenOut)
        group.names = ["lma.example.net": [Domain.anchorIPv6, Domain.anchorIPv4]]
        group.passes(.seconds(40))
        #expect(!group.atGateway.isBrokenOut && group.atGateway.paths.count == 2)
    }
}
