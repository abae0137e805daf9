// SPDX-License-Identifier: Apache-2.0
import Daemon
import Mobility
import Testing
import Wire

@Suite struct LANConfigurationTests {
    private func lans(_ text: String) throws -> [LANConfiguration] {
        let file = ConfigurationTexts.gateway.replacing(
            "lan: { interface: lan0, dns: [\"2001:db8:53::53\"] }",
            with: text
        )
        guard case .gateway(let gateway) = try ConfigurationFile.parse(file, file: "gateway.yaml") else { return [] }
        return gateway.lans
    }

    @Test func severalLANsHaveTheDocumentedDefaults() throws {
        let lans = try lans(
            "lans: [ { interface: lan0 }, { interface: lan1, families: [ipv6], subnet: 15 }, { interface: a } ]"
        )
        #expect(lans.map(\.interface) == ["lan0", "lan1", "a"])
        #expect(lans.map(\.keyPath) == ["mag.lans[0]", "mag.lans[1]", "mag.lans[2]"])
        #expect(lans.map(\.subnet) == [0, 15, 2])
        #expect(lans.map(\.families) == [[.ipv4, .ipv6], [.ipv6], [.ipv4, .ipv6]])
        #expect(lans.allSatisfy { $0.delegate == nil && $0.dhcp == nil && $0.ipv4 == nil })
    }

    @Test func subnetsCountWhereThereIsIPv6Only() throws {
        let lans = try lans("lans: [ { interface: lan0, subnet: 1 }, { interface: lan1, families: [ipv4] } ]")
        #expect(lans.count == 2)
        let only = try self.lans("lan: { interface: lan0, delegate: {} }")
        #expect(only.first?.keyPath == "mag.lan" && only.first?.delegate?.length == 60)
        #expect(only.first?.delegate?.leaseTime == .seconds(3600) && only.first?.delegate?.router == .gateway)
        let relayed = try self.lans("lan: { interface: lan0, delegate: { router: anchor } }")
        #expect(relayed.first?.delegate?.router == .anchor)
    }

    /// The relayed messages need it, whatever the WANs are.
    @Test func anchorThatRoutersAskHasAnIPv6Address() throws {
        let text = ConfigurationTexts.leastGateway.replacing(
            "  wans:",
            with: "  lan: { interface: lan0, delegate: { router: anchor } }\n  wans:"
        )
        let error = #expect(throws: ConfigurationError.self) {
            try ConfigurationFile.parse(text, file: "gateway.yaml")
        }
        let expected =
            "delegate.router is the anchor, but 192.0.2.1 has no IPv6 address; give one in mag.anchor.addresses"
        #expect(error.map { "\($0)" }?.hasSuffix("mag.lan: \(expected)") == true)
    }

    @Test func anchorDelegatesAsItIsTold() throws {
        let text = ConfigurationTexts.anchor.replacing(
            "  distribution:",
            with: "  delegate: { lease: 2h, dns: [\"2001:db8::53\"] }\n  distribution:"
        )
        guard case .anchor(let anchor) = try ConfigurationFile.parse(text, file: "anchor.yaml") else { return }
        #expect(anchor.delegation?.leaseTime == .seconds(7200))
        #expect(anchor.delegation?.address == IPv6Address("2001:db8:100::1"))
        let settings = AnchorSettings(anchor, restartCounter: 1)
        #expect(settings.delegation?.leaseTime == .seconds(7200))
        #expect(settings.delegation?.domainNameServers == [IPv6Address("2001:db8::53")].compactMap(\.self))
        guard case .anchor(let least) = try ConfigurationFile.parse(ConfigurationTexts.leastAnchor, file: "a.yaml")
        else {
            return
        }
        #expect(least.delegation == nil)
    }
}
