// SPDX-License-Identifier: Apache-2.0
import Mobility
import Testbed
import Testing
import Wire

/// A site with two unlike paths, from the first registration to the last de-registration.
@Suite struct RegistrationTests {
    @Test func bothPathsRegisterAndShareOneSession() throws {
        let talk = ExampleDomain.registered()
        let session = try #require(talk.anchorSession)
        #expect(session.isMultipath)
        #expect(session.homeNetworkPrefixes == [ExampleDomain.prefix("2001:db8:1234::/64")])
        #expect(
            session.delegatedPrefixes
                == [ExampleDomain.prefix("2001:db8:5600::/56"), ExampleDomain.prefix("10.64.0.0/24")]
        )
        #expect(session.legs.map(\.careOfAddress) == [ExampleDomain.lte, ExampleDomain.dsl])
        #expect(talk.atAnchor.paths.count == 2)
        #expect(talk.atAnchor.paths[ExampleDomain.path(1)]?.encapsulation == .gre)
        #expect(talk.atAnchor.paths[ExampleDomain.path(2)]?.encapsulation == .udpTLVGRE)
        #expect(talk.atAnchor.sessions == talk.atGateway.sessions)
        let description = try #require(talk.atGateway.sessions.values.first)
        #expect(description.downlinkKey != nil && description.uplinkKey != nil && description.probeKey != nil)
        #expect(talk.atAnchor.prefixes == Set(session.homeNetworkPrefixes + session.delegatedPrefixes))
        #expect(talk.atAnchor.faults.isEmpty && talk.atGateway.faults.isEmpty)
        #expect(talk.atGateway.paths[ExampleDomain.path(2)]?.remoteAddress == ExampleDomain.anchorIPv4)
    }

    @Test func refreshKeepsBothPathsForDays() throws {
        var talk = ExampleDomain.registered()
        let before = talk.atAnchor
        talk.forgetMessages()
        talk.passes(.seconds(2 * 86400))
        #expect(talk.atAnchor.paths == before.paths)
        #expect(talk.atAnchor.sessions == before.sessions)
        #expect(talk.gatewaySession.legs.map(\.state) == ["registered", "registered"])
        #expect(talk.acknowledgements.allSatisfy { $0.status == .accepted })
        #expect(talk.atAnchor.faults.isEmpty && talk.atGateway.faults.isEmpty)
    }

    @Test func stoppingReleasesEverything() {
        var talk = ExampleDomain.registered()
        talk.gatewayStops()
        #expect(talk.atGateway.paths.isEmpty)
        talk.passes(.seconds(2))
        #expect(talk.gateway.isStopped)
        #expect(talk.atGateway.isEmpty)
        #expect(talk.atAnchor.paths.isEmpty && !talk.atAnchor.prefixes.isEmpty)
        talk.passes(.seconds(10))
        #expect(talk.atAnchor.isEmpty)
        #expect(talk.anchor.snapshot.sessions.isEmpty)
        #expect(talk.atAnchor.faults.isEmpty && talk.atGateway.faults.isEmpty)
        #expect(talk.anchor.nextDeadline == nil && talk.gateway.nextDeadline == nil)
    }
}
