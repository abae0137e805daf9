// SPDX-License-Identifier: Apache-2.0
import Daemon
import Glibc
import Lab
import LinuxIO
import Testing
import Wire

/// The relay agent's way to its server on a real link. What is relayed is in DHCPRelayTests, a real server in
/// `dhcp-relay.test.sh`.
@Suite struct DHCPRelayLinkTests {
    private static let server = IPv4Address(192, 0, 2, 2)
    private static let unreachable = IPv4Address(203, 0, 113, 9)

    private static var message: DHCPMessage {
        var message = DHCPMessage(.request, transaction: 7, hardwareAddress: [2, 0, 0, 0, 0, 9])
        message.type = .discover
        return message
    }

    /// giaddr is where the server answers to: the address by which it is reached, unless the operator names another.
    @Test func messageWithoutARelayAddressGetsTheOneThatItIsSentFrom() async throws {
        let log = LogLines()
        try await ScratchCable.with { cable in
            try await cable.near.ip("address add 192.0.2.9/24 dev near")
            let begin: @Sendable () throws -> sending SignalingSocket = { try SignalingSocket(.udp(port: 67)) }
            nonisolated(unsafe) let socket = try cable.far.enter(begin)
            let logger = log.logger
            try cable.near.enter {
                let link = try DHCPRelayLink(on: try Reactor(name: "test"), logger: logger)
                link.send(Self.message, to: Self.server)
                var named = Self.message
                named.relayAddress = IPv4Address(192, 0, 2, 9)
                link.send(named, to: Self.server)
                // Nobody is reached there; an operator is told so once.
                for _ in 0..<3 { link.send(Self.message, to: Self.unreachable) }
            }
            var heard: [ReceivedMessage] = []
            let isHeard = try await Patience.wait(.seconds(5)) {
                heard += socket.receive()
                return heard.count == 2
            }
            #expect(isHeard)
            let addresses = [IPv4Address(192, 0, 2, 1), IPv4Address(192, 0, 2, 9)]
            #expect(try heard.map { try DHCPMessage(decoding: $0.octets).relayAddress } == addresses)
            #expect(heard.map(\.source) == addresses.map { .v4($0) })
        }
        #expect(log.lines.count == 1 && log.count("203.0.113.9") == 1)
    }
}
