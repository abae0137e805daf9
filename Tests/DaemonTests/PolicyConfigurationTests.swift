// SPDX-License-Identifier: Apache-2.0
import Daemon
import Mobility
import Testing
import Wire

/// The keys `mag.policy` and `lma.policy`.
@Suite struct PolicyConfigurationTests {
    @Test func everyKeyOfARuleIsRead() throws {
        let rules = try PolicyTexts.gatewayPolicy(
            "{ name: voice, match: { dscp: 46 }, pin: [9, 11], guaranteed-rate: 1mbit, maximum-rate: 5mbit }",
            "{ name: backup, match: { remote: [192.0.2.7, 198.51.100.0/24, 203.0.113.4-203.0.113.9] }, overflow: any }",
            "{ name: nas, match: { local: \"2001:db8:5600::/56\", family: ipv6 }, bond: 9, strict: true }",
            "{ name: tv, match: [{ terminal: 02:00:5e:10:00:01 }, { terminal: Telly, protocol: [tcp, 17] }], bypass: 9 }",
            "{ name: work, match: { domain: [vpn.example.net, \"*.Example.ORG.\"], remote-port: 443 }, duplicate: [11, 9] }",
            "{ name: vpn, match: { protocol: esp, spi: 0x100-0x1ff, flow-label: 7 }, pin: 11 }",
            "{ name: rest, drop: true }"
        )
        #expect(rules.map(\.name) == ["voice", "backup", "nas", "tv", "work", "vpn", "rest"])
        #expect(rules.map(\.treatment) == [.pin, .overflow, .bond, .bypass, .duplicate, .pin, .drop])
        #expect(
            rules.map(\.paths) == [
                .labels([9, 11]), .any, .labels([9]), .labels([9]), .labels([11, 9]), .labels([11]), .any,
            ]
        )
        #expect(rules.map(\.isStrict) == [false, false, true, false, false, false, false])
        #expect(rules[0].guaranteedRate == BitRate(bitsPerSecond: 1_000_000))
        #expect(rules[0].maximumRate == BitRate(bitsPerSecond: 5_000_000))
        #expect(rules[0].matches.map(\.text) == ["dscp 46"])
        #expect(rules[0].matches[0].codePoints == [SelectorRange(DifferentiatedServicesCodePoint(46))])
        #expect(rules[1].matches[0].text == "remote 192.0.2.7 198.51.100.0/24 203.0.113.4-203.0.113.9")
        #expect(rules[1].matches[0].remote.count == 3)
        #expect(rules[2].matches[0].family == .ipv6)
        let address = try #require(LinkLayerAddress(octets: [2, 0, 0x5E, 0x10, 0, 1]))
        #expect(rules[3].matches.map(\.terminals) == [[.linkLayerAddress(address)], [.name("telly")]])
        let named = try #require(DomainPattern("vpn.example.net"))
        let below = try #require(DomainPattern("*.example.org"))
        #expect(rules[4].matches[0].domains == [named, below])
        #expect(rules[5].matches[0].securityParameterIndexes == [try #require(SelectorRange(0x100, through: 0x1FF))])
        #expect(rules[5].matches[0].flowLabels == [SelectorRange(FlowLabel(7))])
        #expect(rules[6].matches == [PolicyMatch()])
    }

    @Test func anAnchorsRuleMayBeOfOneNodeAndKnowsNoLabels() throws {
        let rules = try PolicyTexts.anchorPolicy("{ name: all, pin: 77 }", "{ name: one, mobile-node: a@b, bond: any }")
        #expect(rules.map(\.mobileNode) == [nil, NodeIdentifier(nai: "a@b")])
        #expect(rules.map(\.paths) == [.labels([77]), .any])
    }

    /// As many as can be told.
    @Test func aRuleNamesThirtyTwoLabelsAtMost() throws {
        func labels(_ count: Int) -> String { (1...count).map { "\($0)" }.joined(separator: ", ") }
        #expect(try PolicyTexts.anchorPolicy("{ name: all, pin: [\(labels(32))] }").count == 1)
        let error = #expect(throws: ConfigurationError.self) {
            try PolicyTexts.anchorPolicy("{ name: all, pin: [\(labels(33))] }")
        }
        #expect(error?.description.contains("lma.policy[0].pin: names 33 labels; at most 32, or any") == true)
    }

    @Test(arguments: [
        ("{ match: { dscp: 46 }, pin: 9 }", "mag.policy[0]: the key name is missing"),
        ("{ name: a b, pin: 9 }", "mag.policy[0].name: contains blanks or control characters"),
        ("{ name: a }", "mag.policy[0]: says nothing of what becomes of the packets; give one of pin, bond"),
        ("{ name: a, pin: 9, bond: any }", "mag.policy[0].bond: is there beside pin; one of pin, bond"),
        ("{ name: a, drop: false }", "mag.policy[0].drop: false says nothing; give one of pin"),
        ("{ name: a, pin: [9, 12] }", "mag.policy[0].pin[1]: no WAN has the label 12; those of mag.wans are 9, 11"),
        ("{ name: a, pin: [9, 9] }", "mag.policy[0].pin[1]: the label 9 is there already"),
        ("{ name: a, pin: [] }", "mag.policy[0].pin: the list is empty; it needs at least 1"),
        ("{ name: a, pin: some }", "mag.policy[0].pin: \"some\" is not a number; from 0 to 255"),
        ("{ name: a, mobile-node: b, pin: 9 }", "mag.policy[0].mobile-node: unknown key; "),
        ("{ name: a, match: [], pin: 9 }", "mag.policy[0].match: the list is empty"),
        (
            "{ name: a, match: { dscp: 64 }, pin: 9 }",
            "mag.policy[0].match.dscp: \"64\" is neither a number nor a range"
        ),
        ("{ name: a, match: { dscp: -1 }, pin: 9 }", "mag.policy[0].match.dscp: \"-1\" is neither a number nor"),
        (
            "{ name: a, match: { remote: 10.0.0.1/8 }, pin: 9 }",
            "match.remote: \"10.0.0.1/8\" is neither an address nor"
        ),
        ("{ name: a, match: { remote: 10.0.0.9-10.0.0.1 }, pin: 9 }", "match.remote: 10.0.0.9-10.0.0.1 is no range; "),
        ("{ name: a, match: { remote: \"10.0.0.9-::1\" }, pin: 9 }", "match.remote: 10.0.0.9-::1 is no range; "),
        ("{ name: a, match: { remote-port: 99-80 }, pin: 9 }", "match.remote-port: 99-80 is no range; "),
        ("{ name: a, match: { remote-port: 0 }, pin: 9 }", "match.remote-port: \"0\" is neither a number nor a range"),
        (
            "{ name: a, match: { remote-prot: 1 }, pin: 9 }",
            "unknown key; did you mean remote-port? allowed here: family"
        ),
        ("{ name: a, match: { protocol: tpc }, pin: 9 }", "match.protocol: \"tpc\" is not one of tcp, udp, icmp, esp"),
        (
            "{ name: a, match: { protocol: icmp, local-port: 1 }, pin: 9 }",
            "match.local-port: the protocol has no ports"
        ),
        ("{ name: a, match: { domain: nas }, pin: 9 }", "match.domain: \"nas\" is not a name of the DNS; such as "),
        ("{ name: a, match: { domain: a.b, remote: 1.2.3.4 }, pin: 9 }", "match.domain: is there beside remote; "),
        ("{ name: a, match: { terminal: tv, local: 1.2.3.4 }, pin: 9 }", "match.terminal: is there beside local; "),
        ("{ name: a, match: { terminal: 01:0:0 }, pin: 9 }", "match.terminal: \"01:0:0\" is not a link-layer address"),
        ("{ name: a, match: { family: ipv6, remote: 1.2.3.4 }, pin: 9 }", "mag.policy[0].match: matches no packet; "),
        ("{ name: a, match: { remote: 1.2.3.4, local: \"::1\" }, pin: 9 }", "mag.policy[0].match: matches no packet; "),
        ("{ name: a, match: { family: ipv4, flow-label: 1 }, pin: 9 }", "mag.policy[0].match: matches no packet; "),
        (
            "{ name: a, guaranteed-rate: 2mbit, maximum-rate: 1mbit, pin: 9 }",
            "guaranteed-rate: is more than maximum-rate"
        ),
        ("{ name: a, maximum-rate: 1mbit, drop: true }", "maximum-rate: has no meaning beside drop"),
        ("{ name: a, guaranteed-rate: 1mbit, bypass: any }", "guaranteed-rate: has no meaning beside bypass"),
    ])
    func whatIsWrongIsNamed(_ rule: String, _ expected: String) throws {
        let error = #expect(throws: ConfigurationError.self) { try PolicyTexts.gatewayPolicy(rule) }
        // Behind the gateway's other keys.
        let text = "\(try #require(error))"
        #expect(text.hasPrefix("g.yaml:19: mag.policy[0]") && text.contains(expected), "\(text)")
    }

    @Test func anchorsRuleCannotNameWhatOnlyAGatewayKnows() throws {
        let error = #expect(throws: ConfigurationError.self) {
            try PolicyTexts.anchorPolicy("{ name: tv, match: { terminal: tv }, pin: 9 }")
        }
        #expect(error?.keyPath == "lma.policy[0].match.terminal")
        #expect(error?.problem == "only a gateway knows who that is")
    }

    @Test func namesAreUnique() {
        let error = #expect(throws: ConfigurationError.self) {
            try PolicyTexts.gatewayPolicy("{ name: a, pin: 9 }", "{ name: a, pin: 11 }")
        }
        #expect(error?.keyPath == "mag.policy[1]" && error?.problem == "the name a is there already")
    }

    @Test func combinationsAreBounded() throws {
        let ports = (1...8).map { "\($0 * 100)" }.joined(separator: ", ")
        let full = "match: { family: ipv4, remote-port: [\(ports)], local-port: [\(ports)] }, pin: 9 }"
        // 64 a rule
        let rules = (1...4).map { "{ name: r\($0), \(full)" }
        _ = try PolicyTexts.gatewayPolicy(rules[0], rules[1], rules[2], rules[3])
        let error = #expect(throws: ConfigurationError.self) {
            try PolicyTexts.gatewayPolicy(rules[0], rules[1], rules[2], rules[3], "{ name: last, pin: 9 }")
        }
        #expect(error?.keyPath == "mag.policy[4]")
        #expect(error?.problem == "up to this rule there are more than 256 combinations of what is listed")
        let many = (0...100).map { "{ name: r\($0), match: { family: ipv4 }, pin: 9 }" }
        let tooMany = #expect(throws: ConfigurationError.self) {
            try ConfigurationFile.parse(PolicyTexts.gateway(many), file: "g.yaml")
        }
        #expect(tooMany?.keyPath == "mag.policy" && tooMany?.problem == "has 101 rules")
    }
}
