// SPDX-License-Identifier: Apache-2.0
import Daemon
import Mobility
import Testing
import Wire

/// What an operator wrote becomes flow bindings.
@Suite struct PolicyExpansionTests {
    private func bindings(_ rules: [PolicyRule], _ learnt: LearntAddresses = LearntAddresses()) -> [FlowRule] {
        var numbering = FlowNumbering(.gateway(labels: [9, 11]))
        return numbering.bindings(of: rules, learnt).map(\.rule)
    }

    @Test func whatMatchesEverythingDoesInBothFamilies() throws {
        let rules = bindings(
            try PolicyTexts.gatewayPolicy("{ name: all, pin: [9, 11], strict: true, maximum-rate: 2mbit }")
        )
        #expect(rules.map(\.selector) == [.ipv4(IPv4TrafficSelector()), .ipv6(IPv6TrafficSelector())])
        #expect(rules.allSatisfy { $0.treatment == .pin && $0.paths == .labels([9, 11]) && $0.isStrict })
        #expect(rules.allSatisfy { $0.name == "all" && $0.maximumRate == 2_000_000 && $0.guaranteedRate == nil })
        #expect(rules.map(\.identifier) == [1, 2] && rules.map(\.priority) == [1, 2])
    }

    /// RFC 6088 §3: the downlink's view.
    @Test func theCorrespondentIsTheSource() throws {
        let match =
            "{ remote: 198.51.100.0/24, local: 10.20.0.7, remote-port: 443, local-port: 5000-5009, protocol: tcp }"
        let rules = bindings(try PolicyTexts.gatewayPolicy("{ name: web, match: \(match), bond: any }"))
        var expected = IPv4TrafficSelector()
        expected.sourceAddresses = SelectorRange(IPv4Address(198, 51, 100, 0), through: IPv4Address(198, 51, 100, 255))
        expected.destinationAddresses = SelectorRange(IPv4Address(10, 20, 0, 7))
        expected.sourcePorts = SelectorRange(443)
        expected.destinationPorts = SelectorRange(5000, through: 5009)
        expected.protocols = SelectorRange(6)
        #expect(rules.map(\.selector) == [.ipv4(expected)])
    }

    @Test(arguments: [
        ("2001:db8::/32", "2001:db8::", "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff"),
        ("2001:db8:0:4::/62", "2001:db8:0:4::", "2001:db8:0:7:ffff:ffff:ffff:ffff"),
        ("2001:db8::80/121", "2001:db8::80", "2001:db8::ff"), ("::/0", "::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"),
        ("2001:db8::7/128", "2001:db8::7", "2001:db8::7"), ("0.0.0.0/0", "0.0.0.0", "255.255.255.255"),
        ("192.0.2.8/30", "192.0.2.8", "192.0.2.11"), ("192.0.2.8/32", "192.0.2.8", "192.0.2.8"),
    ])
    func prefixesBecomeRanges(_ prefix: String, _ first: String, _ last: String) throws {
        let range = AddressRange(try #require(IPPrefix(prefix)))
        #expect(range == AddressRange(try #require(IPAddress(first)), through: try #require(IPAddress(last))))
    }

    @Test func icmpHasAnotherNumberInEachFamily() throws {
        let rules = bindings(try PolicyTexts.gatewayPolicy("{ name: ping, match: { protocol: icmp }, pin: 9 }"))
        var (ipv4, ipv6) = (IPv4TrafficSelector(), IPv6TrafficSelector())
        ipv4.protocols = SelectorRange(1)
        ipv6.nextHeaders = SelectorRange(58)
        #expect(rules.map(\.selector) == [.ipv4(ipv4), .ipv6(ipv6)])
    }

    @Test func listsAreMultipliedAndMatchesAdded() throws {
        let rules = bindings(
            try PolicyTexts.gatewayPolicy(
                "{ name: a, match: [{ remote: [192.0.2.1, \"2001:db8::1\"], remote-port: [80, 443] }, { dscp: 46 }], pin: 9 }",
                "{ name: b, match: { flow-label: 5 }, pin: 9 }"
            )
        )
        #expect(rules.map(\.name) == Array(repeating: "a", count: 6) + ["b"])
        #expect(rules.filter { $0.selector.format == 1 }.count == 3)
        #expect(Set(rules.map(\.identifier)).count == 7 && rules.map(\.priority) == rules.map(\.priority).sorted())
    }

    @Test func anchorsNumbersAreItsOwn() throws {
        var numbering = FlowNumbering(.anchor)
        let rules = try PolicyTexts.anchorPolicy("{ name: a, mobile-node: x@y, pin: 9 }", "{ name: b, bond: any }")
        let bindings = numbering.bindings(of: rules, LearntAddresses())
        #expect(bindings.map(\.mobileNode) == [NodeIdentifier(nai: "x@y"), NodeIdentifier(nai: "x@y"), nil, nil])
        #expect(bindings.allSatisfy { $0.rule.isAnchors && $0.rule.priority >= FlowRule.firstOfAnchor })
    }

    @Test func namesThatNobodyKnowsMatchNothing() throws {
        let rules = try PolicyTexts.gatewayPolicy(
            "{ name: tv, match: { terminal: tv }, pin: 9 }",
            "{ name: video, match: { domain: \"*.a.example\" }, pin: 11 }"
        )
        #expect(bindings(rules).isEmpty)
        var learnt = LearntAddresses()
        learnt.terminals[.name("tv")] = [.v4(IPv4Address(10, 20, 0, 7))]
        learnt.domains[try #require(DomainPattern("*.a.example"))] = [try #require(IPAddress("2001:db8::7"))]
        var (tv, video) = (IPv4TrafficSelector(), IPv6TrafficSelector())
        tv.destinationAddresses = SelectorRange(IPv4Address(10, 20, 0, 7))
        video.sourceAddresses = SelectorRange(try #require(IPv6Address("2001:db8::7")))
        #expect(bindings(rules, learnt).map(\.selector) == [.ipv4(tv), .ipv6(video)])
    }

    /// So that the peer is told of what has changed and of nothing else.
    @Test func numbersStayWithWhatStays() throws {
        var numbering = FlowNumbering(.gateway(labels: [9, 11]))
        let tv = "{ name: tv, match: { terminal: tv }, pin: 9 }"
        let (voice, rest) = ("{ name: voice, match: { dscp: 46 }, pin: 9 }", "{ name: rest, bond: any }")
        var learnt = LearntAddresses()
        learnt.terminals[.name("tv")] = [.v4(IPv4Address(10, 20, 0, 7))]
        let rules = try PolicyTexts.gatewayPolicy(tv, voice, rest)
        let first = numbering.bindings(of: rules, learnt)
        learnt.terminals[.name("tv")] = [.v4(IPv4Address(10, 20, 0, 7)), .v4(IPv4Address(10, 20, 0, 8))]
        let second = numbering.bindings(of: rules, learnt)
        #expect(second.count == first.count + 1 && Set(first).isSubset(of: second))
        learnt.terminals[.name("tv")] = [.v4(IPv4Address(10, 20, 0, 8))]
        let third = numbering.bindings(of: rules, learnt)
        #expect(Set(third).isStrictSubset(of: second))
        // Another order has other priorities, but the bindings are the same ones.
        let fourth = numbering.bindings(of: try PolicyTexts.gatewayPolicy(rest, voice, tv), learnt)
        let identifiers = { (rules: [NodeFlowRule]) in
            Dictionary(uniqueKeysWithValues: rules.map { ($0.rule.selector, $0.rule.identifier) })
        }
        #expect(identifiers(fourth) == identifiers(third))
        #expect(fourth.map(\.rule.name) == ["rest", "rest", "voice", "voice", "tv"])
        #expect(numbering.leftOut == 0)
    }

    @Test func learntAddressesTakeNoRoomOfWrittenOnes() throws {
        let rules = try PolicyTexts.gatewayPolicy(
            "{ name: video, match: { domain: \"*.a.example\" }, pin: 11 }",
            "{ name: rest, pin: 9 }"
        )
        var learnt = LearntAddresses()
        let pattern = try #require(DomainPattern("*.a.example"))
        learnt.domains[pattern] = Set((0..<300).map { .v4(IPv4Address(0x0A00_0000 + UInt32($0))) })
        var numbering = FlowNumbering(.gateway(labels: [9, 11]))
        let all = numbering.bindings(of: rules, learnt)
        #expect(all.count == FlowNumbering.limit && all.suffix(2).allSatisfy { $0.rule.name == "rest" })
        #expect(numbering.leftOut > 0)
    }

    @Test func changesAreTold() throws {
        var policy = CurrentPolicy(
            try PolicyTexts.gatewayPolicy("{ name: a, pin: 9 }", "{ name: b, pin: 9 }", "{ name: c, pin: 9 }"),
            of: .gateway(labels: [9, 11])
        )
        #expect(policy.file == nil)
        let changes = policy.replace(
            by: try PolicyTexts.gatewayPolicy("{ name: c, pin: 9 }", "{ name: a, pin: 11 }", "{ name: d, pin: 9 }"),
            from: "new.yaml"
        )
        #expect(
            changes == [
                RuleChange("c", .moved), RuleChange("a", .changed), RuleChange("d", .added), RuleChange("b", .removed),
            ]
        )
        #expect(policy.file == "new.yaml" && policy.bindings.map(\.rule.name) == ["c", "c", "a", "a", "d", "d"])
        let bindings = policy.bindings
        #expect(policy.replace(by: policy.rules, from: "new.yaml").allSatisfy { $0.kind == .kept })
        #expect(policy.bindings == bindings)
    }

    @Test(arguments: [
        ("example.net", "example.net", true), ("example.net", "www.example.net", false),
        ("*.example.net", "www.example.net", true), ("*.example.net", "a.b.example.net", true),
        ("*.example.net", "example.net", false), ("*.example.net", "badexample.net", false),
        ("*.Example.NET.", "x.example.net", true),
    ])
    func patternsOfNames(_ pattern: String, _ name: String, _ matches: Bool) throws {
        #expect(try #require(DomainPattern(pattern)).matches(name) == matches)
    }
}
