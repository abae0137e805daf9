// SPDX-License-Identifier: Apache-2.0
import Testing
import Wire

@Suite struct DHCPMessageTests {
    /// What the fixed fields begin with: a request on Ethernet.
    private static let beginning: [UInt8] = [
        1, 1, 6, 0, 0x12, 0x34, 0x56, 0x78, 0, 3, 0x80, 1, 192, 0, 2, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
        2, 0, 0, 0, 0, 9,
    ]
    private static let cookie: [UInt8] = [0x63, 0x82, 0x53, 0x63]

    private static func message(name: [UInt8] = [], file: [UInt8] = [], _ options: [UInt8]) -> [UInt8] {
        func padded(_ octets: [UInt8], _ count: Int) -> [UInt8] {
            octets + [UInt8](repeating: 0, count: count - octets.count)
        }
        return padded(beginning, 44) + padded(name, 64) + padded(file, 128) + cookie + options
    }

    @Test func fieldsStandWhereTheRFCPutsThem() throws {
        let message = try DHCPMessage(decoding: Self.message([53, 1, 3, 0, 50, 4, 10, 0, 0, 7, 255, 99]))
        #expect(message.operation == .request && message.transaction == 0x1234_5678 && message.seconds == 3)
        #expect(message.wantsBroadcast && message.clientAddress == IPv4Address(192, 0, 2, 1))
        #expect(message.hardwareAddress == [2, 0, 0, 0, 0, 9])
        #expect(message.type == .request && message.options.address(.requestedAddress) == IPv4Address(10, 0, 0, 7))
        #expect(message.octets.count == 300)
        #expect(try DHCPMessage(decoding: message.octets) == message)
    }

    @Test func partsOfAnOptionAreOne() throws {
        var message = DHCPMessage(.reply, transaction: 1, hardwareAddress: [2, 0, 0, 0, 0, 9])
        message.options[.clientIdentifier] = (0..<600).map { UInt8($0 & 0xFF) }
        message.type = .offer
        let again = try DHCPMessage(decoding: message.octets)
        #expect(again == message)
        #expect(message.octets.count == 240 + 600 + 3 * 2 + 3 + 1)
    }

    @Test func fileAndNameMayHoldOptions() throws {
        let octets = Self.message(
            name: [6, 4, 10, 0, 0, 2, 255],
            file: [6, 4, 10, 0, 0, 1, 255],
            [52, 1, 3, 53, 1, 1, 255]
        )
        let message = try DHCPMessage(decoding: octets)
        #expect(message.options[.domainNameServers] == [10, 0, 0, 1, 10, 0, 0, 2])
        #expect(message.type == .discover)
        #expect(try DHCPMessage(decoding: message.octets) == message)
    }

    /// A relay has to pass them on.
    @Test func fileAndNameAreKeptWhereTheyAreWhatTheyAreCalled() throws {
        let octets = Self.message(name: [0x73, 0x31], file: [0x66, 0, 0x67], [53, 1, 2, 255])
        let message = try DHCPMessage(decoding: octets)
        #expect(message.serverName == [0x73, 0x31] && message.bootFile == [0x66, 0, 0x67])
        #expect(message.octets[44..<236] == octets[44..<236])
        #expect(try DHCPMessage(decoding: message.octets) == message)
    }

    @Test func relayAgentInformationIsSubOptionsOfFourOctets() {
        let address = IPv4Address(10, 9, 0, 7)
        let subnet = IPv4Address(10, 9, 0, 0)
        let information = RelayAgentInformation(remoteIdentifier: address, linkSelection: subnet)
        #expect(information.octets == [2, 4, 10, 9, 0, 7, 5, 4, 10, 9, 0, 0])
    }

    /// Found by fuzzing: it would have come to stand among the options.
    @Test func overloadWithinAnOverloadedFieldMeansNothing() throws {
        let octets = Self.message(file: [52, 1, 2, 255], [53, 1, 1, 52, 1, 1, 255])
        let message = try DHCPMessage(decoding: octets)
        #expect(message.options[.overload] == nil && message.type == .discover)
        #expect(try DHCPMessage(decoding: message.octets) == message)
    }

    @Test func spoiltOnesAreRefused() {
        let sound = Self.message([53, 1, 1, 255])
        for count in 0..<240 { #expect(throws: DecodeError.self) { try DHCPMessage(decoding: Array(sound[..<count])) } }
        for (place, value) in [(0, 3), (2, 17), (236, 0)] as [(Int, UInt8)] {
            var octets = sound
            octets[place] = value
            #expect(throws: DecodeError.self) { try DHCPMessage(decoding: octets) }
        }
        #expect(throws: DecodeError.self) { try DHCPMessage(decoding: Self.message([53, 2, 1])) }
    }
}
