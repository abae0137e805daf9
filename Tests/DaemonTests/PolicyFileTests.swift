// SPDX-License-Identifier: Apache-2.0
import API
import Daemon
import Testing
import Wire

/// Files that set the policy of a running daemon.
@Suite struct PolicyFileTests {
    private static let owner = PolicyOwner.gateway(labels: [9, 11])

    @Test func aFileHasThePolicyAloneOrIsAWholeConfiguration() throws {
        let alone = try PolicyFile.parse("policy:\n  - { name: a, pin: 9 }\n", file: "p.yaml", of: Self.owner)
        let whole = PolicyTexts.gateway(["{ name: a, pin: 9 }"])
        #expect(alone.map(\.name) == ["a"])
        #expect(try PolicyFile.parse(whole, file: "g.yaml", of: Self.owner) == alone)
        #expect(try PolicyFile.parse("policy: []", file: "p.yaml", of: Self.owner).isEmpty)
        #expect(try PolicyFile.parse(ConfigurationTexts.gateway, file: "g.yaml", of: Self.owner).isEmpty)
        let anchor = PolicyTexts.anchor(["{ name: a, mobile-node: x@y, pin: 9 }"])
        #expect(try PolicyFile.parse(anchor, file: "a.yaml", of: .anchor).count == 1)
    }

    @Test(arguments: [
        (
            "policy:\n  - { name: a, pin: 9 }\n  - { name: b, pin: 12 }\n",
            "p.yaml:3: policy[1].pin: no WAN has the label 12"
        ),
        ("plicy: []\n", "p.yaml:1: plicy: unknown key; did you mean policy?"),
        ("policy: []\nmag: {}\n", "p.yaml:2: mag: is there beside policy; give one of them"),
        ("policy: none\n", "p.yaml:1: policy: a single value is not a list"),
        ("policy: [\n", "p.yaml:2: is not YAML: "), ("", "p.yaml: is empty; it needs one of the keys policy, mag"),
        (ConfigurationTexts.leastAnchor, "p.yaml:1: configures the other daemon; it needs one of the keys policy, mag"),
        ("mag: { policy: [] }\n", "p.yaml:1: mag: the key identifier is missing"),
    ])
    func whatIsWrongIsNamed(_ text: String, _ expected: String) {
        let error = #expect(throws: ConfigurationError.self) {
            try PolicyFile.parse(text, file: "p.yaml", of: Self.owner)
        }
        #expect(error?.description.hasPrefix(expected) == true, "\(error?.description ?? "")")
    }
}
