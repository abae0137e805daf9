// SPDX-License-Identifier: Apache-2.0

/// What may be wrong with the site's links.
extension ConfigurationTexts {
    private static func lan(_ replacement: String, _ expected: String, line: Int = 16) -> ConfigurationFault {
        ConfigurationFault(
            file: "gateway.yaml",
            original: "lan: { interface: lan0, dns: [\"2001:db8:53::53\"] }",
            replacement: replacement,
            expected: "gateway.yaml:\(line): mag.\(expected)"
        )
    }

    static let siteLinks: [ConfigurationFault] = lans + delegatingAnchors

    private static func delegate(_ lines: String, _ expected: String) -> ConfigurationFault {
        ConfigurationFault(
            file: "anchor.yaml",
            original: "{ from: 10.20.0.0/16, length: 24 }",
            replacement: "{ from: 10.20.0.0/16, length: 24 }\n  \(lines)",
            expected: "anchor.yaml:\(expected)"
        )
    }

    private static let delegatingAnchors: [ConfigurationFault] = [
        delegate("delegate: { length: 60 }", "13: lma.delegate.length: unknown key; allowed here: lease, dns"),
        delegate("delegate: { lease: 1m }", "13: lma.delegate.lease: 1m is out of range; from 2m to 168h"),
        delegate("delegate: { dns: [192.0.2.53] }", "13: lma.delegate.dns[0]: \"192.0.2.53\" is not an IPv6 address"),
        delegate(
            "delegate: { dns: [\"2001:db8::53\", \"2001:db8::53\"] }",
            "13: lma.delegate.dns[1]: 2001:db8::53 is there already"
        ),
        ConfigurationFault(
            file: "anchor.yaml",
            original: "delegated-ipv6-prefixes: { from: \"2001:db8:5600::/40\", length: 56 }\n",
            replacement: "\n  delegate: {}\n  # ",
            expected: "anchor.yaml:12: lma.delegate: there is no IPv6 prefix to delegate; "
                + "give lma.pools.delegated-ipv6-prefixes, or mobile nodes their own"
        ),
        ConfigurationFault(
            file: "anchor.yaml",
            original: "{ ipv6: \"2001:db8:100::1\", ipv4: 192.0.2.1 }",
            replacement: "{ ipv4: 192.0.2.1 }\n  delegate: {}",
            expected: "anchor.yaml:4: lma.delegate: the anchor has no IPv6 address; give one in lma.addresses.ipv6"
        ),
    ]

    private static let lans: [ConfigurationFault] = [
        lan("lans: []", "lans: the list is empty; it needs at least 1"),
        lan(
            "lan: { interface: lan0 }\n  lans: [ { interface: lan1 } ]",
            "lans: is there beside lan; put that one into the list",
            line: 17
        ),
        lan(
            "lans: [ { interface: lan0 }, { interface: lan0 } ]",
            "lans[1]: the interface lan0 has another purpose already"
        ),
        lan(
            "lans: [ { interface: lan0, subnet: 1 }, { interface: lan1 } ]",
            "lans[1]: the subnet 1 is that of lan0 already; without the key it is the place in the list, counted from 0"
        ),
        lan("lan: { interface: lan0, subnet: 65536 }", "lan.subnet: 65536 is out of range; from 0 to 65535"),
        lan(
            "lans: [ { interface: lan0, ipv4: 10.1.0.1/16 }, { interface: lan1, ipv4: 10.1.2.1/24 } ]",
            "lans[1]: the network 10.1.2.0/24 overlaps 10.1.0.0/16 of lan0"
        ),
        lan("lan: { interface: lan0, families: [] }", "lan.families: the list is empty; it needs at least 1"),
        lan("lan: { interface: lan0, families: [ipv5] }", "lan.families[0]: \"ipv5\" is not one of ipv4, ipv6"),
        lan(
            "lan: { interface: lan0, families: [ipv6], dhcp: {} }",
            "lan.dhcp: means nothing where families has no IPv4"
        ),
        lan(
            "lan: { interface: lan0, families: [ipv4], subnet: 0 }",
            "lan.subnet: means nothing where families has no IPv6"
        ),
        lan(
            "lan: { interface: lan0, delegate: { length: 65 } }",
            "lan.delegate.length: 65 is out of range; from 32 to 64"
        ),
        lan(
            "lan: { interface: lan0, delegate: { lease: 1s } }",
            "lan.delegate.lease: 1s is out of range; from 2m to 168h"
        ),
        lan(
            "lan: { interface: lan0, delegate: { router: client } }",
            "lan.delegate.router: \"client\" is not one of gateway, anchor"
        ),
        lan(
            "lan: { interface: lan0, delegate: { router: anchor, lease: 1h } }",
            "lan.delegate.lease: is the anchor's to say, which is the router"
        ),
        lan(
            "lan: { interface: lan0, families: [ipv4], delegate: {} }",
            "lan.delegate: means nothing where families has no IPv6"
        ),
        lan(
            "lans: [ { interface: lan0 }, { interface: lan1, dns: [192.0.2.53] } ]",
            "lans[1].dns[0]: 192.0.2.53 can be told by DHCP only; which mag.lans[1].dhcp switches on"
        ),
    ]
}
