// SPDX-License-Identifier: Apache-2.0
import Glibc
import Lab
import Testing

/// Needs root.
struct NetworkImprintTests {
    @Test func `whatever is left in a namespace shows, and nothing else`() async throws {
        let namespace = LabNamespace("labtest-\(getpid())-imprint")
        try await namespace.create()
        do {
            let before = try await NetworkImprint.take(namespace)
            #expect(try await NetworkImprint.take(namespace).changes(since: before).isEmpty)
            for (doing, undoing) in [
                ("addr add 192.0.2.9/32 dev lo", "addr del 192.0.2.9/32 dev lo"),
                ("route add blackhole 10.9.0.0/16 proto 99", "route del blackhole 10.9.0.0/16"),
                ("rule add from 10.9.0.0/16 lookup 99", "rule del from 10.9.0.0/16 lookup 99"),
                ("-6 rule add from 2001:db8::/48 lookup 99", "-6 rule del from 2001:db8::/48 lookup 99"),
                ("tuntap add dev left mode tun", "link del left"),
            ] {
                try await namespace.ip(doing)
                #expect(try await !NetworkImprint.take(namespace).changes(since: before).isEmpty, "\(doing)")
                try await namespace.ip(undoing)
                #expect(try await NetworkImprint.take(namespace).changes(since: before) == [], "\(undoing)")
            }
            try await namespace.set(["net/ipv4/ip_forward=1"])
            #expect(try await !NetworkImprint.take(namespace).changes(since: before).isEmpty)
        } catch {
            Issue.record(error)
        }
        try await Command.run(["ip", "netns", "delete", namespace.name])
    }
}
