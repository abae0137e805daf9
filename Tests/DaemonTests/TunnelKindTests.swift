// SPDX-License-Identifier: Apache-2.0
import Daemon
import Forwarding
import Lab
import LinuxIO
import Testing
import Wire

/// Every encapsulation over both families, from TUN device to TUN device through the kernel's own headers.
@Suite struct TunnelKindTests {
    struct Kind: Sendable, CustomTestStringConvertible {
        var encapsulation: Encapsulation
        var outerIsIPv4: Bool
        var hasKeys: Bool
        var gateway: String { outerIsIPv4 ? "192.0.2.1" : "2001:db8:1::1" }
        var anchor: String { outerIsIPv4 ? "192.0.2.2" : "2001:db8:1::2" }
        var testDescription: String {
            "\(encapsulation) over \(outerIsIPv4 ? "IPv4" : "IPv6")\(hasKeys ? ", keys" : "")"
        }

        static let all = Encapsulation.allCases.flatMap { encapsulation in
            [false, true].flatMap { outerIsIPv4 in
                (encapsulation.hasGRE ? [false, true] : [false]).map {
                    Kind(encapsulation: encapsulation, outerIsIPv4: outerIsIPv4, hasKeys: $0)
                }
            }
        }
    }

    private func withTunnel(
        _ kind: Kind,
        mtu: Int = 1500,
        _ test: (_ gateway: WorkerEnd, _ anchor: WorkerEnd) async throws -> Void
    ) async throws {
        try await WorkerEnd.withPair { gateway, anchor in
            for end in [gateway, anchor] {
                try await end.install(session: .perPacket(reorderTimeout: .milliseconds(50)), hasKeys: kind.hasKeys)
                try await end.install(path: 1, kind.gateway, kind.anchor, kind.encapsulation, mtu: mtu)
            }
            let areAlive = try await Patience.wait(.seconds(30)) {
                let both = await gateway.conditions() + anchor.conditions()
                return both == [.alive, .alive]
            }
            #expect(areAlive)
            try await test(gateway, anchor)
        }
    }

    @Test(arguments: Kind.all) func bothFamiliesPass(_ kind: Kind) async throws {
        try await withTunnel(kind) { gateway, anchor in
            for isIPv4 in [false, true] {
                let lost = try await gateway.unanswered(ofPings: 20, isIPv4: isIPv4)
                #expect(lost == [])
            }
            for end in [gateway, anchor] {
                let snapshot = await end.worker.snapshot()
                // The kernel solicits routers on any link that comes up.
                let drops = snapshot.forwarder.drops
                #expect(drops.total == drops[.notForwardable])
                end.worker.post(.removePath(PathNumber(rawValue: 1)))
                #expect(await end.worker.snapshot().forwarder.slotsOutstanding == 0)
                #expect(snapshot.counters == WorkerCounters())
                #expect(end.log.lines.isEmpty)
            }
        }
    }

    @Test(arguments: [Encapsulation.ipInIP, .udp], [false, true])
    func trafficClassesReachTheOuterHeaderAndMarksComeBack(_ encapsulation: Encapsulation, outerIsIPv4: Bool)
        async throws
    {
        let kind = Kind(encapsulation: encapsulation, outerIsIPv4: outerIsIPv4, hasKeys: false)
        try await withTunnel(kind) { gateway, anchor in
            // A router on the way marks what is expedited and able to be marked.
            let family = outerIsIPv4 ? "ip" : "ip6"
            let rules = """
                table \(family) marker {
                    chain input {
                        type filter hook prerouting priority 0;
                        iifname "far" \(family) dscp ef \(family) ecn ect0 \(family) ecn set ce
                    }
                }
                """
            try await anchor.space.run(["nft", rules])
            let program = """
                import socket
                for family, level, option, here, there in (
                    (socket.AF_INET, socket.IPPROTO_IP, socket.IP_TOS, '10.1.0.1', '198.51.100.9'),
                    (socket.AF_INET6, socket.IPPROTO_IPV6, socket.IPV6_TCLASS, '2001:db8:1234::1', '2001:db8:ffff::80'),
                ):
                    out = socket.socket(family, socket.SOCK_DGRAM)
                    out.bind((here, 0))
                    out.setsockopt(level, option, 46 << 2 | 2)
                    out.sendto(b'marked', (there, 9000))
                """
            let sink = """
                import socket
                for family, level, option, address in (
                    (socket.AF_INET, socket.IPPROTO_IP, socket.IP_RECVTOS, '198.51.100.9'),
                    (socket.AF_INET6, socket.IPPROTO_IPV6, socket.IPV6_RECVTCLASS, '2001:db8:ffff::80'),
                ):
                    into = socket.socket(family, socket.SOCK_DGRAM)
                    into.setsockopt(level, option, 1)
                    into.bind((address, 9000))
                    into.settimeout(60)
                    print('listening', flush=True)
                    print(into.recvmsg(100, 100)[1][0][2][0], flush=True)
                """
            let script = """
                ip netns exec \(anchor.space.name) python3 -c "\(sink)" > "$0" & reader=$!
                until [ "$(grep -c listening "$0")" -ge 1 ]; do :; done
                while kill -0 $reader 2>/dev/null; do
                    ip netns exec \(gateway.space.name) python3 -c "\(program)"
                done
                cat "$0"; rm "$0"
                """
            let output = try await Command.run(["sh", "-ec", script, "/tmp/\(gateway.space.name).marks"])
            // Expedited forwarding and CE.
            #expect(output.split(separator: "\n") == ["listening", "187", "listening", "187"])
        }
    }

    @Test(arguments: [false, true]) func hostsLearnTheMTUUnderStrictReversePathFiltering(isIPv4: Bool) async throws {
        let kind = Kind(encapsulation: .gre, outerIsIPv4: false, hasKeys: true)
        try await withTunnel(kind, mtu: 1400) { gateway, _ in
            for setting in ["all", "plait0"] { try await gateway.space.set(["net/ipv4/conf/\(setting)/rp_filter=1"]) }
            let host = LabNamespace("\(gateway.space.name)-host")
            try await host.create()
            do {
                try await site(gateway.space, host)
                let source = (try #require(IPv6Address("2001:db8:1234::f")), try #require(IPv4Address("10.1.0.254")))
                gateway.worker.post(.setICMPSources(source.0, source.1))
                let destination = isIPv4 ? "198.51.100.9" : "2001:db8:ffff::80"
                let words = [
                    "ping", isIPv4 ? "-4" : "-6", "-M", "do", "-c", "2", "-w", "30", "-s", "1400", destination,
                ]
                let output = try await Command.attempt(host.inside(words))
                #expect("\(output)".contains("1348"), "\(output)")
                let routes = try await host.ip("\(isIPv4 ? "-4" : "-6") route get \(destination)")
                #expect(routes.contains("mtu 1348"))
                #expect(await gateway.worker.snapshot().counters == WorkerCounters())
            } catch {
                _ = try? await Command.attempt(["ip", "netns", "delete", host.name])
                throw error
            }
            _ = try? await Command.attempt(["ip", "netns", "delete", host.name])
        }
    }

    /// A LAN behind the gateway with one host, 10.1.0.5 and 2001:db8:1234::5.
    private func site(_ gateway: LabNamespace, _ host: LabNamespace) async throws {
        try await VirtualCable(one: .init(gateway, "lan"), other: .init(host, "eth0")).lay()
        try await gateway.set(["net/ipv4/ip_forward=1", "net/ipv6/conf/all/forwarding=1"])
        for line in [
            "address del 10.1.0.1/32 dev plait0", "address add 10.1.0.254/24 dev lan",
            "address del 2001:db8:1234::1/128 dev plait0", "address add 2001:db8:1234::f/64 dev lan nodad",
            "-4 route replace 198.51.100.0/24 dev plait0", "-6 route replace 2001:db8:ffff::/64 dev plait0",
        ] {
            try await gateway.ip(line)
        }
        for line in [
            "address add 10.1.0.5/24 dev eth0", "address add 2001:db8:1234::5/64 dev eth0 nodad",
            "route add default via 10.1.0.254", "-6 route add default via 2001:db8:1234::f",
        ] {
            try await host.ip(line)
        }
        for end in [gateway, host] { try await end.settle() }
    }

    @Test(arguments: [false, true]) func errorsOfHostsPassBothWays(isIPv4: Bool) async throws {
        let kind = Kind(encapsulation: .udpTLVGRE, outerIsIPv4: true, hasKeys: true)
        try await withTunnel(kind) { gateway, anchor in
            let (near, far) =
                isIPv4 ? ("10.1.0.1", "198.51.100.9") : ("2001:db8:1234::1", "2001:db8:ffff::80")
            for (space, here, there) in [(gateway.space, near, far), (anchor.space, far, near)] {
                #expect(try await space.hearsOfClosedPort(there, from: here), "\(here)")
            }
            // From a router beyond the anchor.
            let beyond = isIPv4 ? "198.51.100.128/25" : "2001:db8:ffff:0:8000::/65"
            try await anchor.space.ip("\(isIPv4 ? "-4" : "-6") route add unreachable \(beyond)")
            try await anchor.space.set(["net/ipv4/ip_forward=1", "net/ipv6/conf/all/forwarding=1"])
            let nowhere = isIPv4 ? "198.51.100.200" : "2001:db8:ffff:0:8000::1"
            let words = ["ping", isIPv4 ? "-4" : "-6", "-c", "1", "-w", "30", "-I", near, nowhere]
            let output = try await Command.attempt(gateway.space.inside(words))
            // What `ping` says of ICMP's unreachable.
            let said = ["Unreachable", "unreachable", "No route"]
            #expect(said.contains { "\(output)".contains($0) }, "\(output)")
        }
    }
}
