// SPDX-License-Identifier: Apache-2.0
import Daemon
import Lab
import LinuxIO
import Testing
import Wire

/// Our tables in the kernel's packet filter: what they say, and that nft takes them.
@Suite struct FilterTests {
    private let table = FilterTable(tunnelDevice: "plait0")

    private func anchor() throws -> AnchorFilter {
        var filter = AnchorFilter(tunnelDevice: "plait0", upstreamInterface: "inet0")
        filter.hidden = [try #require(IPPrefix("10.9.0.0/24")), try #require(IPPrefix("fd00:1::/48"))]
        filter.portForwards = [
            PortForward(TransportPorts(.tcp, 8080...8080), to: try #require(IPAddress("10.9.0.1")), port: 80),
            PortForward(TransportPorts(.udp, 5000...5010), to: try #require(IPAddress("10.9.0.1"))),
            PortForward(TransportPorts(.tcp, 8081...8081), to: try #require(IPAddress("fd00:1::1")), port: 81),
            PortForward(TransportPorts(.tcp, 8082...8082), to: try #require(IPAddress("fd00:1::1"))),
        ]
        return filter
    }

    private func gateway() -> GatewayFilter {
        GatewayFilter(
            tunnelDevice: "plait0",
            lanInterfaces: ["lan*", "lan1"],
            refusesInbound: true,
            allowed: [
                AllowedService(TransportPorts(.tcp, 443...443)),
                AllowedService(TransportPorts(.udp, 10...20), at: IPAddress("2001:db8::80")),
                AllowedService(TransportPorts(.tcp, 80...80), at: IPAddress("192.168.77.10")),
            ],
            privateNetworks: ["192.168.77.0/24", "192.168.78.0/24"].compactMap { IPPrefix($0) }
        )
    }

    @Test func anchorTranslatesBetweenTunnelAndUpstreamOnly() throws {
        let filter = try anchor()
        let inbound = "iifname { \"inet0\", \"plait0\" } fib daddr type local"
        #expect(
            filter.chains == [
                FilterChain(
                    "destinations",
                    .destinations,
                    [
                        "\(inbound) tcp dport 8080 dnat ip to 10.9.0.1:80",
                        "\(inbound) udp dport 5000-5010 dnat ip to 10.9.0.1",
                        "\(inbound) tcp dport 8081 dnat ip6 to [fd00:1::1]:81",
                        "\(inbound) tcp dport 8082 dnat ip6 to fd00:1::1",
                    ]
                ),
                FilterChain(
                    "sources",
                    .sources,
                    [
                        "iifname \"plait0\" oifname \"plait0\" ct status dnat snat ip to ct original ip daddr",
                        "iifname \"plait0\" oifname \"plait0\" ct status dnat snat ip6 to ct original ip6 daddr",
                        "oifname \"inet0\" ip saddr 10.9.0.0/24 masquerade",
                        "oifname \"inet0\" ip6 saddr fd00:1::/48 masquerade",
                    ]
                ),
            ]
        )
        #expect(AnchorFilter(tunnelDevice: "plait0", upstreamInterface: "inet0").chains.isEmpty)
    }

    /// nft takes back the stroke before a star at a name's end only.
    @Test func starsInNamesAreLettersLikeOthers() {
        let rules = ["p*t0", "pt*"].map { name -> [String] in
            let filter = GatewayFilter(tunnelDevice: name, lanInterfaces: [], refusesInbound: true)
            return filter.chains.flatMap(\.rules)
        }
        #expect(rules[0].contains { $0.contains("\"p*t0\"") })
        #expect(rules[1].contains { $0.contains("\"pt\\*\"") })
    }

    @Test func prefixesOfOneLengthAreTranslatedBitForBit() throws {
        var filter = try anchor()
        filter.portForwards = []
        filter.translation = IPPrefix("2001:db8:77::/48")
        #expect(
            filter.chains.flatMap(\.rules) == [
                "iifname { \"inet0\", \"plait0\" } ip6 daddr 2001:db8:77::/48 fib daddr type != local dnat ip6 prefix to fd00:1::/48",
                "oifname \"inet0\" ip6 saddr fd00:1::/48 snat ip6 prefix to 2001:db8:77::/48",
                "oifname \"inet0\" ip saddr 10.9.0.0/24 masquerade",
            ]
        )
    }

    @Test func gatewayTranslatesOnlyWhileThereIsAHomeAddress() {
        var filter = gateway()
        #expect(filter.chains.map(\.name) == ["through", "inward"])
        filter.homeAddress = IPv4Address(10, 9, 0, 5)
        #expect(filter.chains.map(\.name) == ["destinations", "sources", "through", "inward"])
        #expect(
            filter.chains.prefix(2).flatMap(\.rules) == [
                "iifname \"plait0\" ip daddr 10.9.0.5 tcp dport 80 dnat ip to 192.168.77.10",
                "oifname \"plait0\" ip saddr 192.168.77.0/24 masquerade",
                "oifname \"plait0\" ip saddr 192.168.78.0/24 masquerade",
            ]
        )
    }

    @Test func protocolsThatProtectThemselvesPass() throws {
        let rules = try #require(gateway().chains.first { $0.name == "through" }).rules
        let end = try #require(rules.firstIndex(of: "drop"))
        for rule in [
            "meta nfproto ipv6 meta l4proto { ah, esp, 139 } accept", "meta nfproto ipv6 udp dport 500 accept",
        ] {
            #expect(try #require(rules.firstIndex(of: rule)) < end)
        }
    }

    @Test func gatewayThatAllowsEverythingNeedsNoRules() {
        let filter = GatewayFilter(tunnelDevice: "plait0", lanInterfaces: ["lan0"], refusesInbound: false)
        #expect(filter.chains.isEmpty)
    }

    @Test func replacementIsOneTransaction() {
        let text = table.replacement([FilterChain("sources", .sources, ["oifname \"a\" masquerade"])])
        #expect(
            text == """
                table inet plait-plait0
                delete table inet plait-plait0
                table inet plait-plait0 {
                  chain sources {
                    type nat hook postrouting priority srcnat; policy accept;
                    oifname "a" masquerade
                  }
                }

                """
        )
        #expect(FilterTable(tunnelDevice: "a b!").name == "plait-a/20b/21")
    }

    @Test func kernelTakesEveryRuleAndForgetsThemAll() async throws {
        try await ScratchCable.with { cable in
            var translating = try anchor()
            translating.translation = IPPrefix("2001:db8:77::/48")
            var home = gateway()
            home.homeAddress = IPv4Address(10, 9, 0, 5)
            let odd = FilterTable(tunnelDevice: "a b!")
            let all = [try anchor().chains, translating.chains, gateway().chains, home.chains]
            try cable.near.enter { [table] in
                for chains in all {
                    try table.install(chains)
                    try odd.install(chains)
                }
            }
            let rules = try await cable.near.run(["nft", "list", "ruleset"])
            #expect(rules.contains("table inet plait-plait0") && rules.contains("table inet plait-a/20b/21"))
            // Only what was installed last.
            #expect(rules.contains("ip saddr 192.168.77.0/24 masquerade") && !rules.contains("10.9.0.0/24"))
            #expect(rules.contains("\"lan\\*\""))
            try cable.near.enter { [table] in
                for _ in 0..<2 { try table.remove() }
                try odd.remove()
            }
            #expect(try await cable.near.run(["nft", "list", "ruleset"]) == "")
        }
    }

    @Test func refusedRulesLeaveTheOldOnesAndAreNamed() async throws {
        try await ScratchCable.with { cable in
            let good = FilterChain("sources", .sources, ["oifname \"a\" masquerade"])
            let bad = FilterChain("sources", .sources, ["oifname \"a\" nonsense"])
            try cable.near.enter { [table] in
                try table.install([good])
                let failure = #expect(throws: FilterFailure.self) { try table.install([bad]) }
                #expect(failure?.problem.contains("syntax error") == true, "\(failure?.problem ?? "")")
            }
            #expect(try await cable.near.run(["nft", "list", "ruleset"]).contains("masquerade"))
        }
    }
}
