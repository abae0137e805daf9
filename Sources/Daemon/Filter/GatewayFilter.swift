// SPDX-License-Identifier: Apache-2.0
package import Wire

/// What the gateway lets in from the tunnel, and from others to its LANs (RFC 6092), and how private addresses there become the home address.
package struct GatewayFilter: Equatable, Sendable {
    package let tunnelDevice: String
    package let lanInterfaces: [String]
    /// Links on which mobile nodes come and go.
    package let accessInterfaces: [String]
    /// Whether connections from outside are refused unless they are in `allowed`.
    package let refusesInbound: Bool
    package let allowed: [AllowedService]
    /// The LANs' private addresses.
    package let privateNetworks: [IPPrefix]
    /// The address that the mobile node has at present (RFC 5844).
    package var homeAddress: IPv4Address?
    /// Whether `brokenOut` or `bypass` may have any one day.
    package let mayBreakOut: Bool
    /// What leaves by access networks at present, under their addresses.
    package var brokenOut: [IPPrefix] = []
    /// What leaves by access networks by rule; nil: nothing ever did.
    package var bypass: BypassPlan?

    package init(
        tunnelDevice: String,
        lanInterfaces: [String],
        accessInterfaces: [String] = [],
        refusesInbound: Bool,
        allowed: [AllowedService] = [],
        privateNetworks: [IPPrefix] = [],
        mayBreakOut: Bool = false
    ) {
        self.tunnelDevice = tunnelDevice
        self.lanInterfaces = lanInterfaces
        self.accessInterfaces = accessInterfaces
        self.refusesInbound = refusesInbound
        self.allowed = allowed
        self.privateNetworks = privateNetworks
        self.mayBreakOut = mayBreakOut
    }

    /// None if everything may pass and nothing is translated.
    package var chains: [FilterChain] {
        let chains = [
            FilterChain("zones", .first, brokenOut.map { "\(from($0)) ct original zone set \(Self.zone)" }),
            FilterChain("marks", .marks, marks),
            FilterChain("destinations", .destinations, destinations),
            FilterChain("sources", .sources, sources),
            FilterChain("through", .through, refusesInbound ? through : []),
            FilterChain("inward", .inward, refusesInbound ? inward : []),
        ]
        return chains.filter { !$0.rules.isEmpty }
    }

    private var destinations: [String] {
        guard let homeAddress else { return [] }
        return allowed.compactMap { service in
            guard let address = service.address, privateNetworks.contains(where: { $0.contains(address) }) else {
                return nil
            }
            let forward = PortForward(service.ports, to: address)
            return "iifname \(filterQuoted(tunnelDevice)) ip daddr \(homeAddress) \(forward.filterText)"
        }
    }

    /// What the kernel remembers of connections through the tunnel does not count while traffic breaks out, and what it
    /// remembers of those outside it does not count afterwards.
    private static let zone = 5213

    private func from(_ prefix: IPPrefix) -> String { "\(prefix.isIPv4 ? "ip" : "ip6") saddr \(prefix)" }

    private var sources: [String] { hidden + brokenOut.map { "\(outward)\(from($0)) masquerade" } + markedSources }

    var outward: String {
        let inside = [tunnelDevice] + lanInterfaces + ["lo"]
        return inside.map { "oifname != \(filterQuoted($0)) " }.joined()
    }

    private var hidden: [String] {
        guard homeAddress != nil else { return [] }
        // The tunnel device's only IPv4 address is the home address; when that goes, so do the connections behind it.
        return privateNetworks.map { "oifname \(filterQuoted(tunnelDevice)) ip saddr \($0) masquerade" }
    }

    /// What belongs to a connection from inside passes, and with it errors about it (RFC 6092 REC-10, REC-18, REC-36).
    private var known: [String] { ["ct state established,related accept", "ct state invalid drop"] }

    /// A node brings its connections along: the kernel has not seen them begin, or remembers them from an earlier stay, and
    /// would drop what belongs to them. Only who opens a connection sends no ACK.
    private var broughtAlong: [String] {
        accessInterfaces.map { "oifname \(filterQuoted($0)) tcp flags & ack == ack accept" }
    }

    /// RFC 4890 §4.3.1: reachability can be tested.
    private var echoes: [String] { ["icmpv6 type echo-request accept", "icmp type echo-request accept"] }

    private var through: [String] {
        // RFC 6092 REC-21, REC-22, REC-24, REC-26: IPsec and HIP (139) protect themselves.
        let protected = [
            "meta nfproto ipv6 meta l4proto { ah, esp, 139 } accept", "meta nfproto ipv6 udp dport 500 accept",
        ]
        let services = allowed.map { "\($0.filterText) accept" }
        let lans = lanInterfaces.map(filterQuoted)
        guard !lans.isEmpty else {
            return [notFromTunnel("accept")] + broughtAlong + known + echoes + protected + services + ["drop"]
        }
        // An access network's neighbours could send to the site by the gateway's address there: they are outside, too.
        let outside =
            [notFromTunnel(lans.map { "oifname != \($0) " }.joined() + "accept")]
            + lans.map { "iifname \($0) accept" }
            // RFC 6092 REC-6: whoever is inside does not come from outside.
            + lans.map { "fib saddr oifname \($0) drop" }
        return outside + broughtAlong + known + services + [notFromTunnel("drop")] + echoes + protected + ["drop"]
    }

    private var inward: [String] { [notFromTunnel("accept")] + known + echoes + ["drop"] }

    private func notFromTunnel(_ rest: String) -> String { "iifname != \(filterQuoted(tunnelDevice)) \(rest)" }
}
