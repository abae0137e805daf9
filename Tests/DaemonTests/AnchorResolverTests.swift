// SPDX-License-Identifier: Apache-2.0
import Daemon
import LinuxIO
import Testing
import Wire

/// Names of anchors are looked up without holding up the reactor.
@Suite struct AnchorResolverTests {
    @Test func slowLookupHoldsUpNobody() async throws {
        let order = Record<String>()
        let reactor = try Reactor(name: "test")
        try reactor.start()
        defer { reactor.stop() }
        let gate = Record<Bool>()
        AnchorResolver.resolve(
            "lma.example.net",
            by: { name in
                // The reactor goes on while this waits for it.
                while gate.entries.isEmpty {}
                return name == "lma.example.net" ? [.v4(IPv4Address(192, 0, 2, 1))] : []
            },
            on: reactor
        ) { order.note("\($0) \(reactor.isIsolatingCurrentContext() == true)") }
        reactor.post {
            order.note("other work")
            gate.note(true)
        }
        #expect(try await order.ends(with: "[192.0.2.1] true"))
        #expect(order.entries.count == 2)
    }

    @Test func systemsResolverIsAsked() {
        #expect(Set(HostLookup.addresses(of: "127.0.0.1")) == [.v4(IPv4Address(127, 0, 0, 1))])
        #expect(HostLookup.addresses(of: "::1") == [.v6(IPv6Address(high: 0, low: 1))])
        #expect(HostLookup.addresses(of: "name.invalid").isEmpty)
    }
}
