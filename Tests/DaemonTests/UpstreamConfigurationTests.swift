// SPDX-License-Identifier: Apache-2.0
import Daemon
import Testing
import Wire

/// The keys that say how sites are known upstream, and what a gateway lets in.
@Suite struct UpstreamConfigurationTests {
    private func anchor(_ pools: String, _ upstream: String) throws -> AnchorConfiguration {
        let text = ConfigurationTexts.leastAnchor
            .replacing("  gateways:", with: "\(pools)\n  upstream: \(upstream)\n  gateways:")
        guard case .anchor(let anchor) = try ConfigurationFile.parse(text, file: "a.yaml") else {
            throw ConfigurationError(file: "a.yaml", line: nil, keyPath: "", problem: "is no anchor")
        }
        return anchor
    }

    private func gateway(_ keys: String) throws -> GatewayConfiguration {
        let text = ConfigurationTexts.leastGateway + keys
        guard case .gateway(let gateway) = try ConfigurationFile.parse(text, file: "g.yaml") else {
            throw ConfigurationError(file: "g.yaml", line: nil, keyPath: "", problem: "is no gateway")
        }
        return gateway
    }

    @Test func upstreamLinkAndItsPoolsAreRead() throws {
        let pools = """
                delegated-ipv6-prefixes: { from: "fd00:1::/48", length: 56, upstream: nat }
                delegated-ipv4-prefixes: { from: 192.0.2.64/26, length: 29, upstream: on-link }
                ipv4-home-addresses: { from: 10.9.0.0/24, upstream: nat }
            """
        let forwards =
            "[ { protocol: tcp, port: 8080, to: \"10.9.0.1:80\" }, { protocol: udp, port: 10-20, to: \"fd00:1::7\" },"
            + " { protocol: tcp, port: 8080, to: \"[fd00:1::7]:81\" } ]"
        let anchor = try anchor(
            pools,
            "{ interface: inet0, ipv6-prefix: \"2001:db8:77::/48\", port-forwards: \(forwards) }"
        )
        #expect(anchor.pools.homeNetworkPrefixes.upstream == .routed)
        #expect(anchor.pools.delegatedIPv6Prefixes?.upstream == .nat)
        #expect(anchor.pools.delegatedIPv4Prefixes?.upstream == .onLink)
        #expect(anchor.pools.ipv4HomeAddresses?.block == IPPrefix("10.9.0.0/24"))
        #expect(anchor.pools.ipv4HomeAddresses?.length == 32)
        #expect(anchor.pools.ipv4HomeAddresses?.upstream == .nat)
        let upstream = try #require(anchor.upstream)
        #expect(upstream.interface == "inet0")
        #expect(upstream.translation == IPPrefix("2001:db8:77::/48"))
        #expect(
            upstream.portForwards == [
                PortForward(TransportPorts(.tcp, 8080...8080), to: .v4(IPv4Address(10, 9, 0, 1)), port: 80),
                PortForward(TransportPorts(.udp, 10...20), to: try #require(IPAddress("fd00:1::7"))),
                PortForward(TransportPorts(.tcp, 8080...8080), to: try #require(IPAddress("fd00:1::7")), port: 81),
            ]
        )
    }

    @Test func translationIsBetweenPrefixesOfOneLength() throws {
        let pool = "    delegated-ipv6-prefixes: { from: \"fd00:1::/48\", length: 56, upstream: nat }"
        for (prefix, problem) in [
            ("2001:db8:77::/56", "2001:db8:77::/56 has another length than delegated-ipv6-prefixes, fd00:1::/48"),
            ("2001:db8:1234::/48", "2001:db8:1234::/48 overlaps with home-network-prefixes, 2001:db8:1234::/48"),
            ("2001:db8:100::/48", "2001:db8:100::/48 contains the anchor's own address 2001:db8:100::1"),
        ] {
            let error = #expect(throws: ConfigurationError.self) {
                try anchor(pool, "{ interface: inet0, ipv6-prefix: \"\(prefix)\" }")
            }
            #expect(error?.problem == problem)
        }
    }

    @Test func firewallAndPrivateAddressAreRead() throws {
        let least = try gateway("")
        #expect(least.firewall.refusesInbound && least.firewall.allowed.isEmpty)
        let open = try gateway("  firewall: { inbound: allow }\n")
        #expect(!open.firewall.refusesInbound)
        let full = try gateway(
            """
              lan: { interface: lan0, ipv4: 192.168.77.1/24 }
              firewall:
                inbound: refuse
                allow:
                  - { protocol: tcp, port: 443 }
                  - { protocol: udp, port: 10-20, to: "2001:db8::80" }

            """
        )
        #expect(full.lans.first?.ipv4 == InterfaceAddress(IPv4Address(192, 168, 77, 1), length: 24))
        #expect(full.firewall.refusesInbound)
        #expect(
            full.firewall.allowed == [
                AllowedService(TransportPorts(.tcp, 443...443)),
                AllowedService(TransportPorts(.udp, 10...20), at: IPAddress("2001:db8::80")),
            ]
        )
    }
}
