// SPDX-License-Identifier: Apache-2.0

/// What an access router does to packets beyond forwarding them: translates addresses, drops protocols (nftables).
package struct AddressTranslation: Sendable {
    /// Where addresses are translated.
    private let router: LabNamespace
    /// The interface towards the public side.
    private let outside: String

    package init(router: LabNamespace, outside: String) {
        self.router = router
        self.outside = outside
    }

    /// Translates all private sources to one public address, as a line of a household or a carrier does: ports change,
    /// mappings live for two seconds, and what is neither UDP, TCP nor ICMP does not pass.
    package func translate(to address: String) async throws {
        try await load(
            """
            table ip lab-nat
            delete table ip lab-nat
            table ip lab-nat {
              chain postrouting {
                type nat hook postrouting priority srcnat;
                oifname "\(outside)" ip saddr 192.168.0.0/16 meta l4proto { tcp, udp } \
            snat to \(address):1024-65535 fully-random
                oifname "\(outside)" ip saddr 192.168.0.0/16 snat to \(address)
              }
              chain forward {
                type filter hook forward priority filter;
                ip saddr 192.168.0.0/16 meta l4proto != { tcp, udp, icmp } drop
              }
              chain input {
                type filter hook input priority filter;
                iifname "\(outside)" meta l4proto { tcp, udp } drop
              }
            }
            """
        )
        try await router.set([
            "net/netfilter/nf_conntrack_udp_timeout=2", "net/netfilter/nf_conntrack_udp_timeout_stream=2",
        ])
    }

    /// Moves to another public address, if one is given, and forgets all mappings: each gets another port.
    package func rebind(to address: String?) async throws {
        if let address {
            try await router.ip("addr replace \(address)/24 dev \(outside)")
            try await translate(to: address)
        }
        try await router.run(["conntrack", "-F"])
    }

    /// Translates between a public address and a private one behind `outside`, whoever speaks first.
    package func translateOneToOne(public publicAddress: String, private privateAddress: String) async throws {
        try await load(
            """
            table ip lab-one-to-one {
              chain prerouting {
                type nat hook prerouting priority dstnat;
                iifname != "\(outside)" ip daddr \(publicAddress) dnat to \(privateAddress)
              }
              chain postrouting {
                type nat hook postrouting priority srcnat;
                oifname != "\(outside)" ip saddr \(privateAddress) snat to \(publicAddress)
              }
            }
            """
        )
    }

    /// Drops IPv6 packets of some protocols on their way through.
    package func dropIPv6(protocols: [Int]) async throws {
        let numbers = protocols.map(String.init).joined(separator: ", ")
        try await load(
            """
            table ip6 lab-filter {
              chain forward {
                type filter hook forward priority filter;
                meta l4proto { \(numbers) } drop
              }
            }
            """
        )
    }

    private func load(_ rules: String) async throws {
        try await router.run(["sh", "-ec", "nft -f - <<'END'\n\(rules)\nEND\n"])
    }
}
