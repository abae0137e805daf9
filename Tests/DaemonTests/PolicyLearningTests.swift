// SPDX-License-Identifier: Apache-2.0
import Daemon
import LinuxIO
import Mobility
import Testing
import Wire

/// What a gateway makes of the names in its policy.
@Suite struct PolicyLearningTests {
    private func response(_ name: String, _ addresses: [IPv4Address], seconds: UInt8 = 60) throws -> DNSResponse {
        var labels: [UInt8] = []
        for label in name.split(separator: ".") {
            labels.append(UInt8(label.utf8.count))
            labels += Array(label.utf8)
        }
        var records: [UInt8] = []
        for address in addresses {
            records += [0xC0, 12, 0, 1, 0, 1, 0, 0, 0, seconds, 0, 4]
            records += address.octets
        }
        let header: [UInt8] = [0, 1, 0x81, 0x80, 0, 1, 0, UInt8(addresses.count), 0, 0, 0, 0]
        let end: [UInt8] = [0, 0, 1, 0, 1]
        return try DNSResponse(decoding: header + labels + end + records)
    }

    private func pattern(_ text: String) throws -> DomainPattern { try #require(DomainPattern(text)) }

    @Test func onlyNamesOfThePolicyAreRemembered() throws {
        var names = ResolvedNames()
        let (one, all) = (try pattern("video.example"), try pattern("*.cdn.example"))
        names.follow([one, all])
        let now = Instant.zero
        let (first, second) = (IPv4Address(192, 0, 2, 1), IPv4Address(192, 0, 2, 2))
        names.learn(try response("VIDEO.example", [first]), at: now)
        names.learn(try response("a.cdn.example", [first, second]), at: now)
        names.learn(try response("other.example", [second]), at: now)
        #expect(names.addresses == [one: [.v4(first)], all: [.v4(first), .v4(second)]])
        names.follow([all])
        #expect(names.addresses == [all: [.v4(first), .v4(second)]])
    }

    /// Hosts use what they have longer than they may.
    @Test func addressesAreForgottenAfterFiveMinutesAtTheEarliest() throws {
        var names = ResolvedNames()
        let name = try pattern("a.example")
        names.follow([name])
        #expect(names.nextDeadline == nil)
        names.learn(try response("a.example", [IPv4Address(192, 0, 2, 1)], seconds: 0), at: .zero)
        #expect(names.nextDeadline == .zero + .seconds(300))
        names.learn(try response("a.example", [IPv4Address(192, 0, 2, 1)], seconds: 0), at: .zero + .seconds(100))
        #expect(names.nextDeadline == .zero + .seconds(400))
        names.expire(at: .zero + .seconds(399))
        #expect(names.addresses[name]?.count == 1)
        names.expire(at: .zero + .seconds(400))
        #expect(names.addresses == [name: []])
    }

    @Test func aNameHasBoundedAddressesAndTheNewestStay() throws {
        var names = ResolvedNames()
        let name = try pattern("*.a.example")
        names.follow([name])
        for number in 0..<100 as Range<UInt8> {
            let answer = try response("x\(number).a.example", [IPv4Address(192, 0, 2, number)])
            names.learn(answer, at: .zero + .seconds(Int64(number)))
        }
        #expect(names.addresses[name]?.count == ResolvedNames.limit)
        #expect(names.addresses[name]?.contains(.v4(IPv4Address(192, 0, 2, 99))) == true)
        #expect(names.addresses[name]?.contains(.v4(IPv4Address(192, 0, 2, 0))) == false)
    }

    /// Neither can be a correspondent's, and a rule about them would be about somebody else's packets.
    @Test func addressesThatNoHostCanHaveAreNotTaken() throws {
        var names = ResolvedNames()
        let name = try pattern("a.example")
        names.follow([name])
        names.learn(
            try response("a.example", [IPv4Address(127, 0, 0, 1), IPv4Address(224, 0, 0, 1), .zero]),
            at: .zero
        )
        #expect(names.addresses == [name: []])
    }

    @Test func terminalsHaveTheAddressesOfTheirLinkLayerAddress() throws {
        let mac = try #require(LinkLayerAddress(octets: [2, 0, 0, 0, 0, 7]))
        let other = try #require(LinkLayerAddress(octets: [2, 0, 0, 0, 0, 8]))
        let leased = IPv4Address(10, 20, 0, 7)
        let hosts = [
            DHCPServer.Host(address: leased, hardware: mac, name: "tv"),
            DHCPServer.Host(address: IPv4Address(10, 20, 0, 8), hardware: other, name: nil),
        ]
        let found = TerminalAddresses([], hosts).addresses(of: [.name("tv"), .linkLayerAddress(other), .name("nas")])
        #expect(
            found == [
                .name("tv"): [.v4(leased)], .linkLayerAddress(other): [.v4(IPv4Address(10, 20, 0, 8))],
                .name("nas"): [],
            ]
        )
    }
}
