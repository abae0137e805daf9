// SPDX-License-Identifier: Apache-2.0

/// One access network as one site meets it: the line, the router behind it, and how both are numbered.
package struct AccessNetwork: Hashable, Sendable {
    /// 1 or 2.
    package var number: Int
    /// The site that it serves: 1 or 2. Both sites meet the same routers, each on a line of its own.
    package var site: Int
    package var gateway: LabNamespace
    package var router: LabNamespace
    /// Of the line: the gateway is 2 in it, the router 1, unless addresses are dynamic. Up to the last colon or dot.
    package var ipv6: String
    package var ipv4: String
    /// What the router's addresses translate private ones to; nil where the gateway's address is public.
    package var publicIPv4: String?

    package init(number: Int, site: Int, variant: LabVariant) {
        self.number = number
        self.site = site
        gateway = Topology.gateways[site - 1]
        router = Topology.accessNetworks[number - 1]
        ipv6 = Self.ipv6Site(number, site) + "::"
        let isTranslated = variant.translated.contains(number)
        publicIPv4 = isTranslated ? "198.18.\(number).1" : nil
        if isTranslated {
            let subnet = (variant.hasSameSubnets ? 1 : number) + 10 * (site - 1)
            ipv4 = "192.168.\(subnet)."
        } else if site == 1 {
            ipv4 = ["198.51.100.", "203.0.113."][number - 1]
        } else {
            ipv4 = "198.18.\(20 + number)."
        }
    }

    /// The gateway's interface, and the link's name.
    package var name: String { "wan\(number)" }
    /// The router's interface to the line.
    package var routerInterface: String { site == 1 ? "access" : "access\(site)" }
    /// The ends of the emulated line in the emulator's namespace.
    var near: String { "\(name)-mag" }
    var far: String { "\(name)-net" }
    /// The anchor's interface to the router.
    var core: String { "core\(number)" }
    /// All that the line may be numbered from.
    var ipv6Block: String { Self.ipv6Site(number, site) + "::/48" }
    /// A /64 of the block, up to the last colon.
    func ipv6Prefix(generation: Int) -> String {
        generation == 0 ? ipv6 : "\(Self.ipv6Site(number, site)):\(generation)::"
    }

    private static func ipv6Site(_ number: Int, _ site: Int) -> String {
        "2001:db8:" + ["a", "b"][number - 1] + (site == 1 ? "" : "\(site)")
    }
}
