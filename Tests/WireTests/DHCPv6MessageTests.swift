// SPDX-License-Identifier: Apache-2.0
import Testing
import Wire

@Suite struct DHCPv6MessageTests {
    /// As a router begins: client identifier, elapsed time, what it wants told, and an IA_PD with a prefix length wished for.
    private static let solicit: [UInt8] =
        [1, 0x12, 0x34, 0x56]
        + [0, 1, 0, 10, 0, 3, 0, 1, 2, 0, 0, 0, 0, 9]
        + [0, 8, 0, 2, 0, 100]
        + [0, 6, 0, 4, 0, 23, 0, 24]
        + [0, 14, 0, 0]
        + [0, 25, 0, 41, 0, 0, 0, 7, 0, 0, 14, 16, 0, 0, 21, 24]
        + [0, 26, 0, 25, 0, 0, 0, 0, 0, 0, 0, 0, 60] + [UInt8](repeating: 0, count: 16)

    @Test func fieldsStandWhereTheRFCPutsThem() throws {
        let message = try DHCPv6Message(decoding: Self.solicit)
        #expect(message.type == .solicit && message.transaction == 0x12_3456)
        #expect(message.client?.octets == [0, 3, 0, 1, 2, 0, 0, 0, 0, 9] && message.server == nil)
        #expect(message.options.contains(.elapsedTime(100)) && message.hasRapidCommit)
        #expect(message.requested == [23, 24])
        let association = try #require(message.prefixAssociations.first)
        #expect(association.identifier == 7 && association.renewal == 3600 && association.rebinding == 5400)
        #expect(association.prefixes.map(\.prefix) == [IPPrefix("::/60")])
        #expect(message.octets == Self.solicit)
    }

    @Test func answerIsLaidOutAsTheRFCDrawsIt() throws {
        let client = try #require(DHCPUniqueIdentifier([0, 3, 0, 1, 2, 0, 0, 0, 0, 9]))
        let prefix = DelegatedPrefix(
            try #require(IPPrefix("2001:db8:5600:10::/60")),
            preferredLifetime: 1800,
            validLifetime: 3600
        )
        let resolver = try #require(IPv6Address("2001:db8:53::53"))
        let message = DHCPv6Message(
            .reply,
            transaction: 0x12_3456,
            [
                .serverIdentifier(DHCPUniqueIdentifier(try #require(LinkLayerAddress(octets: [2, 0, 0, 0, 0, 1])))),
                .clientIdentifier(client),
                .prefixAssociation(DHCPv6Association(7, renewal: 900, rebinding: 1440, [.prefix(prefix)])),
                .status(DHCPv6Status(.success, "ok")),
                .domainNameServers([resolver]),
            ]
        )
        let expected: [UInt8] =
            [7, 0x12, 0x34, 0x56] + [0, 2, 0, 10, 0, 3, 0, 1, 2, 0, 0, 0, 0, 1]
            + [0, 1, 0, 10, 0, 3, 0, 1, 2, 0, 0, 0, 0, 9]
            + [0, 25, 0, 41, 0, 0, 0, 7, 0, 0, 3, 132, 0, 0, 5, 160]
            + [0, 26, 0, 25, 0, 0, 7, 8, 0, 0, 14, 16, 60, 0x20, 0x01, 0x0D, 0xB8, 0x56, 0, 0, 0x10]
            + [UInt8](repeating: 0, count: 8) + [0, 13, 0, 4, 0, 0, 0x6F, 0x6B]
            + [0, 23, 0, 16] + resolver.octets
        #expect(message.octets == expected)
        #expect(try DHCPv6Message(decoding: expected) == message)
        #expect(message.status == DHCPv6Status(.success, "ok"))
    }

    /// Else options could lie within one another as deep as a datagram is long.
    @Test func associationsLieInMessagesOnly() throws {
        let inner: [UInt8] = [0, 25, 0, 12] + [UInt8](repeating: 1, count: 12)
        let octets: [UInt8] = [1, 0, 0, 1, 0, 25, 0, 28] + [UInt8](repeating: 2, count: 12) + inner
        let message = try DHCPv6Message(decoding: octets)
        let association = try #require(message.prefixAssociations.first)
        #expect(association.options == [.other(code: 25, content: [UInt8](repeating: 1, count: 12))])
        #expect(message.octets == octets)
        // Nor does a prefix stand outside of one.
        let lone: [UInt8] = [1, 0, 0, 1, 0, 26, 0, 2, 1, 2]
        #expect(try DHCPv6Message(decoding: lone).options == [.other(code: 26, content: [1, 2])])
    }

    @Test func bitsBehindAPrefixMeanNothing() throws {
        var octets = Self.solicit
        octets[octets.count - 1] = 0xFF
        let message = try DHCPv6Message(decoding: octets)
        #expect(message.prefixAssociations.first?.prefixes.first?.prefix == IPPrefix("::/60"))
    }

    @Test(
        arguments: [
            ([], "msg-type"), ([12, 0, 0, 0], "msg-type"), ([1, 0, 0], "transaction-id"),
            ([1, 0, 0, 0, 0], "option-code"), ([1, 0, 0, 0, 0, 8, 0, 3, 0, 1], "option 8"),
            // Elapsed time of three octets, rapid commit with content, half a code.
            ([1, 0, 0, 0, 0, 8, 0, 3, 0, 1, 2], "option 8"), ([1, 0, 0, 0, 0, 14, 0, 1, 0], "option 14"),
            ([1, 0, 0, 0, 0, 6, 0, 3, 0, 1, 2], "requested-option-code"), ([1, 0, 0, 0, 0, 1, 0, 2, 0, 1], "DUID"),
            ([1, 0, 0, 0, 0, 25, 0, 4, 0, 0, 0, 1], "T1"),
        ] as [([UInt8], String)]
    )
    func spoiltOnesAreRefused(_ octets: [UInt8], _ field: String) {
        let error = #expect(throws: DecodeError.self) { try DHCPv6Message(decoding: octets) }
        #expect(error?.field == field)
    }

    @Test func prefixLongerThanAnAddressIsRefused() {
        var octets = Self.solicit
        octets[octets.count - 17] = 129
        let error = #expect(throws: DecodeError.self) { try DHCPv6Message(decoding: octets) }
        #expect(error?.field == "prefix-length" && error?.reason == .badValue(129))
    }

    /// Whatever is cut off: an error or a message, and nothing else.
    @Test func everyBeginningIsReadOrRefused() throws {
        for count in 0...Self.solicit.count {
            if let message = try? DHCPv6Message(decoding: Array(Self.solicit.prefix(count))) {
                #expect(try DHCPv6Message(decoding: message.octets) == message)
            }
        }
    }

    @Test func identifiersHaveAsManyOctetsAsTheRFCAllows() {
        #expect(DHCPUniqueIdentifier([0, 1]) == nil && DHCPUniqueIdentifier([0, 1, 2]) != nil)
        #expect(DHCPUniqueIdentifier([UInt8](repeating: 0, count: 131)) == nil)
        #expect(DHCPUniqueIdentifier([UInt8](repeating: 0, count: 130)) != nil)
    }
}
