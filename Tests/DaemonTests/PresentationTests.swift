// SPDX-License-Identifier: Apache-2.0
import API
import Daemon
import Forwarding
import Mobility
import Testbed
import Testing
import Wire

/// What the management interface is told.
@Suite struct PresentationTests {
    private let talk = ExampleDomain.registered()

    private func gateway(_ traffic: TrafficView) -> API.Status {
        Presentation(
            gateway: talk.gateway.snapshot,
            named: "mag1@example.net",
            traffic: traffic,
            unsendable: 3,
            startedAt: talk.now - .seconds(90),
            now: talk.now
        ).status
    }

    @Test func counterNamesAreUniqueWordsOfLowercaseLetters() {
        let counters = CounterList(talk.anchor.snapshot.counters, TrafficView(), unsendable: 3).counters
        let names = counters.map(\.name)
        #expect(Set(names).count == names.count)
        for name in names {
            #expect(name.allSatisfy { $0.isLowercase || $0.isNumber || $0 == "_" }, "\(name)")
            #expect(!name.contains("__") && !name.contains("_b_"), "\(name)")
        }
        #expect(names.contains("signalling_received_pbu") && names.contains("signalling_sent_pba"))
        #expect(names.contains("packets_dropped_no_usable_path") && names.contains("packets_lost"))
        #expect(counters.first { $0.name == "signalling_received_pbu" }?.value == talk.updates.count)
        #expect(counters.first { $0.name == "signalling_unsendable" }?.value == 3)
    }

    @Test func countersCarryWhatTheWorkerCounted() {
        var traffic = TrafficView()
        traffic.sequencing.lost = 7
        traffic.worker.congested = 8
        traffic.worker.refused = .max
        let counters = CounterList(talk.anchor.snapshot.counters, traffic, unsendable: 0).counters
        #expect(counters.first { $0.name == "packets_lost" }?.value == 7)
        #expect(counters.first { $0.name == "packets_congested" }?.value == 8)
        #expect(counters.first { $0.name == "packets_refused" }?.value == .max)
    }

    @Test func bothEndsShowTheSessionAndItsPaths() throws {
        let status = gateway(TrafficView())
        #expect(status.role == .gateway && status.name == "mag1@example.net" && status.uptimeSeconds == 90)
        let binding = try #require(status.bindings.first)
        #expect(binding.mobileNode == "cpe1@example.net" && binding.state == "active" && binding.multipath)
        #expect(
            binding.bindingIdentifiers.sorted()
                == talk.gatewaySession.legs.compactMap { $0.identifier.binding.map { Int($0.rawValue) } }
        )
        #expect(binding.remainingSeconds > 0 && binding.remainingSeconds <= binding.lifetimeSeconds)
        // The worker has no path yet.
        #expect(status.paths.allSatisfy { $0.condition == "down" && $0.registration == "registered" })
        // A translator has moved one of them; behind GRE there is no port.
        var traffic = TrafficView()
        for (number, leg) in talk.gatewaySession.legs.enumerated() {
            let parameters = PathParameters(
                session: SessionNumber(rawValue: 1),
                local: ExampleDomain.anchorIPv4,
                remote: ExampleDomain.dsl,
                encapsulation: number == 0 ? .gre : .udp,
                mtu: 1500,
                rate: nil,
                bindingIdentifier: 1,
                probeKey: nil
            )
            var path = Forwarding.Path(PathNumber(rawValue: 1), parameters, role: .gateway, at: talk.now)
            if number == 1 { path.move(to: ExampleDomain.wlan, port: 4321) }
            traffic.paths[leg.identifier] = path.snapshot
        }
        let moved = gateway(traffic).paths
        #expect(moved.map(\.remoteAddress).prefix(2) == ["\(ExampleDomain.dsl)", "\(ExampleDomain.wlan)"])
        #expect(moved.map(\.remotePort).prefix(2) == [nil, 4321])
        let anchor = Presentation(
            anchor: talk.anchor.snapshot,
            named: "lma1",
            traffic: TrafficView(),
            unsendable: 0,
            startedAt: talk.now,
            now: talk.now
        ).status
        #expect(anchor.role == .anchor)
        #expect(anchor.bindings.map(\.homeNetworkPrefixes) == status.bindings.map(\.homeNetworkPrefixes))
        #expect(anchor.paths.count == status.paths.count)
        #expect(anchor.bindings.allSatisfy { $0.anchor == nil && $0.anchorAddresses == nil && $0.brokenOut == nil })
    }

    /// One row for each session.
    @Test func gatewayShowsEveryNode() {
        var domain = RoamingDomain(gateways: { index, settings in
            if index == 0 { settings.mobileNode = ExampleDomain.mobileNode }
        })
        domain.attach(RoamingDomain.laptop, to: 0)
        domain.attach(RoamingDomain.phone, to: 0, interface: 2)
        domain.passes(.seconds(1))
        let status = Presentation(
            gateway: domain.gateways[0].engine.snapshot,
            named: "mag1@example.net",
            traffic: TrafficView(),
            unsendable: 0,
            startedAt: domain.now,
            now: domain.now
        ).status
        #expect(
            status.bindings.map(\.mobileNode) == ["cpe1@example.net", "laptop@example.net", "phone@example.net"]
        )
        #expect(status.bindings.allSatisfy { $0.state == "active" && $0.bindingIdentifiers == [1, 2] })
        #expect(status.paths.count == 6 && status.bindings.allSatisfy { $0.anchor != nil })
    }

    @Test func gatewayShowsItsAnchorAndWhetherItDoesWithout() throws {
        var snapshot = talk.gateway.snapshot
        func binding() throws -> API.Binding {
            let status = Presentation(
                gateway: snapshot,
                named: "mag1@example.net",
                traffic: TrafficView(),
                unsendable: 0,
                startedAt: talk.now,
                now: talk.now
            ).status
            return try #require(status.bindings.first)
        }
        var shown = try binding()
        #expect(shown.anchor == "2001:db8:100::1 and 198.51.100.1" && shown.brokenOut == false)
        #expect(shown.anchorAddresses == ["2001:db8:100::1", "198.51.100.1"])
        (snapshot.anchor, snapshot.anchorAddresses, snapshot.isBrokenOut) = ("lma1.example.net", [], true)
        shown = try binding()
        #expect(shown.anchor == "lma1.example.net" && shown.anchorAddresses == [] && shown.brokenOut == true)
    }
}
