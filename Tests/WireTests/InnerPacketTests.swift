// SPDX-License-Identifier: Apache-2.0
import Testing
import Wire

@Suite struct InnerPacketTests {
    private static let a6 = IPv6Address("2001:db8::1") ?? .zero
    private static let b6 = IPv6Address("2001:db8::2") ?? .zero
    private static let ports: [UInt8] = [0x0F, 0xA0, 0x0F, 0xA1, 0, 8, 0, 0]

    private func read(_ octets: [UInt8]) -> InnerPacket? { InnerPacket(octets.span.bytes) }

    private func ipv6(_ next: UInt8, _ payload: [UInt8]) -> [UInt8] {
        IPv6Header(source: Self.a6, destination: Self.b6, nextHeader: next, payloadLength: payload.count).octets
            + payload
    }

    private func ipv4(_ protocolNumber: UInt8, more: Bool = false, offset: Int = 0) -> [UInt8] {
        var header = IPv4Header(
            source: IPv4Address(10, 0, 0, 1),
            destination: IPv4Address(10, 0, 0, 2),
            protocolNumber: protocolNumber,
            payloadLength: 8
        )
        header.moreFragments = more
        header.fragmentOffset = offset
        return header.octets + Self.ports
    }

    @Test(arguments: [UInt8(6), 17]) func portsAreRead(protocolNumber: UInt8) throws {
        for octets in [ipv4(protocolNumber), ipv6(protocolNumber, Self.ports)] {
            let packet = try #require(read(octets))
            #expect((packet.sourcePort, packet.destinationPort) == (4000, 4001))
            #expect(packet.protocolNumber == protocolNumber)
            #expect(packet.transportOffset == octets.count - 8)
            #expect(packet.length == octets.count)
            #expect(!packet.isFragment)
        }
        #expect(read(ipv4(17))?.dontFragment == true)
        #expect(read(ipv4(17))?.isIPv4 == true)
    }

    @Test func otherProtocolsShowNoPorts() {
        for number in [UInt8(1), 47, 50, 51, 58, 132] {
            #expect(read(ipv4(number))?.sourcePort == 0)
            #expect(read(ipv6(number, Self.ports))?.destinationPort == 0)
            #expect(read(ipv6(number, Self.ports))?.protocolNumber == number)
        }
    }

    @Test func ipv4FragmentsAgreeInShowingNoPorts() throws {
        let first = try #require(read(ipv4(17, more: true)))
        let last = try #require(read(ipv4(17, offset: 1480)))
        #expect(FiveTuple(first) == FiveTuple(last))
        #expect(first.isFragment && last.isFragment)
        #expect(first.sourcePort == 0)
        #expect(first.transportOffset == 20)
        #expect(last.transportOffset == nil)
    }

    @Test func ipv6FragmentsAgreeInShowingNoPorts() throws {
        let first = try #require(read(ipv6(44, [17, 0, 0, 1, 0, 0, 0, 1] + Self.ports)))
        let last = try #require(read(ipv6(44, [17, 0, 5, 0xC8, 0, 0, 0, 1] + Self.ports)))
        #expect(FiveTuple(first) == FiveTuple(last))
        #expect(first.isFragment && last.isFragment)
        #expect(first.transportOffset == 48)
        #expect(last.transportOffset == nil)
    }

    @Test func extensionHeadersAreWalkedOver() throws {
        let chain: [UInt8] = [60, 0, 1, 4, 0, 0, 0, 0] + [43, 1] + [UInt8](repeating: 0, count: 14)
        let packet = try #require(read(ipv6(0, chain + [17, 0, 0, 0, 0, 0, 0, 0] + Self.ports)))
        #expect(packet.protocolNumber == 17)
        #expect((packet.sourcePort, packet.destinationPort) == (4000, 4001))
        #expect(packet.transportOffset == 40 + 32)
    }

    @Test func truncatedExtensionHeadersShowNothing() {
        for payload in [[], [17], [17, 200, 0, 0, 0, 0, 0, 0], [17, 0, 0, 0]] as [[UInt8]] {
            let packet = read(ipv6(0, payload))
            #expect(packet != nil)
            #expect(packet?.transportOffset == nil)
            #expect(packet?.sourcePort == 0)
        }
        #expect(read(ipv6(44, [17, 0, 0, 0, 0, 0]))?.transportOffset == nil)
    }

    @Test func endlessExtensionHeadersEnd() {
        let chain = [UInt8](repeating: 0, count: 8 * 100)
        #expect(read(ipv6(0, chain))?.transportOffset == nil)
    }

    @Test func truncatedTransportShowsNoPorts() {
        #expect(read(ipv6(17, [0x0F, 0xA0, 0x0F]))?.sourcePort == 0)
        // Octets behind the packet's end are not the packet's.
        #expect(read(ipv6(17, [0x0F, 0xA0]) + Self.ports)?.destinationPort == 0)
    }

    @Test func packetsThatAreNotWholeAreRefused() {
        for whole in [ipv4(17), ipv6(17, Self.ports)] {
            for count in 0..<whole.count { #expect(read(Array(whole.prefix(count))) == nil) }
        }
        #expect(read([0x50] + ipv4(17).dropFirst()) == nil)
    }

    @Test func fiveTupleReadsAsAFlow() throws {
        #expect(FiveTuple(try #require(read(ipv4(17)))).description == "udp 10.0.0.1:4000 > 10.0.0.2:4001")
        #expect(
            FiveTuple(try #require(read(ipv6(6, Self.ports)))).description
                == "tcp [2001:db8::1]:4000 > [2001:db8::2]:4001"
        )
        #expect(FiveTuple(try #require(read(ipv4(1)))).description == "icmp 10.0.0.1 > 10.0.0.2")
        #expect(FiveTuple(try #require(read(ipv4(47)))).description == "proto-47 10.0.0.1 > 10.0.0.2")
    }
}
