// SPDX-License-Identifier: Apache-2.0
import Testing
import Wire

@Suite struct AddressTests {
    @Test(arguments: [
        "0.0.0.0", "1.2.3.4", "127.0.0.1", "192.0.2.255", "255.255.255.255", "10.20.40.5", "100.64.0.1",
    ])
    func ipv4TextBothWays(text: String) throws {
        let address = try #require(IPv4Address(text))
        #expect(address.description == text)
        #expect(IPAddress(text) == .v4(address))
        #expect(address.octets.map { String($0) }.joined(separator: ".") == text)
    }

    @Test(arguments: [
        "", ".", "1", "1.2.3", "1.2.3.4.5", "1.2.3.256", "01.2.3.4", "1.2.3.04", "1.2.3.4 ", " 1.2.3.4", "1..3.4",
        "1.2.3.-4", "+1.2.3.4", "1.2.3.4/8", "0x1.2.3.4", "a.b.c.d", "1.2.3.1000", "١.٢.٣.٤",
    ])
    func ipv4TextRefused(text: String) { #expect(IPv4Address(text) == nil) }

    /// Canonical text (RFC 5952) on the right.
    @Test(arguments: [
        ("::", "::"), ("::1", "::1"), ("1::", "1::"), ("2001:db8::", "2001:db8::"),
        ("2001:0DB8:0000:0000:0000:0000:0000:0001", "2001:db8::1"), ("2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"),
        ("2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"), ("2001:db8::0:1", "2001:db8::1"),
        ("2001:0:0:1:0:0:0:1", "2001:0:0:1::1"), ("0:0:0:0:0:0:0:0", "::"), ("1:0:0:0:0:0:0:0", "1::"),
        ("0:1:0:1:0:1:0:1", "0:1:0:1:0:1:0:1"), ("1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:0"),
        ("::2:3:4:5:6:7:8", "0:2:3:4:5:6:7:8"), ("1::3:4:5:6:7:8", "1:0:3:4:5:6:7:8"), ("FE80::ABCD", "fe80::abcd"),
        ("::ffff:192.0.2.1", "::ffff:192.0.2.1"), ("::ffff:c000:201", "::ffff:192.0.2.1"),
        ("64:ff9b::192.0.2.33", "64:ff9b::c000:221"), ("1:2:3:4:5:6:1.2.3.4", "1:2:3:4:5:6:102:304"),
        ("ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"),
        ("2001:db8:aaaa:bbbb:cccc:dddd:eeee:1", "2001:db8:aaaa:bbbb:cccc:dddd:eeee:1"),
        ("0:0:1::", "0:0:1::"), ("::1:0:0", "::1:0:0"), ("1:0:0:2:0:0:3:4", "1::2:0:0:3:4"),
    ])
    func ipv6TextBothWays(text: String, canonical: String) throws {
        let address = try #require(IPv6Address(text))
        #expect(address.description == canonical)
        #expect(IPv6Address(canonical) == address)
        #expect(IPv6Address(octets: address.octets) == address)
    }

    @Test(arguments: [
        "", ":", ":::", "1", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9", "1::2::3", "::1::", ":1:2:3:4:5:6:7",
        "1:2:3:4:5:6:7:", "1:2:3:4:5:6:7:8::", "::1:2:3:4:5:6:7:8", "12345::", "g::", "fe80::1%eth0", " ::1", "::1 ",
        "1.2.3.4", "::1.2.3", "::1.2.3.4.5", "1.2.3.4::", "::1.2.3.4:5", "1:2:3:4:5:6:7:1.2.3.4", "::256.1.1.1",
        "+1::", "-1::", "::/0", "[::1]", "1:2:3:4:5:6:1.2.3.4::", "::ffff:01.2.3.4", "::１",
    ])
    func ipv6TextRefused(text: String) { #expect(IPv6Address(text) == nil) }

    @Test func randomAddressesSurviveTheirText() {
        var generator = SeededGenerator()
        for index in 0..<1000 {
            // Groups of zeros often enough to be shortened.
            let octets = (0..<8).flatMap { _ in
                Bool.random(using: &generator) ? [0, 0] : generator.octets(2)
            }
            let address = IPv6Address(octets: octets) ?? .zero
            #expect(IPv6Address(address.description) == address, "seed \(generator.seed), case \(index)")
            let four = IPv4Address(UInt32.random(in: 0...UInt32.max, using: &generator))
            #expect(IPv4Address(four.description) == four, "seed \(generator.seed), case \(index)")
        }
    }

    @Test func randomTextNeverTraps() {
        var generator = SeededGenerator()
        let characters = Array("0123456789abcdefF:::..//%g ")
        for _ in 0..<1000 {
            let count = Int.random(in: 0...24, using: &generator)
            let text = String((0..<count).map { _ in characters.randomElement(using: &generator) ?? ":" })
            if let address = IPAddress(text) { #expect(IPAddress(address.description) == address, "\(text)") }
            if let prefix = IPPrefix(text) { #expect(IPPrefix(prefix.description) == prefix, "\(text)") }
        }
    }

    @Test func addressesKnowWhatTheyAre() throws {
        #expect(IPv6Address("::")?.isUnspecified == true)
        #expect(IPv6Address("ff02::1") == .allNodes && IPv6Address("ff02::2") == .allRouters)
        #expect(IPv6Address.allNodes.isMulticast)
        for text in ["fe80::1", "febf:ffff::1"] { #expect(IPv6Address(text)?.isLinkLocal == true) }
        for text in ["fec0::1", "fe7f::1", "2001:db8::1"] { #expect(IPv6Address(text)?.isLinkLocal == false) }
        for text in ["::", "::1", "ff05::2", "fe80::1"] { #expect(IPv6Address(text)?.isRoutableUnicast == false) }
        #expect(IPv6Address("2001:db8::1")?.isRoutableUnicast == true)
        for text in ["0.0.0.0", "0.1.2.3", "127.0.0.1", "224.0.0.1", "240.0.0.1", "255.255.255.255"] {
            #expect(IPAddress(text)?.isRoutableUnicast == false)
        }
        #expect(IPAddress("198.51.100.2")?.isRoutableUnicast == true)
        #expect(IPAddress("192.0.2.1")?.mappedToIPv6.description == "::ffff:192.0.2.1")
        #expect(IPv6Address(octets: [UInt8](repeating: 0, count: 15)) == nil)
        let (low, high) = (try #require(IPv6Address("1::2")), try #require(IPv6Address("2::1")))
        #expect(low < high && !(high < low))
    }

    @Test func linkLayerAddressesAreSixOctets() {
        #expect(LinkLayerAddress(octets: [2, 0, 0x5E, 0, 0x53, 1])?.description == "02:00:5e:00:53:01")
        #expect(LinkLayerAddress(octets: [2, 0, 0x5E, 0, 0x53, 1])?.octets == [2, 0, 0x5E, 0, 0x53, 1])
        #expect(LinkLayerAddress(octets: [1, 2, 3, 4, 5]) == nil)
    }
}

@Suite struct PrefixTests {
    private func prefix(_ text: String) throws -> IPPrefix { try #require(IPPrefix(text), "\(text)") }
    private func address(_ text: String) throws -> IPAddress { try #require(IPAddress(text), "\(text)") }

    @Test(arguments: ["::/0", "2001:db8::/32", "2001:db8::1/128", "0.0.0.0/0", "10.20.40.16/28", "192.0.2.1/32"])
    func textBothWays(text: String) throws { #expect(try prefix(text).description == text) }

    @Test(arguments: [
        "", "/", "::", "::/", "/0", "::/129", "10.0.0.0/33", "2001:db8::1/64", "10.0.0.1/24", "::/-1", "::/+1",
        "::/0/0", "10.0.0.0/08", "::/ 0", "x/8", "::/99999999999999999999",
    ])
    func textRefused(text: String) { #expect(IPPrefix(text) == nil) }

    @Test func hostBitsAreCleared() throws {
        #expect(IPPrefix(try address("2001:db8:1234:5678::1"), length: 56)?.description == "2001:db8:1234:5600::/56")
        #expect(IPPrefix(try address("10.255.255.255"), length: 12)?.description == "10.240.0.0/12")
        for length in [-1, 33, Int.max, Int.min] { #expect(IPPrefix(.v4(.zero), length: length) == nil) }
        #expect(IPPrefix(.v6(.zero), length: 129) == nil)
    }

    @Test func containsEverythingInsideAndNothingBeside() throws {
        let net = try prefix("2001:db8:1:ff00::/56")
        #expect(net.contains(try address("2001:db8:1:ffff:ffff:ffff:ffff:ffff")))
        #expect(!net.contains(try address("2001:db8:2::")))
        #expect(!net.contains(try address("2001:db8:1:feff:ffff:ffff:ffff:ffff")))
        #expect(!net.contains(try address("10.0.0.1")))
        #expect(try prefix("::/0").contains(try address("ffff::")))
        #expect(!(try prefix("::/0").contains(try address("1.2.3.4"))))
        #expect(try prefix("0.0.0.0/0").contains(try address("255.255.255.255")))
        #expect(try prefix("2001:db8::/65").contains(try address("2001:db8::7fff:ffff:ffff:ffff")))
        #expect(!(try prefix("2001:db8::/65").contains(try address("2001:db8::8000:0:0:0"))))
        #expect(IPPrefix(host: try address("10.0.0.1")).contains(try address("10.0.0.1")))
        #expect(!IPPrefix(host: try address("10.0.0.1")).contains(try address("10.0.0.2")))
    }

    @Test func prefixesContainAndOverlap() throws {
        let (big, small) = (try prefix("2001:db8::/32"), try prefix("2001:db8:1::/48"))
        #expect(big.contains(small) && !small.contains(big) && big.contains(big))
        #expect(big.overlaps(small) && small.overlaps(big))
        #expect(!small.overlaps(try prefix("2001:db8:2::/48")))
        #expect(!(try prefix("::/0").overlaps(try prefix("0.0.0.0/0"))))
    }

    @Test(
        arguments: [
            ("2001:db8:5600::/48", 56, 0, "2001:db8:5600::/56"),
            ("2001:db8:5600::/48", 56, 255, "2001:db8:5600:ff00::/56"),
            ("2001:db8::/32", 64, 0xFFFF_FFFF, "2001:db8:ffff:ffff::/64"), ("2001:db8::/64", 64, 0, "2001:db8::/64"),
            ("2001:db8::/60", 68, 0xFF, "2001:db8:0:f:f000::/68"), ("2001:db8::/64", 128, 5, "2001:db8::5/128"),
            ("2001:db8::/64", 128, .max, "2001:db8::ffff:ffff:ffff:ffff/128"),
            ("::/0", 100, .max, "::fff:ffff:ffff:ffff:f000:0/100"),
            ("::/0", 0, 0, "::/0"), ("::/0", 128, 1, "::1/128"), ("10.0.0.0/8", 24, 0xFFFF, "10.255.255.0/24"),
            ("0.0.0.0/0", 32, 0xFFFF_FFFF, "255.255.255.255/32"), ("10.0.0.1/32", 32, 0, "10.0.0.1/32"),
            ("0.0.0.0/0", 0, 0, "0.0.0.0/0"),
        ] as [(String, Int, UInt64, String)]
    )
    func subprefixAtItsPlace(whole: String, length: Int, index: UInt64, expected: String) throws {
        let sub = try prefix(whole).subprefix(length: length, at: index)
        #expect(sub?.description == expected)
        #expect(try sub.map { try prefix(whole).contains($0) } == true)
    }

    @Test(
        arguments: [
            ("2001:db8:5600::/48", 56, 256), ("2001:db8::/64", 64, 1), ("2001:db8::/64", 63, 0), ("::/0", 129, 0),
            ("10.0.0.0/8", 24, 0x1_0000), ("10.0.0.1/32", 32, 1), ("0.0.0.0/0", 33, 0),
            ("0.0.0.0/0", 32, 0x1_0000_0000),
            ("::/65", 128, 0x8000_0000_0000_0000), ("::/0", Int.min, 0), ("::/0", Int.max, 0),
        ] as [(String, Int, UInt64)]
    )
    func subprefixThatDoesNotExist(whole: String, length: Int, index: UInt64) throws {
        #expect(try prefix(whole).subprefix(length: length, at: index) == nil)
    }

    @Test func addressAtItsPlace() throws {
        #expect(try prefix("10.0.0.0/30").address(at: 3)?.description == "10.0.0.3")
        #expect(try prefix("10.0.0.0/30").address(at: 4) == nil)
        #expect(try prefix("255.255.255.252/30").address(at: 4) == nil, "beyond the last address of all")
        #expect(try prefix("10.0.0.0/8").address(at: .max) == nil)
        #expect(try prefix("2001:db8::/64").address(at: .max)?.description == "2001:db8::ffff:ffff:ffff:ffff")
        #expect(try prefix("2001:db8::8000:0:0:0/65").address(at: .max) == nil)
        #expect(try prefix("ffff:ffff:ffff:ffff:8000::/65").address(at: .max) == nil)
        #expect(try prefix("::1/128").address(at: 0)?.description == "::1")
    }
}
