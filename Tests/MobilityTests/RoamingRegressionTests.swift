// SPDX-License-Identifier: Apache-2.0
import Mobility
import Testbed
import Testing
import Wire

/// What roaming at random has brought to light, each as the shortest story that shows it.
@Suite struct RoamingRegressionTests {
    typealias Domain = RoamingDomain

    /// RFC 5213 §6.9.1.2: its second path believed in a session that the anchor had ended, and kept it from another one.
    @Test func nodeWhosePrefixIsSomebodyElsesByNowGetsAnother() throws {
        var domain = Domain()
        domain.attach(to: 0)
        domain.passes(.seconds(1))
        let first = try #require(domain.service(at: 0)?.homeNetworkPrefixes)
        domain.isolate(0)
        domain.tellAnchor(.request(.revoke(.mobileNode(Domain.laptop))))
        domain.passes(.seconds(120))
        #expect(domain.paths().isEmpty)
        domain.attach(Domain.phone, to: 1, interface: 2)
        domain.passes(.seconds(1))
        #expect(domain.service(at: 1, Domain.phone)?.homeNetworkPrefixes == first)
        domain.isolate(0, false)
        domain.attach(to: 0, .unknown)
        domain.passes(.seconds(1))
        let second = try #require(domain.service(at: 0)?.homeNetworkPrefixes)
        #expect(second != first && domain.paths() == [0: [1, 2]] && domain.faults.isEmpty)
    }

    /// Asked about its second path, the anchor would have said that the node is elsewhere, and that had been true until then.
    @Test func nodeThatComesBackToAGatewayThatMissedItsEndIsRegisteredThere() {
        var domain = Domain()
        domain.attach(to: 0, interface: 0)
        domain.passes(.seconds(1))
        domain.isolate(0)
        domain.tellAnchor(.request(.revoke(.mobileNode(Domain.laptop))))
        domain.passes(.seconds(120))
        domain.attach(Domain.phone, to: 1, interface: 2)
        domain.passes(.seconds(1))
        domain.attach(to: 1, .unknown, interface: 0)
        domain.passes(.seconds(1))
        domain.isolate(0, false)
        domain.attach(to: 0, .unknown, interface: 0)
        domain.passes(.seconds(2))
        #expect(domain.paths() == [0: [1, 2]] && domain.service(at: 0) != nil && domain.service(at: 1) == nil)
        #expect(domain.faults.isEmpty)
    }
}
