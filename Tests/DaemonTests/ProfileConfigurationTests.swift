// SPDX-License-Identifier: Apache-2.0
import Daemon
import Mobility
import Testing
import Wire

/// What an anchor's file says of single mobile nodes, of hand-offs, and of its gateways' timers.
@Suite struct ProfileConfigurationTests {
    private func anchor(_ text: String) throws -> AnchorSettings? {
        guard case .anchor(let anchor) = try ConfigurationFile.parse(text, file: "anchor.yaml") else { return nil }
        return AnchorSettings(anchor, restartCounter: 1)
    }

    private func settings(_ nodes: String, further: String = "") throws -> AnchorSettings {
        let text = ConfigurationTexts.leastAnchor
            .replacing("[cpe1@example.net]", with: nodes)
            .replacing("  gateways:\n", with: further + "  gateways:\n")
        return try #require(try anchor(text))
    }

    @Test func profileReachesTheEngine() throws {
        let settings = try settings(
            """
            ["@example.net", { identifier: cpe1@example.net, home-network-prefixes: ["2001:db8:1234:7::/64"], \
            delegated-prefixes: ["2001:db8:77::/56", 10.1.0.0/24], multipath: false, proxy-mobility: false }, \
            { identifier: cpe2@example.org, delegation: false, ip-versions: [ipv6] }]
            """
        )
        let nodes = settings.gateways.first?.mobileNodes.map(\.description)
        #expect(nodes == ["@example.net", "cpe1@example.net", "cpe2@example.org"])
        var first = MobileNodeProfile(NodeIdentifier(nai: "cpe1@example.net"))
        first.homeNetworkPrefixes = ["2001:db8:1234:7::/64"].compactMap { IPPrefix($0) }
        first.delegatedPrefixes = ["2001:db8:77::/56", "10.1.0.0/24"].compactMap { IPPrefix($0) }
        (first.isMultipathAllowed, first.isProxyRegistrationAllowed) = (false, false)
        var second = MobileNodeProfile(NodeIdentifier(nai: "cpe2@example.org"))
        (second.isDelegationAllowed, second.isIPv4Allowed) = (false, false)
        #expect(settings.profiles == [first, second])
    }

    @Test func homeAddressIsOfItsPool() throws {
        let text = ConfigurationTexts.leastAnchor
            .replacing("length: 64 }\n", with: "length: 64 }\n    ipv4-home-addresses: { from: 10.9.0.0/24 }\n")
            .replacing("[cpe1@example.net]", with: "[{ identifier: cpe1@example.net, ipv4-home-address: 10.9.0.7 }]")
        #expect(try anchor(text)?.profiles.first?.homeAddress == IPv4Address(10, 9, 0, 7))
    }

    /// A node that moves stands at each of its gateways.
    @Test func nodeMayBeOfSeveralGateways() throws {
        let text = ConfigurationTexts.anchor.replacing("cpe3", with: "cpe1")
        #expect(try anchor(text)?.gateways.map(\.mobileNodes.count) == [1, 2])
    }

    @Test func handoffsAndTimersReachTheEngine() throws {
        let defaults = try settings("[cpe1@example.net]")
        #expect(defaults.handoff == .revoke && defaults.ordering == .timestamps && defaults.gatewayParameters == nil)
        #expect(defaults.minDelayBeforeBindingCacheEntryDelete == .seconds(10))
        #expect(defaults.maxDelayBeforeNewBindingCacheEntryAssign == .milliseconds(1500))
        #expect(defaults.heartbeatInterval == .seconds(60) && defaults.missingHeartbeatsAllowed == 3)
        let settings = try settings(
            "[cpe1@example.net]",
            further: """
                  handoff: wait
                  ordering: sequence-numbers
                  heartbeat: { interval: 30s, missing-allowed: 2 }
                  redirect: { above: 5000, to: "2001:db8:100::2" }
                  timers: { min-delay-before-deletion: 3s, max-delay-before-new-session: 200ms }
                  mag-parameters: { re-registration-start: 80s, heartbeat-interval: 90s }

                """
        )
        #expect(settings.redirection == IPAddress("2001:db8:100::2").map { Redirection(above: 5000, to: $0) })
        #expect(settings.handoff == .wait && settings.ordering == .sequenceNumbers)
        #expect(settings.heartbeatInterval == .seconds(30) && settings.missingHeartbeatsAllowed == 2)
        #expect(settings.minDelayBeforeBindingCacheEntryDelete == .seconds(3))
        #expect(settings.maxDelayBeforeNewBindingCacheEntryAssign == .milliseconds(200))
        let registration = ReregistrationControl(
            startTime: BindingLifetime(.seconds(80)),
            initialRetransmissionTime: 1,
            maximumRetransmissionTime: 32
        )
        let heartbeat = HeartbeatControl(interval: 90, retransmissionDelay: 5, maximumRetransmissions: 3)
        #expect(settings.gatewayParameters == GatewayParameters(reregistration: registration, heartbeat: heartbeat))
    }

    private static func node(_ replacement: String, _ problem: String) -> ConfigurationFault {
        ConfigurationFault(
            file: "anchor.yaml",
            original: "[cpe1@example.net]",
            replacement: "[\(replacement)]",
            expected: "anchor.yaml:19: lma.gateways[0].mobile-nodes[0]\(problem)"
        )
    }

    private static func key(_ replacement: String, _ problem: String) -> ConfigurationFault {
        ConfigurationFault(
            file: "anchor.yaml",
            original: "  path-mtu: 1500",
            replacement: "  \(replacement)",
            expected: "anchor.yaml:5: lma.\(problem)"
        )
    }

    static let faults = [
        node("\"@\"", ": the realm behind \"@\" is missing"),
        node(
            "{ identifier: \"@example.net\", multipath: false }",
            ": \"@example.net\" is a realm; give such settings to a node of it by its name"
        ),
        node("{ multipath: false }", ": the key identifier is missing"),
        node(
            "{ identifier: cpe9, home-prefixes: [] }",
            ".home-prefixes: unknown key; allowed here: identifier, home-network-prefixes, delegated-prefixes, "
                + "ipv4-home-address, multipath, delegation, ip-versions, proxy-mobility"
        ),
        node(
            "{ identifier: cpe9, home-network-prefixes: [\"2001:db8:1::/72\"] }",
            ".home-network-prefixes[0]: 2001:db8:1::/72 is longer than a /64"
        ),
        node(
            "{ identifier: cpe9, home-network-prefixes: [\"2001:db8:100::/64\"] }",
            ": 2001:db8:100::/64 contains the anchor's own address 2001:db8:100::1"
        ),
        node(
            "{ identifier: cpe9, delegated-prefixes: [10.1.0.0/16, 10.1.2.0/24] }",
            ": 10.1.2.0/24 overlaps with 10.1.0.0/16 of cpe9"
        ),
        node(
            "{ identifier: cpe9, ip-versions: [ipv4], home-network-prefixes: [\"2001:db8:1::/64\"] }",
            ".home-network-prefixes: ip-versions has no ipv6"
        ),
        node(
            "{ identifier: cpe9, delegation: false, delegated-prefixes: [10.1.0.0/16] }",
            ".delegated-prefixes: delegation is false"
        ),
        node(
            "{ identifier: cpe9, ipv4-home-address: 10.9.0.1 }",
            ": 10.9.0.1 is no address of lma.pools.ipv4-home-addresses; give that pool"
        ),
        node("{ identifier: cpe9, ip-versions: [] }", ".ip-versions: the list is empty; it needs at least 1"),
        ConfigurationFault(
            file: "anchor.yaml",
            original: "[cpe2@example.net, cpe3@example.net]",
            replacement: "[cpe2, { identifier: cpe3, multipath: false }, { identifier: cpe3, multipath: true }]",
            expected: "anchor.yaml:22: lma.gateways[1].mobile-nodes[2]: \"cpe3\" is there already"
        ),
        key("handoff: never", "handoff: \"never\" is not one of revoke, wait"),
        key("ordering: clock", "ordering: \"clock\" is not one of timestamps, node-timestamps, sequence-numbers"),
        key(
            "timers: { min-delay-before-deletion: 1h }",
            "timers.min-delay-before-deletion: 1h is out of range; from 100ms to 10m"
        ),
        key("heartbeat: { interval: 29s }", "heartbeat.interval: 29s is out of range; from 30s to 1h"),
        key("heartbeat: { missing-allowed: 0 }", "heartbeat.missing-allowed: 0 is out of range; from 1 to 100"),
        key(
            "heartbeat: { intervall: 60s }",
            "heartbeat.intervall: unknown key; did you mean interval? allowed here: interval, missing-allowed"
        ),
        key("redirect: { to: 2001:db8:100::2 }", "redirect: the key above is missing"),
        key(
            "redirect: { above: 5, to: 192.0.2.1 }",
            "redirect.to: 192.0.2.1 is the anchor's own address"
        ),
        key("redirect: { above: -1, to: 192.0.2.9 }", "redirect.above: \"-1\" is not a number; from 0 to 10000000"),
        key("redirect: { above: 5, to: lma2 }", "redirect.to: \"lma2\" is not an IPv4 address"),
        key(
            "mag-parameters: {}",
            "mag-parameters: the section says nothing; re-registration-start, initial-retransmission, "
                + "max-retransmission, heartbeat-interval, heartbeat-retransmission, heartbeat-max-retransmissions"
        ),
        key(
            "mag-parameters: { heartbeat-interval: 10s }",
            "mag-parameters.heartbeat-interval: 10s is out of range; from 30s to 1h"
        ),
        key(
            "mag-parameters: { heartbeat-interval: 30s, heartbeat-retransmission: 30s }",
            "mag-parameters.heartbeat-retransmission: 30s is not less than heartbeat-interval, 30s"
        ),
        key(
            "mag-parameters: { initial-retransmission: 5s, max-retransmission: 4s }",
            "mag-parameters.max-retransmission: 4s is less than initial-retransmission, 5s"
        ),
        key(
            "mag-parameters: { initial-retransmission: 1500ms }",
            "mag-parameters.initial-retransmission: 1500ms is not a whole number of seconds; "
                + "the protocol counts these in seconds"
        ),
    ]

    @Test(arguments: faults) func mistakeIsToldWithItsLine(_ fault: ConfigurationFault) throws {
        let text = try #require(fault.text)
        let error = #expect(throws: ConfigurationError.self) {
            try ConfigurationFile.parse(text, file: fault.file)
        }
        #expect(error?.description == fault.expected)
    }

    @Test func nodeHasItsSettingsOnce() throws {
        let section = "{ identifier: cpe1@example.net, multipath: false }"
        let text = ConfigurationTexts.anchor.replacing("cpe1@example.net]", with: "\(section)]")
            .replacing("cpe2@example.net, cpe3@example.net", with: section)
        let error = #expect(throws: ConfigurationError.self) {
            try ConfigurationFile.parse(text, file: "anchor.yaml")
        }
        #expect(
            error?.description == "anchor.yaml:22: lma.gateways[1].mobile-nodes[0]: "
                + "\"cpe1@example.net\" has its settings at another gateway; here its identifier is enough"
        )
    }
}
