// SPDX-License-Identifier: Apache-2.0
import Daemon
import Testing
import Wire

/// What a gateway is told of its access links and of the nodes that come there.
@Suite struct AccessConfigurationTests {
    private static func text(_ access: String, logical: String = "", identifier: String = "mag1@example.net") -> String
    {
        """
        mag:
          identifier: \(identifier)
          anchor: { addresses: { ipv4: 192.0.2.1 }, authentication: none }
          wans:
            - { interface: wan1, binding-identifier: 1, label: 0, access-technology: ethernet, family: ipv4 }
          \(logical)
          \(access)

        """
    }

    private func gateway(_ text: String) throws -> GatewayConfiguration {
        guard case .gateway(let gateway) = try ConfigurationFile.parse(text, file: "gateway.yaml") else {
            throw ConfigurationError(file: "gateway.yaml", line: nil, keyPath: "", problem: "is no gateway")
        }
        return gateway
    }

    @Test func nodesNeedNoSiteBesideThem() throws {
        let gateway = try gateway(
            Self.text(
                """
                access: [ { interface: acc0, access-technology: wlan, dns: [192.0.2.53], probe-after: 5s } ]
                  mobile-nodes:
                    - { identifier: a@example.net, mac: "02:00:5e:10:00:01", ipv4: true }
                    - { identifier: b@example.net, mac: "02:00:5e:10:00:02" }
                """
            )
        )
        #expect(gateway.mobileNode == nil && gateway.lans.isEmpty)
        let link = try #require(gateway.accessLinks.first)
        #expect(link.interface == "acc0" && link.accessTechnology == .wlan && link.quietTime == .seconds(5))
        #expect(link.hasFixedLinkLayerAddress && link.unknownNodes == nil && link.leaseTime == .seconds(3600))
        #expect(gateway.mobileNodes.map(\.families) == [[.ipv4, .ipv6], [.ipv6]])
        #expect(gateway.mobileNodes.map(\.identifier) == ["a@example.net", "b@example.net"])
    }

    @Test func dhcpServerElsewhereIsNamedByTheLink() throws {
        func relay(_ text: String) throws -> DHCPRelayConfiguration? {
            try gateway(Self.text("access: [ { interface: acc0\(text) } ]\n  \(Self.node)")).accessLinks.first?.relay
        }
        #expect(try relay("") == nil)
        let alone = try #require(try relay(", dhcp-relay: { server: 192.0.3.80 }"))
        #expect(alone.server == IPv4Address(192, 0, 3, 80) && alone.address == nil)
        let both = try #require(try relay(", dhcp-relay: { server: 192.0.3.80, address: 198.51.100.2 }"))
        #expect(both.address == IPv4Address(198, 51, 100, 2))
    }

    @Test func unknownNodesAreOfTheGatewaysRealmUnlessTheyHaveTheirOwn() throws {
        let register = "unknown-nodes: register"
        let own = try gateway(Self.text("access: [ { interface: acc0, \(register), ipv4: true } ]"))
        #expect(own.accessLinks.first?.unknownNodes?.realm == "example.net")
        #expect(own.accessLinks.first?.unknownNodes?.families == [.ipv4, .ipv6])
        let other = try gateway(Self.text("access: [ { interface: acc0, \(register), realm: nodes.example.org } ]"))
        #expect(other.accessLinks.first?.unknownNodes?.realm == "nodes.example.org")
    }

    private static let node = #"mobile-nodes: [ { identifier: a@example.net, mac: "02:00:5e:10:00:01" } ]"#

    @Test(arguments: [
        ("", "", "gateway.yaml:2: mag: the key mobile-node is missing; or give access, a list of links for nodes"),
        (
            node, "",
            "gateway.yaml:7: mag.mobile-nodes: there is no link for them; mag.access names the links that nodes come to"
        ),
        (
            "access: [ { interface: acc0 } ]", "",
            "gateway.yaml:7: mag.access: nobody would be served; name the nodes in mag.mobile-nodes, or set unknown-nodes: register"
        ),
        (
            "access: [ { interface: wan1 } ]", "",
            "gateway.yaml:7: mag.access[0]: the interface wan1 has another purpose already"
        ),
        (
            "access: [ { interface: acc0 }, { interface: acc0 } ]", "",
            "gateway.yaml:7: mag.access[1]: the interface acc0 has another purpose already"
        ),
        (
            "access: [ { interface: acc0, realm: example.net } ]", "",
            "gateway.yaml:7: mag.access[0].realm: is about unknown nodes; with unknown-nodes: register they are served"
        ),
        (
            "access: [ { interface: acc0, unknown-nodes: maybe } ]", "",
            "gateway.yaml:7: mag.access[0].unknown-nodes: \"maybe\" is not one of ignore, register"
        ),
        (
            "access: [ { interface: acc0, dhcp-relay: { address: 192.0.2.1 } } ]", "",
            "gateway.yaml:7: mag.access[0].dhcp-relay: the key server is missing"
        ),
        (
            "access: [ { interface: acc0, dhcp-relay: { server: 224.0.0.1 } } ]", "",
            "gateway.yaml:7: mag.access[0].dhcp-relay.server: 224.0.0.1 is not a unicast address"
        ),
        (
            "access: [ { interface: acc0, dhcp-relay: { server: 192.0.2.1 } } ]",
            "mobile-node: { identifier: s@example.net }\n  lan: { interface: lan0, dhcp: {} }",
            "gateway.yaml:8: mag.access[0]: dhcp-relay cannot stand beside mag.lan.dhcp; relay and server need the same port of this machine"
        ),
        (
            "access: [ { interface: acc0 } ]\n  \(node)", "lan: { interface: lan0 }",
            "gateway.yaml:6: mag.lan: has no mobile node; mag.mobile-node is the site's"
        ),
        (
            "access: [ { interface: acc0 } ]\n  \(node)", "mobile-node: { identifier: a@example.net }",
            "gateway.yaml:8: mag.mobile-nodes[0]: \"a@example.net\" is there already"
        ),
        (
            "access: [ { interface: acc0 } ]\n"
                + #"  mobile-nodes: [ { identifier: a@x, mac: "02:00:5e:10:00:01", ipv6: false } ]"#, "",
            "gateway.yaml:8: mag.mobile-nodes[0]: has neither ipv4 nor ipv6; a node needs one of them at least"
        ),
        (
            "access: [ { interface: acc0 } ]\n"
                + #"  mobile-nodes: [ { identifier: a@x, mac: "02:00:5e:10:00:01" }, { identifier: b@x, mac: "02:00:5e:10:00:01" } ]"#,
            "", "gateway.yaml:8: mag.mobile-nodes[1]: the mac 02:00:5e:10:00:01 belongs to a@x already"
        ),
    ])
    func mistakeIsNamed(access: String, logical: String, expected: String) {
        let error = #expect(throws: ConfigurationError.self) {
            try gateway(Self.text(access, logical: logical))
        }
        #expect(error?.description == expected)
    }

    @Test func realmIsMissedWhereTheGatewayHasNone() {
        let error = #expect(throws: ConfigurationError.self) {
            try gateway(
                Self.text("access: [ { interface: acc0, unknown-nodes: register } ]", identifier: "mag1")
            )
        }
        #expect(error?.problem == "the key realm is missing")
    }
}
