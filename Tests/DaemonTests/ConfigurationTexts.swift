// SPDX-License-Identifier: Apache-2.0

/// Configuration files: good ones, and what happens to them when a piece is replaced.
enum ConfigurationTexts {
    /// Every key that an anchor needs and no other.
    static let leastAnchor = """
        lma:
          name: lma1
          addresses: { ipv6: "2001:db8:100::1" }
          pools:
            home-network-prefixes: { from: "2001:db8:1234::/48", length: 64 }
          gateways:
            - identifier: mag1@example.net
              mobile-nodes: [cpe1@example.net]
              authentication: none

        """

    /// Every key that a gateway needs and no other.
    static let leastGateway = """
        mag:
          identifier: mag1@example.net
          anchor: { addresses: { ipv4: 192.0.2.1 }, authentication: none }
          mobile-node: { identifier: cpe1@example.net }
          wans:
            - { interface: wan1, binding-identifier: 1, label: 0, access-technology: ethernet, family: ipv4 }

        """

    static let anchor = """
        lma:
          name: lma1
          addresses: { ipv6: "2001:db8:100::1", ipv4: 192.0.2.1 }
          tunnel-device: plait0
          path-mtu: 1500
          multipath: true
          maximum-lifetime: 1h
          timestamp-window: 300ms
          pools:
            home-network-prefixes:   { from: "2001:db8:1234::/48", length: 64 }
            delegated-ipv6-prefixes: { from: "2001:db8:5600::/40", length: 56 }
            delegated-ipv4-prefixes: { from: 10.20.0.0/16, length: 24 }
          distribution:
            mode: per-packet
            reorder-timeout: 100ms
            rates: { 11: 50mbit, 9: 20mbit }
          gateways:
            - identifier: mag1@example.net
              mobile-nodes: [cpe1@example.net]
              authentication: { spi: 256, key: ab0102030405060708090a0b0c0d0e0f }
            - identifier: mag2@example.net
              mobile-nodes: [cpe2@example.net, cpe3@example.net]
              authentication: none
          management: { socket: /run/plait/lma.sock }
          store: /var/lib/plait/one.sqlite

        """

    static let gateway = """
        mag:
          identifier: mag1@example.net
          anchor:
            addresses: { ipv6: "2001:db8:100::1" }
            authentication: { spi: 256, key: ab0102030405060708090a0b0c0d0e0f, algorithm: hmac-sha1-96 }
          mobile-node: { identifier: cpe1@example.net, delegated-prefixes: [ipv6, ipv4] }
          lifetime: 1h
          wans:
            - interface: wan1
              binding-identifier: 1
              label: 11
              access-technology: e-utran
              family: ipv6
              uplink-rate: 20mbit
            - { interface: wan2, binding-identifier: 2, label: 9, access-technology: wlan, family: ipv6, uplink-rate: 5mbit }
          lan: { interface: lan0, dns: ["2001:db8:53::53"] }
          distribution: { mode: per-packet }

        """

    private static func anchor(_ original: String, _ replacement: String, _ expected: String) -> ConfigurationFault {
        ConfigurationFault(
            file: "anchor.yaml",
            original: original,
            replacement: replacement,
            expected: "anchor.yaml:\(expected)"
        )
    }

    private static func gateway(_ original: String, _ replacement: String, _ expected: String) -> ConfigurationFault {
        ConfigurationFault(
            file: "gateway.yaml",
            original: original,
            replacement: replacement,
            expected: "gateway.yaml:\(expected)"
        )
    }

    static let faults: [ConfigurationFault] =
        structure + values + tunnels + addresses + duplicates + upstream + siteLinks

    private static let structure: [ConfigurationFault] = [
        gateway(
            "lifetime: 1h",
            "lifetme: 1h",
            "7: mag.lifetme: unknown key; did you mean lifetime? allowed here: "
                + "identifier, anchor, anchors, authentication, clock, redirect, break-out, heartbeat, mobile-node, "
                + "tunnel-device, multipath, gre-key, lifetime, wans, lan, lans, access, mobile-nodes, firewall, "
                + "distribution, policy, management, store"
        ),
        gateway(
            "family: ipv6\n",
            "colour: red\n",
            "13: mag.wans[0].colour: unknown key; allowed here: "
                + "name, interface, mac, binding-identifier, label, access-technology, family, encapsulation, uplink-rate, "
                + "downlink-rate, cost, metrics, quota"
        ),
        gateway(
            "mode: per-packet",
            "rates: { 1: 1mbit }",
            "17: mag.distribution.rates: unknown key; allowed here: mode, reorder-timeout"
        ),
        gateway("mag:", "mga:", "1: mga: unknown key; did you mean mag? allowed here: lma, mag"),
        gateway("label: 11\n", "\n", "9: mag.wans[0]: the key label is missing"),
        gateway("spi: 256, ", "", "5: mag.anchor.authentication: the key spi is missing"),
        anchor(
            "      authentication: none\n",
            "",
            "21: lma.gateways[1]: the key authentication is missing; "
                + "give spi and key, or say authentication: none"
        ),
        anchor("  name: lma1\n", "", "2: lma: the key name is missing"),
        anchor("lma1", "", "2: lma.name: the value is missing; it is text"),
        anchor("name: lma1", "name: [lma1]", "2: lma.name: a list is not text"),
        anchor("name: lma1", "name: { first: lma1 }", "2: lma.name: a section is not text"),
        anchor(
            "[cpe1@example.net]",
            "cpe1@example.net",
            "19: lma.gateways[0].mobile-nodes: a single value is not a list"
        ),
        anchor("[cpe1@example.net]", "[]", "19: lma.gateways[0].mobile-nodes: the list is empty; it needs at least 1"),
        anchor(
            "{ socket: /run/plait/lma.sock }",
            "on",
            "24: lma.management: a single value is not a section of keys and values"
        ),
        anchor(
            "{ socket: /run/plait/lma.sock }",
            "",
            "24: lma.management: nothing is not a section of keys and values"
        ),
    ]

    private static let tunnels: [ConfigurationFault] = [
        gateway(
            "family: ipv6\n",
            "family: ipv6\n      encapsulation: udp-tvl\n",
            "14: mag.wans[0].encapsulation: \"udp-tvl\" is not one of auto, ip-in-ip, gre, udp, udp-tlv, udp-tlv-gre; "
                + "did you mean udp-tlv?"
        ),
        gateway("lifetime: 1h", "gre-key: 7", "7: mag.gre-key: \"7\" is not one of true, false"),
        gateway(
            "delegated-prefixes: [ipv6, ipv4]",
            "ipv4-home-address: 10.9.0.1",
            "6: mag.mobile-node.ipv4-home-address: \"10.9.0.1\" is not one of true, false"
        ),
        anchor("multipath: true", "tunnels: gre", "6: lma.tunnels: a single value is not a list"),
        anchor("multipath: true", "tunnels: []", "6: lma.tunnels: the list is empty; it needs at least 1"),
        anchor("multipath: true", "tunnels: [gre, gre]", "6: lma.tunnels[1]: gre is there already"),
        anchor(
            "multipath: true",
            "tunnels: [auto]",
            "6: lma.tunnels[0]: \"auto\" is not one of ip-in-ip, gre, udp, udp-tlv, udp-tlv-gre"
        ),
        anchor("multipath: true", "nat-refresh: 0s", "6: lma.nat-refresh: 0s is out of range; from 1s to 1h"),
    ]

    private static let values: [ConfigurationFault] = [
        gateway("family: ipv6\n", "family: ipv5\n", "13: mag.wans[0].family: \"ipv5\" is not one of ipv4, ipv6"),
        gateway(
            "e-utran",
            "5g",
            "12: mag.wans[0].access-technology: \"5g\" is not one of virtual, ppp, ethernet, wlan, wimax, "
                + "geran, utran, e-utran, ehrpd, hrpd, 1xrtt, umb, nb-iot"
        ),
        gateway(
            "binding-identifier: 1\n",
            "binding-identifier: 0\n",
            "10: mag.wans[0].binding-identifier: 0 is out of range; from 1 to 254"
        ),
        gateway(
            "binding-identifier: 1\n",
            "binding-identifier: 255\n",
            "10: mag.wans[0].binding-identifier: 255 is out of range; from 1 to 254"
        ),
        gateway("label: 11", "label: 256", "11: mag.wans[0].label: 256 is out of range; from 0 to 255"),
        gateway("label: 11", "label: -1", "11: mag.wans[0].label: \"-1\" is not a number; from 0 to 255"),
        gateway("label: 11", "label: \"11\"", "11: mag.wans[0].label: \"11\" is not a number; from 0 to 255"),
        gateway(
            "label: 11",
            "label: 99999999999999999999",
            "11: mag.wans[0].label: 99999999999999999999 is out of range; from 0 to 255"
        ),
        gateway(
            "uplink-rate: 20mbit",
            "uplink-rate: 20",
            "14: mag.wans[0].uplink-rate: \"20\" is not a rate such as 500kbit, 20mbit, 1gbit"
        ),
        gateway(
            "uplink-rate: 20mbit",
            "uplink-rate: 0mbit",
            "14: mag.wans[0].uplink-rate: 0mbit is out of range; from 1kbit to 1000gbit"
        ),
        gateway(
            "uplink-rate: 20mbit",
            "uplink-rate: 9999999999999gbit",
            "14: mag.wans[0].uplink-rate: 9999999999999gbit is out of range; from 1kbit to 1000gbit"
        ),
        gateway(
            "uplink-rate: 20mbit",
            "cost: 256",
            "14: mag.wans[0].cost: 256 is out of range; from 0 to 255"
        ),
        gateway(
            "uplink-rate: 20mbit",
            "metrics: { command: [dsl-rate] }",
            "14: mag.wans[0].metrics.command: does not begin with the absolute path of a program"
        ),
        gateway(
            "uplink-rate: 20mbit",
            "metrics: { command: [/bin/true], every: 500ms }",
            "14: mag.wans[0].metrics.every: 500ms is out of range; from 1s to 24h"
        ),
        gateway(
            "uplink-rate: 20mbit",
            "quota: { octets: 50 }",
            "14: mag.wans[0].quota.octets: \"50\" is not a number of octets such as 500mb, 50gb, 1tb"
        ),
        gateway(
            "uplink-rate: 20mbit",
            "quota: { octets: 0gb }",
            "14: mag.wans[0].quota.octets: 0gb is out of range; at least 1b"
        ),
        gateway(
            "uplink-rate: 20mbit",
            "quota: { octets: 50gb, reset-day: 32 }",
            "14: mag.wans[0].quota.reset-day: 32 is out of range; from 1 to 31"
        ),
        gateway(
            "lifetime: 1h",
            "lifetime: 1 hour",
            "7: mag.lifetime: \"1 hour\" is not a duration such as 300ms, 4s, 5m, 1h"
        ),
        gateway("lifetime: 1h", "lifetime: 3s", "7: mag.lifetime: 3s is out of range; from 4s to 4369m"),
        gateway("lifetime: 1h", "lifetime: 73h", "7: mag.lifetime: 73h is out of range; from 4s to 4369m"),
        gateway(
            "lifetime: 1h",
            "lifetime: 9223372036854775807h",
            "7: mag.lifetime: 9223372036854775807h is out of range; from 4s to 4369m"
        ),
        gateway(
            "lifetime: 1h",
            "lifetime: 5s",
            "7: mag.lifetime: 5s is not a multiple of 4s; the protocol counts lifetimes in units of 4s"
        ),
        gateway(
            "interface: wan1",
            "interface: wan/1",
            "9: mag.wans[0].interface: \"wan/1\" is not the name of an interface"
        ),
        gateway(
            "interface: wan1",
            "interface: wan%d",
            "9: mag.wans[0].interface: \"wan%d\" is not the name of an interface"
        ),
        gateway("interface: wan1", "interface: sixteen-letters!", "9: mag.wans[0].interface: is longer than 15 octets"),
        gateway(
            "identifier: mag1@example.net",
            "identifier: mag 1",
            "2: mag.identifier: contains blanks or control characters"
        ),
        gateway(
            "mode: per-packet",
            "mode: fast",
            "17: mag.distribution.mode: \"fast\" is not one of automatic, per-packet, per-flow"
        ),
        gateway(
            "spi: 256",
            "spi: 255",
            "5: mag.anchor.authentication.spi: 255 is out of range; from 256 to 4294967295"
        ),
        gateway("key: ab01", "key: ", "5: mag.anchor.authentication.key: the key has 14 octets; from 16 to 64"),
        gateway(
            "key: ab01",
            "key: ab0",
            "5: mag.anchor.authentication.key: the key has an odd number of hexadecimal digits"
        ),
        gateway(
            "key: ab01",
            "key: xy01",
            "5: mag.anchor.authentication.key: the key has characters that are no hexadecimal digits"
        ),
        gateway(
            "hmac-sha1-96",
            "md5",
            "5: mag.anchor.authentication.algorithm: \"md5\" is not one of hmac-sha1-96, hmac-sha256-128"
        ),
        anchor(
            "authentication: none",
            "authentication: ipsec",
            "23: lma.gateways[1].authentication: \"ipsec\" is neither none nor a section with spi and key"
        ),
        anchor("multipath: true", "multipath: yes", "6: lma.multipath: \"yes\" is not one of true, false"),
        anchor("path-mtu: 1500", "path-mtu: 1279", "5: lma.path-mtu: 1279 is out of range; from 1280 to 65535"),
        anchor(
            "timestamp-window: 300ms",
            "timestamp-window: 0ms",
            "8: lma.timestamp-window: 0ms is out of range; from 1ms to 1h"
        ),
        anchor(
            "reorder-timeout: 100ms",
            "reorder-timeout: 11s",
            "15: lma.distribution.reorder-timeout: 11s is out of range; from 1ms to 10s"
        ),
        anchor(
            "11: 50mbit",
            "256: 50mbit",
            "16: lma.distribution.rates.256: \"256\" is not an interface label; from 0 to 255"
        ),
        anchor(
            "11: 50mbit",
            "09: 50mbit",
            "16: lma.distribution.rates.09: \"09\" is not an interface label; from 0 to 255"
        ),
        anchor(
            "11: 50mbit",
            "11: fast",
            "16: lma.distribution.rates.11: \"fast\" is not a rate such as 500kbit, 20mbit, 1gbit"
        ),
        anchor(
            "/run/plait/lma.sock",
            "lma.sock",
            "24: lma.management.socket: \"lma.sock\" is not the absolute path of a socket"
        ),
        anchor(
            "/var/lib/plait/one.sqlite",
            "one.sqlite",
            "25: lma.store: \"one.sqlite\" is not the absolute path of a file; or say memory to keep nothing"
        ),
        anchor(
            "/var/lib/plait/one.sqlite",
            "/var/lib/plait/",
            "25: lma.store: \"/var/lib/plait/\" is not the absolute path of a file; or say memory to keep nothing"
        ),
        anchor("/var/lib/plait/one.sqlite", "[memory]", "25: lma.store: a list is not text"),
    ]

    private static let addresses: [ConfigurationFault] = [
        anchor("192.0.2.1", "192.0.2.256", "3: lma.addresses.ipv4: \"192.0.2.256\" is not an IPv4 address"),
        anchor("192.0.2.1", "224.0.0.1", "3: lma.addresses.ipv4: 224.0.0.1 is not a unicast address"),
        anchor("2001:db8:100::1", "192.0.2.1", "3: lma.addresses.ipv6: \"192.0.2.1\" is not an IPv6 address"),
        anchor("2001:db8:100::1", "ff02::1", "3: lma.addresses.ipv6: ff02::1 is not a unicast address beyond a link"),
        anchor("2001:db8:100::1", "fe80::1", "3: lma.addresses.ipv6: fe80::1 is not a unicast address beyond a link"),
        anchor(
            "{ ipv6: \"2001:db8:100::1\", ipv4: 192.0.2.1 }",
            "{}",
            "3: lma.addresses: has no address; give ipv6, ipv4 or both"
        ),
        anchor(
            "\"2001:db8:1234::/48\"",
            "\"2001:db8:1234::1/48\"",
            "10: lma.pools.home-network-prefixes.from: \"2001:db8:1234::1/48\" is not an IPv6 prefix; did you mean 2001:db8:1234::/48?"
        ),
        anchor(
            "\"2001:db8:1234::/48\"",
            "10.0.0.0/8",
            "10: lma.pools.home-network-prefixes.from: \"10.0.0.0/8\" is not an IPv6 prefix; such as 2001:db8::/32"
        ),
        anchor(
            "\"2001:db8:1234::/48\"",
            "\"ff00::/8\"",
            "10: lma.pools.home-network-prefixes.from: ff00::/8 is not a prefix of unicast addresses"
        ),
        anchor(
            "length: 56",
            "length: 39",
            "11: lma.pools.delegated-ipv6-prefixes.length: a /39 does not fit into 2001:db8:5600::/40; from 40 to 64"
        ),
        anchor(
            "length: 64",
            "length: 65",
            "10: lma.pools.home-network-prefixes.length: 65 is out of range; from 1 to 64"
        ),
        anchor(
            "length: 24",
            "length: 33",
            "12: lma.pools.delegated-ipv4-prefixes.length: 33 is out of range; from 1 to 32"
        ),
        anchor(
            "2001:db8:5600::/40",
            "2001:db8:1200::/40",
            "11: lma.pools.delegated-ipv6-prefixes: 2001:db8:1200::/40 overlaps with home-network-prefixes, 2001:db8:1234::/48"
        ),
        anchor(
            "10.20.0.0/16",
            "192.0.0.0/16",
            "10: lma.pools: delegated-ipv4-prefixes, 192.0.0.0/16, contains the anchor's own address 192.0.2.1"
        ),
        gateway(
            "family: ipv6\n",
            "family: ipv4\n",
            "9: mag.wans[0]: the anchor has no IPv4 address; give one in mag.anchor.addresses"
        ),
        gateway(
            "\"2001:db8:53::53\"",
            "192.0.2.53",
            "16: mag.lan.dns[0]: 192.0.2.53 can be told by DHCP only; which mag.lan.dhcp switches on"
        ),
        gateway(
            "dns: [\"2001:db8:53::53\"]",
            "dhcp: { lease: 5s }",
            "16: mag.lan.dhcp.lease: 5s is out of range; from 2m to 168h"
        ),
    ]

    private static let duplicates: [ConfigurationFault] = [
        anchor(
            "  path-mtu: 1500\n",
            "  name: again\n",
            "2: name: the key occurs more than once in its section, first in this line"
        ),
        anchor(
            "mag2@example.net",
            "mag1@example.net",
            "21: lma.gateways[1]: the gateway \"mag1@example.net\" is there already"
        ),
        anchor("cpe3", "cpe2", "22: lma.gateways[1].mobile-nodes[1]: \"cpe2@example.net\" is there already"),
        gateway(
            "binding-identifier: 2",
            "binding-identifier: 1",
            "15: mag.wans[1]: the binding-identifier 1 belongs to wan1 already"
        ),
        gateway(
            "interface: wan2",
            "interface: wan1",
            "15: mag.wans[1]: the interface wan1 has another purpose already"
        ),
        gateway(
            "{ interface: wan2,",
            "{ interface: wan1, name: other,",
            "15: mag.wans[1]: the interface wan1 has another purpose already"
        ),
        gateway(
            "{ interface: wan2,",
            "{ interface: wan2, name: wan1,",
            "15: mag.wans[1]: the name wan1 is there already; give each access network its own"
        ),
        gateway(
            "{ interface: wan2,",
            "{ interface: wan2, mac: \"02:00:5e:10:00:01\",",
            "15: mag.wans[1]: has both interface and mac; either tells which link it is"
        ),
        gateway("{ interface: wan2,", "{", "15: mag.wans[1]: the key interface is missing; or give mac"),
        gateway(
            "{ interface: wan2,",
            "{ mac: \"02:00:5e:10:00\",",
            "15: mag.wans[1].mac: \"02:00:5e:10:00\" is not a link-layer address such as \"02:00:5e:10:00:01\""
        ),
        gateway(
            "{ interface: wan2,",
            "{ mac: \"03:00:5e:10:00:01\",",
            "15: mag.wans[1].mac: 03:00:5e:10:00:01 is not the address of one device"
        ),
        gateway(
            "interface: wan2",
            "interface: plait0",
            "15: mag.wans[1]: the interface plait0 has another purpose already"
        ),
        gateway("interface: lan0", "interface: wan2", "16: mag.lan: the interface wan2 has another purpose already"),
        gateway("[ipv6, ipv4]", "[ipv6, ipv6]", "6: mag.mobile-node.delegated-prefixes[1]: IPv6 is there already"),
        gateway(
            "\"2001:db8:53::53\"",
            "\"2001:db8::1\", \"2001:db8::1\"",
            "16: mag.lan.dns[1]: 2001:db8::1 is there already"
        ),
    ]

    static let wholeFileFaults: [(String, String)] = [
        ("", "f.yaml: is empty; it needs one of the keys lma, mag"),
        ("# nothing\n", "f.yaml: is empty; it needs one of the keys lma, mag"),
        ("{}", "f.yaml:1: has no section; it needs one of the keys lma, mag"),
        ("just text", "f.yaml:1: a single value is not a section of keys and values"),
        ("[a]: b", "f.yaml:1: has a key that is not text"),
        ("lma: {}\nmag: {}\n", "f.yaml:1: has both lma and mag; a file configures one daemon"),
        ("lma:\n  name: [\n", "f.yaml:3: is not YAML: "),
        ("lma:\n\tname: x\n", "f.yaml:2: is not YAML: "),
        ("lma: *unknown\n", "f.yaml:1: is not YAML: "),
        ("lma: {}\n---\nmag: {}\n", "f.yaml:2: is not YAML: "),
    ]
}
