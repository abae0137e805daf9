// SPDX-License-Identifier: Apache-2.0
import Daemon
import Mobility
import Testing
import Wire

/// `mag.anchors`: several anchors, and names to look up.
@Suite struct AnchorsConfigurationTests {
    private static let text = """
        mag:
          identifier: mag1@example.net
          authentication: { spi: 256, key: ab0102030405060708090a0b0c0d0e0f, algorithm: hmac-sha256-128 }
          anchors:
            - { name: lma1.example.net }
            - { addresses: ["2001:db8:100::1", 192.0.2.1], authentication: none }
          clock: own
          mobile-node: { identifier: cpe1@example.net }
          wans:
            - { interface: wan1, binding-identifier: 1, label: 0, access-technology: ethernet, family: ipv4 }

        """

    private func gateway(_ text: String) throws -> GatewayConfiguration? {
        guard case .gateway(let gateway) = try ConfigurationFile.parse(text, file: "g.yaml") else { return nil }
        return gateway
    }

    @Test func anchorsStandInTheirOrder() throws {
        let settings = GatewaySettings(try #require(try gateway(Self.text)), restartCounter: 1)
        #expect(settings.anchors.map(\.name) == ["lma1.example.net", "2001:db8:100::1 and 192.0.2.1"])
        #expect(settings.anchors.map(\.addresses.count) == [0, 2])
        #expect(settings.anchors.map { $0.authentication == .none } == [false, true])
        #expect(settings.anchors.map(\.clock) == [.own, .own])
    }

    @Test func clockOfAnAnchorThatIsPlaitIsFollowed() throws {
        let text = Self.text.replacing("  clock: own\n", with: "")
        let settings = GatewaySettings(try #require(try gateway(text)), restartCounter: 1)
        #expect(settings.anchors.map(\.clock) == [.followAnchor, .own])
    }

    @Test func whatElseConcernsAnchorsIsRead() throws {
        let more = "redirect: true\n  break-out: no-anchor\n  heartbeat: { interval: 30s, missing-allowed: 2 }"
        let text = Self.text.replacing("clock: own", with: more)
        let settings = GatewaySettings(try #require(try gateway(text)), restartCounter: 1)
        #expect(settings.acceptsRedirection && settings.breakOut == .noAnchor)
        #expect(settings.heartbeatInterval == .seconds(30) && settings.missingHeartbeatsAllowed == 2)
        let usual = GatewaySettings(try #require(try gateway(Self.text)), restartCounter: 1)
        #expect(!usual.acceptsRedirection && usual.breakOut == .never)
        #expect(usual.heartbeatInterval == .seconds(60) && usual.missingHeartbeatsAllowed == 3)
    }

    @Test func oneAnchorMayBeASectionOfItsOwn() throws {
        let least = try #require(try gateway(ConfigurationTexts.leastGateway))
        #expect(least.anchors.map(\.addresses) == [[try #require(IPAddress("192.0.2.1"))]])
    }

    @Test(arguments: [
        (
            "- { name: lma1.example.net }", "- {}",
            "5: mag.anchors[0]: has neither name nor addresses; "
                + "either tells where the anchor is"
        ),
        (
            "name: lma1.example.net", "name: 192.0.2.7",
            "5: mag.anchors[0].name: 192.0.2.7 is an address; "
                + "give it in addresses"
        ),
        ("lma1.example.net", "lma/1", "5: mag.anchors[0].name: \"lma/1\" is not a host's name"),
        (
            "name: lma1", "nam: lma1",
            "5: mag.anchors[0].nam: unknown key; did you mean name? allowed here: "
                + "name, addresses, authentication, compatibility"
        ),
        (
            "\"2001:db8:100::1\"", "192.0.2.2",
            "6: mag.anchors[1].addresses[1]: 192.0.2.2 is of the same family; "
                + "an anchor has one address of each at most"
        ),
        ("\"2001:db8:100::1\"", "lma2", "6: mag.anchors[1].addresses[0]: \"lma2\" is not an address"),
        (
            "\"2001:db8:100::1\"", "\"fe80::1\"",
            "6: mag.anchors[1].addresses[0]: "
                + "fe80::1 is not a unicast address beyond a link"
        ),
        (
            "[\"2001:db8:100::1\", 192.0.2.1]", "[]",
            "6: mag.anchors[1].addresses: the list is empty; "
                + "it needs at least 1"
        ),
        (
            "{ addresses: [\"2001:db8:100::1\", 192.0.2.1], authentication: none }", "{ name: lma1.example.net }",
            "6: mag.anchors[1]: the anchor lma1.example.net is there already"
        ),
        (
            "    - { name: lma1.example.net }\n    - { addresses: [\"2001:db8:100::1\", 192.0.2.1], authentication: none }",
            "    []", "5: mag.anchors: the list is empty; it needs at least 1"
        ),
        (
            "    - { name: lma1.example.net }\n    - { addresses: [\"2001:db8:100::1\", 192.0.2.1], authentication: none }",
            "    - { addresses: [\"2001:db8:100::1\"] }",
            "9: mag.wans[0]: the anchor has no IPv4 address; give one in mag.anchor.addresses"
        ),
        (
            "  anchors:\n", "  anchor: { addresses: { ipv4: 192.0.2.1 } }\n  anchors:\n",
            "6: mag.anchors: is there beside anchor; put that one into the list"
        ),
        (
            "  authentication: { spi: 256, key: ab0102030405060708090a0b0c0d0e0f, algorithm: hmac-sha256-128 }\n", "",
            "4: mag.anchors[0]: the key authentication is missing; give spi and key, or say authentication: none"
        ),
        ("clock: own", "redirect: 7", "7: mag.redirect: \"7\" is not one of true, false"),
        ("clock: own", "break-out: always", "7: mag.break-out: \"always\" is not one of never, no-anchor"),
        (
            "clock: own", "heartbeat: { interval: 29s }",
            "7: mag.heartbeat.interval: 29s is out of range; from 30s to 1h"
        ),
        (
            "clock: own", "heartbeat: { missing-allowed: 0 }",
            "7: mag.heartbeat.missing-allowed: 0 is out of range; from 1 to 100"
        ),
        ("clock: own", "clock: theirs", "7: mag.clock: \"theirs\" is not one of own, follow-anchor"),
    ])
    func faultIsNamedWithItsPlace(original: String, replacement: String, expected: String) throws {
        let text = Self.text.replacing(original, with: replacement)
        #expect(text != Self.text)
        let error = #expect(throws: ConfigurationError.self) { try ConfigurationFile.parse(text, file: "g.yaml") }
        #expect(error?.description == "g.yaml:\(expected)")
    }

    @Test func gatewayWithoutAnAnchorIsNone() {
        let text = ConfigurationTexts.leastGateway.split(separator: "\n").filter { !$0.contains("anchor:") }
            .joined(separator: "\n")
        let error = #expect(throws: ConfigurationError.self) { try ConfigurationFile.parse(text, file: "g.yaml") }
        #expect(error?.description == "g.yaml:2: mag: the key anchor is missing; or give anchors, a list")
    }
}
