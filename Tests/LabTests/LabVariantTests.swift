// SPDX-License-Identifier: Apache-2.0
import Lab
import Testing

struct LabVariantTests {
    @Test func `WANs are named as elsewhere`() throws {
        #expect(try LabVariant.numbers("", key: "nat") == [])
        #expect(try LabVariant.numbers("wan2", key: "nat") == [2])
        #expect(try LabVariant.numbers("wan1,wan2", key: "nat") == [1, 2])
        for text in ["wan3", "wan1,", "1"] {
            let error = #expect(throws: SettingError.self) { try LabVariant.numbers(text, key: "nat") }
            #expect(error?.key == "nat")
        }
    }

    @Test func `wishes that exclude one another are refused`() throws {
        var variant = LabVariant()
        try variant.check()
        variant.hasSameSubnets = true
        #expect(throws: SettingError.self) { try variant.check() }
        variant.translated = [1, 2]
        try variant.check()
        variant.hasOneDefaultRoute = true
        #expect(throws: SettingError.self) { try variant.check() }
        variant.isDynamic = true
        variant.sites = 3
        #expect(throws: SettingError.self) { try variant.check() }
    }

    @Test func `private subnets differ by WAN unless they are to be the same, and always by site`() {
        var variant = LabVariant()
        variant.translated = [1, 2]
        let numbered = { (number, site) in AccessNetwork(number: number, site: site, variant: variant).ipv4 }
        #expect(numbered(1, 1) == "192.168.1.")
        #expect(numbered(2, 1) == "192.168.2.")
        variant.hasSameSubnets = true
        #expect(numbered(2, 1) == "192.168.1.")
        #expect(numbered(2, 2) == "192.168.11.")
    }
}
