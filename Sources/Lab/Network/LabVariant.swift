// SPDX-License-Identifier: Apache-2.0

/// What of the lab's network differs from the plain one, in which every address is public and static.
package struct LabVariant: Codable, Hashable, Sendable {
    /// WANs whose access router translates IPv4 addresses; the gateway has a private one there.
    package var translated: Set<Int> = []
    /// Whether the translated WANs have the same private subnet, and the gateway the same address in both.
    package var hasSameSubnets = false
    /// Whether the gateway's WAN addresses come from DHCPv4 and router advertisements.
    package var isDynamic = false
    /// With dynamic addresses: whether only wan1 gives a default route. Otherwise both do, with the same metric.
    package var hasOneDefaultRoute = false
    /// Sites on the same access networks: 1 or 2.
    package var sites = 1
    /// Whether a 1:1 translator stands before the anchor's IPv4 address.
    package var isAnchorTranslated = false
    /// WANs whose access router drops IPv6 packets of protocol 47 (GRE) and 135 (mobility).
    package var blocked: Set<Int> = []
    /// Whether the server knows its own link only: no route to the anchor's pools.
    package var isServerOnLink = false

    package init() {}

    /// From `wan1,wan2`, as on the command line; `key` names the option.
    package static func numbers(_ text: String, key: String) throws(SettingError) -> Set<Int> {
        var numbers: Set<Int> = []
        for name in text.split(separator: ",", omittingEmptySubsequences: false) where !text.isEmpty {
            numbers.insert(try number(String(name), key: key))
        }
        return numbers
    }

    /// From `wan1`.
    package static func number(_ name: String, key: String) throws(SettingError) -> Int {
        switch name {
        case "wan1": return 1
        case "wan2": return 2
        default: throw SettingError(key: key, value: name, expected: "wan1 or wan2")
        }
    }

    /// Throws where two wishes exclude one another.
    package func check() throws(SettingError) {
        guard (1...2).contains(sites) else {
            throw SettingError(key: "sites", value: "\(sites)", expected: "1 or 2")
        }
        guard !hasSameSubnets || translated.count == 2 else {
            throw SettingError(key: "same-subnet", value: "on", expected: "--nat wan1,wan2 with it")
        }
        guard !hasOneDefaultRoute || isDynamic else {
            throw SettingError(key: "one-default-route", value: "on", expected: "--dynamic with it")
        }
    }

    /// The programs that it takes beyond the lab's own.
    var programs: [String] {
        let translates = !translated.isEmpty || isAnchorTranslated
        return (translates ? ["conntrack"] : []) + (translates || !blocked.isEmpty ? ["nft"] : [])
            + (isDynamic ? ["dnsmasq", "busybox"] : [])
    }
}
