// SPDX-License-Identifier: Apache-2.0
import Glibc
import Lab

/// A gateway, a router and a machine beyond it in namespaces of their own, for one test of this process at a time. Needs
/// root.
struct TestRouter {
    let gateway = LabNamespace("labtest-\(getpid())-gateway")
    let router = LabNamespace("labtest-\(getpid())-router")
    let beyond = LabNamespace("labtest-\(getpid())-beyond")

    /// Builds it, hands it over, and removes it with all that runs in it.
    static func with(_ gatewaySettings: [String] = [], _ body: (TestRouter) async throws -> Void) async throws {
        let network = TestRouter()
        do {
            try await network.remove()
            try await network.build(gatewaySettings)
            try await body(network)
        } catch {
            try await network.remove()
            throw error
        }
        try await network.remove()
    }

    private func build(_ gatewaySettings: [String]) async throws {
        let settings = ["net/ipv4/ip_forward=1", "net/ipv6/conf/all/forwarding=1"]
        try await gateway.create(gatewaySettings)
        try await router.create(settings)
        try await beyond.create()
        try await VirtualCable(one: .init(gateway, "wan1"), other: .init(router, "access")).lay()
        try await VirtualCable(one: .init(router, "core"), other: .init(beyond, "eth0")).lay()
        try await router.ip("addr add 198.18.1.1/24 dev core")
        try await router.ip("addr add 2001:db8:c1::1/64 dev core nodad")
        try await beyond.ip("addr add 198.18.1.2/24 dev eth0")
        try await beyond.ip("addr add 2001:db8:c1::2/64 dev eth0 nodad")
    }

    private func remove() async throws {
        for namespace in try await LabNamespace.existing().filter([gateway, router, beyond].contains) {
            for process in try await namespace.processes() { try await Command.run("kill -KILL \(process)") }
            try await Command.run(["ip", "netns", "delete", namespace.name])
        }
    }

    /// The gateway has a private address with the router as its default.
    func numberPrivately() async throws {
        try await router.ip("addr add 192.168.1.1/24 dev access")
        try await gateway.ip("addr add 192.168.1.2/24 dev wan1")
        try await gateway.ip("route add default via 192.168.1.1 dev wan1")
    }
}
