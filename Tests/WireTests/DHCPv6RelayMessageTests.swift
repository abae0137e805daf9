// SPDX-License-Identifier: Apache-2.0
import Testing
import Wire

@Suite struct DHCPv6RelayMessageTests {
    private static let message: [UInt8] = [1, 0x12, 0x34, 0x56, 0, 14, 0, 0]
    private static let forward: [UInt8] =
        [12, 3] + [0x20, 0x01, 0x0D, 0xB8, 0x12, 0x34] + [UInt8](repeating: 0, count: 10)
        + [0xFE, 0x80] + [UInt8](repeating: 0, count: 13) + [9]
        + [0, 18, 0, 4, 0, 0, 0, 2] + [0, 37, 0, 7, 0, 0, 0x7E, 0xD9, 0x61, 0x40, 0x62]
        + [0, 9, 0, 8] + message

    @Test func fieldsStandWhereTheRFCPutsThem() throws {
        let relay = try DHCPv6RelayMessage(decoding: Self.forward)
        #expect(relay.direction == .forward && relay.hopCount == 3)
        #expect(relay.link == IPv6Address("2001:db8:1234::") && relay.peer == IPv6Address("fe80::9"))
        #expect(relay.interface == [0, 0, 0, 2] && relay.remote == Array("a@b".utf8))
        #expect(relay.options.contains(.remoteIdentifier(enterprise: VendorSpecific.plait, Array("a@b".utf8))))
        #expect(relay.relayed == Self.message)
        #expect(relay.octets == Self.forward)
        var reply = relay
        reply.direction = .reply
        #expect(reply.octets == [13] + Self.forward.dropFirst())
    }

    /// A message has none of them, and none of the message's are read in a relay agent's.
    @Test func optionsAreReadInTheirPlaceOnly() throws {
        let octets: [UInt8] = [1, 0, 0, 1, 0, 9, 0, 1, 7, 0, 18, 0, 1, 8, 0, 37, 0, 1, 9]
        let message = try DHCPv6Message(decoding: octets)
        let others: [DHCPv6Option] = [
            .other(code: 9, content: [7]), .other(code: 18, content: [8]), .other(code: 37, content: [9]),
        ]
        #expect(message.options == others && message.octets == octets)
        let relay = try DHCPv6RelayMessage(decoding: Self.forward.prefix(34) + [0, 1, 0, 1, 5])
        #expect(relay.options == [.other(code: 1, content: [5])] && relay.relayed == nil)
    }

    @Test(
        arguments: [
            ([], "msg-type"), ([7], "msg-type"), ([12], "hop-count"), (Array(forward.prefix(17)), "link-address"),
            (Array(forward.prefix(33)), "peer-address"), (Array(forward.dropLast()), "option 9"),
            (Array(forward.prefix(34)) + [0, 37, 0, 3, 0, 0, 0], "enterprise-number"),
        ] as [([UInt8], String)]
    )
    func spoiltOnesAreRefused(_ octets: [UInt8], _ field: String) {
        let error = #expect(throws: DecodeError.self) { try DHCPv6RelayMessage(decoding: octets) }
        #expect(error?.field == field)
    }

    @Test func anchorIsCalledByItsAddress() throws {
        let address = try #require(IPv6Address("2001:db8:100::1"))
        #expect(DHCPUniqueIdentifier(address).octets == [0, 2, 0, 0, 0x7E, 0xD9] + address.octets)
    }
}
