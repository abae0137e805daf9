// SPDX-License-Identifier: Apache-2.0
import Lab
import Testing

/// Needs root.
extension NetworkTests {
    /// Sends a UDP datagram from port 5437 and returns the translator's mappings of UDP, which last two seconds: again if
    /// the machine took longer than that.
    private func mappings(_ network: TestRouter) async throws -> String {
        let send = """
            import socket
            s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            s.bind(("192.168.1.2", 5437))
            s.sendto(b"x", ("198.18.1.2", 5437))
            """
        var mappings = ""
        _ = try await Patience.wait(.seconds(30)) {
            try await network.gateway.run(["python3", "-c", send])
            mappings = try await network.router.run(["conntrack", "-L", "-p", "udp"])
            return mappings.contains("sport=5437")
        }
        return mappings
    }

    @Test func `a translator changes address and port, forgets after two seconds, and moves when told`() async throws {
        try await TestRouter.with { network in
            try await network.numberPrivately()
            let translation = AddressTranslation(router: network.router, outside: "core")
            try await translation.translate(to: "198.18.1.1")
            let first = try await mappings(network)
            #expect(first.contains("dst=198.18.1.1 sport=5437"))
            #expect(!first.contains("dst=198.18.1.1 sport=5437 dport=5437"))
            #expect(
                try await Patience.wait(.seconds(30)) {
                    try await !network.router.run(["conntrack", "-L", "-p", "udp"]).contains("5437")
                }
            )
            try await translation.rebind(to: "198.18.1.9")
            #expect(try await mappings(network).contains("dst=198.18.1.9 sport=5437"))
            try await translation.rebind(to: nil)
            #expect(try await !network.router.run(["conntrack", "-L", "-p", "udp"]).contains("5437"))
        }
    }

    @Test func `a 1:1 translator lets either side speak first`() async throws {
        try await TestRouter.with { network in
            try await network.numberPrivately()
            try await network.beyond.ip("addr add 10.99.0.1/32 dev lo")
            try await network.beyond.ip("route add 192.168.1.0/24 via 198.18.1.1 src 10.99.0.1")
            try await network.router.ip("route add 10.99.0.1/32 via 198.18.1.2")
            let translation = AddressTranslation(router: network.router, outside: "core")
            try await translation.translateOneToOne(public: "192.0.2.1", private: "10.99.0.1")
            try await network.gateway.run(["ping", "-c", "1", "-W", "20", "192.0.2.1"])
            try await network.router.run(["conntrack", "-F"])
            try await network.beyond.run(["ping", "-c", "1", "-W", "20", "192.168.1.2"])
            #expect(try await network.router.run(["conntrack", "-L", "-p", "icmp"]).contains("dst=192.0.2.1"))
        }
    }

    @Test func `dropped protocols do not pass, and others do`() async throws {
        try await TestRouter.with { network in
            try await network.router.ip("addr add 2001:db8:a::1/64 dev access nodad")
            try await network.gateway.ip("addr add 2001:db8:a::2/64 dev wan1 nodad")
            try await network.gateway.ip("-6 route add default via 2001:db8:a::1")
            try await network.beyond.ip("-6 route add 2001:db8:a::/64 via 2001:db8:c1::1")
            let translation = AddressTranslation(router: network.router, outside: "core")
            try await translation.dropIPv6(protocols: [47, 135])
            // Nobody there speaks them: the kernel beyond answers those that arrive with a parameter problem, of which
            // it sends so many a second only.
            let send = """
                import socket, sys, time
                s = socket.socket(socket.AF_INET6, socket.SOCK_RAW, int(sys.argv[1]))
                e = socket.socket(socket.AF_INET6, socket.SOCK_RAW, socket.IPPROTO_ICMPV6)
                e.settimeout(0.2)
                end = time.monotonic() + float(sys.argv[2])
                while time.monotonic() < end:
                    s.sendto(bytes(40), ("2001:db8:c1::2", 0))
                    try:
                        while e.recv(2000)[0] != 4: pass
                        sys.exit(0)
                    except TimeoutError:
                        pass
                sys.exit(1)
                """
            func isAnswered(_ number: Int, within seconds: Int) async throws -> Bool {
                let words = ["python3", "-c", send, "\(number)", "\(seconds)"]
                return try await Command.attempt(network.gateway.inside(words)).succeeded
            }
            for number in [47, 135] { #expect(try await !isAnswered(number, within: 1), "\(number)") }
            #expect(try await isAnswered(253, within: 30))
        }
    }
}
