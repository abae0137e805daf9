// SPDX-License-Identifier: Apache-2.0
import Glibc
import Lab
import Synchronization

/// A router with two access networks: `line1` leads to one provider, `line2` to another. Both reach the anchor,
/// 203.0.113.9 and 2001:db8:9::9. The router's own addresses are the test's to give.
struct TwoLines: Sendable {
    private static let counter = Atomic<Int>(0)

    let router: LabNamespace
    let providers: [LabNamespace]

    /// Each provider's addresses on its line.
    static func with(_ addresses: [[String]], _ test: (TwoLines) async throws -> Void) async throws {
        let name = "plait-lines-\(getpid())-\(counter.add(1, ordering: .relaxed).newValue)"
        let lines = TwoLines(
            router: LabNamespace("\(name)-r"),
            providers: [LabNamespace("\(name)-1"), LabNamespace("\(name)-2")]
        )
        do {
            try await lines.lay(addresses)
            try await test(lines)
        } catch {
            await lines.remove()
            throw error
        }
        await lines.remove()
    }

    private func lay(_ addresses: [[String]]) async throws {
        for namespace in [router] + providers { try await namespace.create(["net/ipv6/conf/all/forwarding=1"]) }
        for (index, (provider, addresses)) in zip(providers, addresses).enumerated() {
            try await VirtualCable(one: .init(router, "line\(index + 1)"), other: .init(provider, "access")).lay()
            for address in addresses {
                try await provider.ip("address add \(address) dev access\(address.contains(":") ? " nodad" : "")")
            }
            try await provider.ip("address add 203.0.113.9/32 dev lo")
            try await provider.ip("address add 2001:db8:9::9/128 dev lo nodad")
            try await provider.settle()
        }
    }

    private func remove() async {
        for namespace in [router] + providers {
            _ = try? await Command.attempt(["ip", "netns", "delete", namespace.name])
        }
    }
}
