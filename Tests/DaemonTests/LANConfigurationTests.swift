// SPDX-License-Identifier: Apache-2.0
import Daemon
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
        #expect(only.first?.delegate?.leaseTime == .seconds(3600))
    }
}
