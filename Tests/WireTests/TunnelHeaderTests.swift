// SPDX-License-Identifier: Apache-2.0
import Testing
import Wire

/// Headers that only `plait decode` looks into.
@Suite struct TunnelHeaderTests {
    private func gtp(_ octets: [UInt8]) -> GTPUserPlaneHeader? { GTPUserPlaneHeader(octets.span.bytes) }

    // MARK: - GTP-U

    @Test func userPlaneHeaderIsWrittenAsItIsRead() throws {
        let plain: [UInt8] = [0x30, 255, 0, 2, 0xAB, 0xCD, 0, 1, 7, 8]
        #expect(gtp(plain)?.octets == Array(plain.prefix(8)))
        #expect(gtp(plain)?.payloadLength == 2)
        // E, S and PN with two extension headers: a PDU session container and a UDP port.
        let extended: [UInt8] =
            [0x37, 255, 0, 14, 0, 0, 0, 9, 0x12, 0x34, 5, 0x85] + [1, 0xAA, 0xBB, 0x40] + [1, 8, 104, 0] + [1, 2]
        let header = try #require(gtp(extended))
        #expect(header.sequence == 0x1234 && header.packetDataUnitNumber == 5 && header.payloadLength == 2)
        #expect(header.extensions.map { $0.type } == [0x85, 0x40])
        #expect(header.extensions.map { $0.content } == [[0xAA, 0xBB], [8, 104]])
        #expect(header.length == 20 && header.octets == Array(extended.prefix(20)))
        for count in 0..<extended.count { #expect(gtp(Array(extended.prefix(count))) == nil, "\(count) octets") }
    }

    @Test func whatNoFlagAnnouncesIsNotEvaluated() throws {
        let header = try #require(gtp([0x31, 255, 0, 4, 0, 0, 0, 9, 0x12, 0x34, 5, 0x85]))
        #expect(header.sequence == nil && header.packetDataUnitNumber == 5 && header.extensions.isEmpty)
    }

    @Test(
        arguments: [
            [0x10, 255, 0, 0, 0, 0, 0, 1], [0x50, 255, 0, 0, 0, 0, 0, 1], [0x20, 255, 0, 0, 0, 0, 0, 1],
            [0x32, 255, 0, 3, 0, 0, 0, 1, 0, 0, 0], [0x34, 255, 0, 8, 0, 0, 0, 1, 0, 0, 0, 1, 0, 1, 2, 0],
            [0x34, 255, 0, 8, 0, 0, 0, 1, 0, 0, 0, 1, 2, 1, 2, 0], [0x34, 255, 0, 4, 0, 0, 0, 1, 0, 0, 0, 1],
        ] as [[UInt8]]
    )
    func otherVersionsAndLengthsThatDoNotFitAreRefused(octets: [UInt8]) { #expect(gtp(octets) == nil) }

    @Test func informationElementsAreWrittenAsTheyAreRead() throws {
        let parts: [[UInt8]] = [
            [14, 0], [16, 0xAB, 0xCD, 0, 1], [133, 0, 4, 198, 51, 100, 2], [133, 0, 16] + IPv6Address.allNodes.octets,
            [255, 0, 3, 1, 2, 3], [133, 0, 1, 9],
        ]
        let octets = parts.flatMap { $0 }
        let elements = try GTPInformationElement.all(decoding: octets)
        let wanted: [GTPInformationElement] = [
            .recovery(0), .tunnelEndpointIdentifierData(0xABCD_0001),
            .peerAddress(.v4(IPv4Address(198, 51, 100, 2))), .peerAddress(.v6(.allNodes)),
            .other(type: 255, content: [1, 2, 3]), .other(type: 133, content: [9]),
        ]
        #expect(elements == wanted)
        #expect(elements.flatMap { $0.octets } == octets)
        #expect(elements.map { $0.field.name }.prefix(3) == ["recovery", "teid-data", "peer-address"])
        // The length of a type below 128 is fixed, and unknown for those that we do not know.
        let unknown = DecodeError(.badValue(99), field: "information element type", offset: 2)
        #expect(throws: unknown) { try GTPInformationElement.all(decoding: [14, 0, 99, 1]) }
        for cut in [[16, 1, 2, 3], [14], [133, 0], [133, 0, 4, 1]] as [[UInt8]] {
            #expect(throws: DecodeError.self) { try GTPInformationElement.all(decoding: cut) }
        }
    }

    // MARK: - ESP

    @Test func securityHeaderIsWrittenAsItIsRead() {
        let octets: [UInt8] = [0xC0, 0xFF, 0xEE, 1, 0, 0, 0, 9]
        #expect(ESPHeader(octets.span.bytes)?.octets == octets)
        for count in 0..<8 { #expect(ESPHeader(Array(octets.prefix(count)).span.bytes) == nil) }
        let reserved: [UInt8] = [0, 0, 0, 0, 0, 0, 0, 9]
        #expect(ESPHeader(reserved.span.bytes) == nil)
    }

    // MARK: - IPv6 extension headers

    private func header(_ kind: UInt8, _ octets: [UInt8]) -> IPv6ExtensionHeader? {
        IPv6ExtensionHeader(kind: kind, octets.span.bytes)
    }

    @Test func extensionHeadersAreWrittenAsTheyAreRead() {
        let options: [UInt8] = [43, 1, 1, 12, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]
        for kind in [IPProtocol.hopByHopOptions, IPProtocol.destinationOptions, IPProtocol.routing] {
            #expect(header(kind, options + [9])?.octets == options)
            for count in 0..<options.count { #expect(header(kind, Array(options.prefix(count))) == nil) }
        }
        // What would be the length is reserved.
        let fragment: [UInt8] = [135, 0xFF, 0x05, 0x39, 0, 0, 0, 9]
        #expect(header(IPProtocol.fragment, fragment)?.octets == fragment)
        #expect(header(IPProtocol.fragment, fragment)?.fragmentOffset == 0x538)
        #expect(header(IPProtocol.fragment, fragment)?.moreFragments == true)
        #expect(header(IPProtocol.routing, options)?.moreFragments == nil)
        #expect(header(IPProtocol.udp, options) == nil)
    }

    /// RFC 6275 §6.3 and §6.4, at the offsets that they want.
    @Test func homeAddressesStandWhereTheirRFCWantsThem() throws {
        let home = try #require(IPv6Address("2001:db8:100::c1"))
        let option = IPv6ExtensionHeader.homeAddress(home, nextHeader: 135)
        #expect(option.octets == [135, 2, 1, 2, 0, 0, 201, 16] + home.octets)
        #expect(option.homeSource == home && option.homeDestination == nil)
        let routing = IPv6ExtensionHeader.homeRouting(home, nextHeader: 135)
        #expect(routing.octets == [135, 2, 2, 1, 0, 0, 0, 0] + home.octets)
        #expect(routing.homeDestination == home && routing.homeSource == nil)
        #expect(header(IPProtocol.destinationOptions, option.octets) == option)
        #expect(header(IPProtocol.routing, routing.octets) == routing)
        // One that has arrived: the IP header shows the home address itself.
        var arrived = routing.octets
        arrived[3] = 0
        #expect(header(IPProtocol.routing, arrived)?.homeDestination == nil)
        // Another option's content is not searched.
        let hidden: [UInt8] = [135, 2, 5, 20, 201, 16] + home.octets + [0, 0]
        #expect(header(IPProtocol.destinationOptions, hidden)?.homeSource == nil)
    }
}
