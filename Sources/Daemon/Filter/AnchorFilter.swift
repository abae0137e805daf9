// SPDX-License-Identifier: Apache-2.0
package import Wire

/// The anchor's translations between its sites and the upstream network.
package struct AnchorFilter: Equatable, Sendable {
    package let tunnelDevice: String
    /// nil: nothing can be translated.
    package let upstreamInterface: String?
    /// Pools whose addresses the upstream network does not see.
    package var hidden: [IPPrefix] = []
    /// What IPv6 addresses of `hidden` become, bit for bit behind the prefix; nil: the interface's own address.
    package var translation: IPPrefix?
    package var portForwards: [PortForward] = []

    package init(tunnelDevice: String, upstreamInterface: String?) {
        self.tunnelDevice = tunnelDevice
        self.upstreamInterface = upstreamInterface
    }

    /// None if nothing is translated. Between sites nothing is: what a rule translates leaves or comes upstream.
    package var chains: [FilterChain] {
        let chains = [
            FilterChain("destinations", .destinations, destinations),
            FilterChain("sources", .sources, sources),
        ]
        return chains.filter { !$0.rules.isEmpty }
    }

    private var destinations: [String] {
        guard let upstreamInterface else { return [] }
        let upstream = filterQuoted(upstreamInterface)
        // Sites reach each other's services by the external address as everybody does.
        let both = "{ \(upstream), \(filterQuoted(tunnelDevice)) }"
        var rules = portForwards.map { "iifname \(both) fib daddr type local \($0.filterText)" }
        for (inside, outside) in translated {
            rules.append("iifname \(both) ip6 daddr \(outside) fib daddr type != local dnat ip6 prefix to \(inside)")
        }
        return rules
    }

    private var sources: [String] {
        guard let upstreamInterface else { return [] }
        let upstream = filterQuoted(upstreamInterface)
        let tunnel = filterQuoted(tunnelDevice)
        var rules: [String] = []
        for family in ["ip", "ip6"] where portForwards.contains(where: { $0.address.isIPv4 == (family == "ip") }) {
            // A service asked for by its own site would see its own address, and answer past us.
            rules.append(
                "iifname \(tunnel) oifname \(tunnel) ct status dnat snat \(family) to ct original \(family) daddr"
            )
        }
        for (inside, outside) in translated {
            rules.append("oifname \(upstream) ip6 saddr \(inside) snat ip6 prefix to \(outside)")
        }
        for pool in hidden where !translated.contains(where: { $0.inside == pool }) {
            rules.append("oifname \(upstream) \(pool.isIPv4 ? "ip" : "ip6") saddr \(pool) masquerade")
        }
        return rules
    }

    private var translated: [(inside: IPPrefix, outside: IPPrefix)] {
        guard let translation else { return [] }
        return hidden.filter { !$0.isIPv4 && $0.length == translation.length }.map { ($0, translation) }
    }
}
