import Lab
// SPDX-License-Identifier: Apache-2.0
import Testing

struct HostNumberingTests {
    @Test func `gateway and host are the first two of the delegated prefix`() throws {
        let numbering = try #require(HostNumbering(prefix: "10.20.3.0/24"))
        #expect(numbering.router == "10.20.3.1")
        #expect(numbering.routerWithLength == "10.20.3.1/24")
        #expect(numbering.address == "10.20.3.2/24")
        #expect(HostNumbering(prefix: "10.20.3.128/26")?.address == "10.20.3.130/26")
    }

    @Test(arguments: ["2001:db8:5600::/56", "10.20.3.0", "10.20.3/24", "10.20.3.255/32", ""])
    func `what is no IPv4 prefix with room for two is none`(text: String) {
        #expect(HostNumbering(prefix: text) == nil)
    }
}
