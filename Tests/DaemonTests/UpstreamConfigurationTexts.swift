// SPDX-License-Identifier: Apache-2.0

/// What can be wrong about an anchor's upstream link, and about a gateway's firewall.
extension ConfigurationTexts {
    private static let pool = "{ from: 10.20.0.0/16, length: 24 }"

    /// The anchor's text with other lines in place of its last pool.
    private static func anchor(_ lines: String, _ expected: String) -> ConfigurationFault {
        ConfigurationFault(
            file: "anchor.yaml",
            original: pool,
            replacement: lines,
            expected: "anchor.yaml:\(expected)"
        )
    }

    /// With an upstream link of these keys, and a pool of hidden home addresses.
    private static func withUpstream(_ keys: String, _ expected: String) -> ConfigurationFault {
        anchor("\(pool)\n    ipv4-home-addresses: { from: 10.9.0.0/24, upstream: nat }\n  upstream: \(keys)", expected)
    }

    /// With these keys of the LAN, or after it.
    private static func gateway(_ text: String, _ expected: String) -> ConfigurationFault {
        ConfigurationFault(
            file: "gateway.yaml",
            original: "lan: { interface: lan0, dns: [\"2001:db8:53::53\"] }",
            replacement: text,
            expected: "gateway.yaml:\(expected)"
        )
    }

    static let upstream: [ConfigurationFault] = pools + links + portForwards + firewalls

    private static let pools: [ConfigurationFault] = [
        anchor(
            "{ from: 10.20.0.0/16, length: 24, upstream: bridged }",
            "12: lma.pools.delegated-ipv4-prefixes.upstream: \"bridged\" is not one of routed, on-link, nat"
        ),
        anchor(
            "{ from: 10.20.0.0/16, length: 24, upstream: on-link }",
            "10: lma.pools: delegated-ipv4-prefixes is on-link, but there is no upstream interface; "
                + "give one in lma.upstream.interface"
        ),
        anchor(
            "\(pool)\n    ipv4-home-addresses: { from: 10.20.5.0/24 }",
            "13: lma.pools.ipv4-home-addresses: 10.20.5.0/24 overlaps with delegated-ipv4-prefixes, 10.20.0.0/16"
        ),
        anchor(
            "\(pool)\n    ipv4-home-addresses: { from: 10.9.0.0/24, length: 32 }",
            "13: lma.pools.ipv4-home-addresses.length: unknown key; allowed here: from, upstream"
        ),
        anchor(
            "\(pool)\n    ipv4-home-addresses: { from: 192.0.2.0/24 }",
            "10: lma.pools: ipv4-home-addresses, 192.0.2.0/24, contains the anchor's own address 192.0.2.1"
        ),
    ]

    private static let links: [ConfigurationFault] = [
        withUpstream("{}", "14: lma.upstream: the key interface is missing"),
        withUpstream("{ interface: plait0 }", "2: lma: upstream.interface is the tunnel device itself"),
        withUpstream(
            "{ interface: 'in\"0' }",
            "14: lma.upstream.interface: \"in\"0\" is not the name of an interface"
        ),
        withUpstream(
            "{ interface: inet0, ipv6-prefix: \"2001:db8:77::/48\" }",
            "14: lma.upstream.ipv6-prefix: is of use for exactly one IPv6 pool with upstream: nat; there are 0"
        ),
    ]

    private static func forward(_ keys: String, _ expected: String) -> ConfigurationFault {
        withUpstream(
            "{ interface: inet0, port-forwards: [ { \(keys) } ] }",
            "14: lma.upstream.port-forwards[\(expected)"
        )
    }

    private static let portForwards: [ConfigurationFault] = [
        forward("port: 80, to: 10.9.0.1", "0]: the key protocol is missing"),
        forward(
            "protocol: sctp, port: 80, to: 10.9.0.1",
            "0].protocol: \"sctp\" is not one of tcp, udp"
        ),
        forward(
            "protocol: tcp, port: 0, to: 10.9.0.1",
            "0].port: \"0\" is not a port or a range of ports; such as 8080 or 8080-8090"
        ),
        forward(
            "protocol: tcp, port: 90-80, to: 10.9.0.1",
            "0].port: \"90-80\" is not a port or a range of ports; such as 8080 or 8080-8090"
        ),
        forward(
            "protocol: tcp, port: 65536, to: 10.9.0.1",
            "0].port: \"65536\" is not a port or a range of ports; such as 8080 or 8080-8090"
        ),
        forward(
            "protocol: tcp, port: 80, to: 10.9.0.1:x",
            "0].to: \"10.9.0.1:x\" is not an address; such as 10.9.0.1, 10.9.0.1:80, 2001:db8::1 or [2001:db8::1]:80"
        ),
        forward(
            "protocol: tcp, port: 80, to: 10.8.0.1",
            "0].to: 10.8.0.1 is not an address of lma.pools"
        ),
        forward(
            "protocol: tcp, port: 80-81, to: '10.9.0.1:80'",
            "0].to: several ports cannot go to one; leave the port out: each keeps its number"
        ),
        forward(
            "protocol: udp, port: 5000-5436, to: 10.9.0.1",
            "0]: udp 5436 and 5437 belong to the tunnels"
        ),
        forward(
            "protocol: tcp, port: 80-90, to: 10.9.0.1 }, { protocol: tcp, port: 85, to: 10.20.0.1",
            "1]: tcp 85 goes to 10.9.0.1 already"
        ),
    ]

    private static let privateLAN = "lan: { interface: lan0, ipv4: 192.168.77.1/24 }\n  firewall: { "

    private static let firewalls: [ConfigurationFault] = [
        gateway(
            "lan: { interface: lan0, ipv4: 192.168.77.0/24 }",
            "16: mag.lan.ipv4: \"192.168.77.0/24\" is not a host's address with its network; such as 192.168.77.1/24"
        ),
        gateway(
            "lan: { interface: lan0, ipv4: 192.168.77.255/24 }",
            "16: mag.lan.ipv4: \"192.168.77.255/24\" is not a host's address with its network; such as 192.168.77.1/24"
        ),
        gateway(
            "lan: { interface: lan0, ipv4: 192.168.77.1 }",
            "16: mag.lan.ipv4: \"192.168.77.1\" is not a host's address with its network; such as 192.168.77.1/24"
        ),
        gateway("firewall: { inbound: drop }", "16: mag.firewall.inbound: \"drop\" is not one of refuse, allow"),
        gateway(
            "firewall: { allow: [ { protocol: tcp, port: 80, to: ff02::1 } ] }",
            "16: mag.firewall.allow[0].to: ff02::1 is not a unicast address beyond a link"
        ),
        gateway(
            Self.privateLAN + "allow: [ { protocol: tcp, port: 80, to: 192.168.77.1 } ] }",
            "17: mag.firewall.allow[0].to: 192.168.77.1 is the gateway's own address"
        ),
        gateway(
            Self.privateLAN + "allow: [ { protocol: tcp, port: 80-90, to: 192.168.77.10 }, "
                + "{ protocol: udp, port: 85, to: 192.168.77.11 }, { protocol: tcp, port: 85, to: 192.168.77.11 } ] }",
            "17: mag.firewall.allow[2]: tcp 85 goes to 192.168.77.10 already"
        ),
        gateway("firewall: { allow: [ { protocol: tcp } ] }", "16: mag.firewall.allow[0]: the key port is missing"),
    ]
}
