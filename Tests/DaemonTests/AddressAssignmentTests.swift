// SPDX-License-Identifier: Apache-2.0
import Daemon
import Glibc
import Lab
import LinuxIO
import Mobility
import Testing
import Wire

/// DHCP on a real link: what only the kernel shows. The rest is in DHCPServerTests and `dhcp.test.sh`.
@Suite struct AddressAssignmentTests {
    private static let hardware: [UInt8] = [2, 0, 0, 0, 0, 9]

    private static func service(_ cable: ScratchCable, on reactor: Reactor) throws -> AddressAssignment {
        let link = try #require(try NetlinkSocket().link(named: "near")?.linkLayerAddress)
        return try AddressAssignment(
            DHCPServer(settings: DHCPServerSettings()),
            device: "near",
            linkLayerAddress: link,
            on: reactor,
            logger: LogLines().logger
        )
    }

    private static func discover(_ address: IPv4Address) -> [UInt8] {
        var message = DHCPMessage(.request, transaction: 7, hardwareAddress: hardware)
        message.type = .discover
        message.options.set(.requestedAddress, [address])
        return message.octets
    }

    @Test func addressThatAHostUsesIsNotOffered() async throws {
        try await ScratchCable.with { cable in
            let own = IPv4Address(192, 0, 2, 1)
            let taken = IPv4Address(192, 0, 2, 2)
            let prefix = try #require(IPPrefix("192.0.2.0/29"))
            let begin: @Sendable () throws -> sending Reactor = {
                let reactor = try Reactor(name: "test")
                let service = try Self.service(cable, on: reactor)
                try service.start()
                service.serve(DHCPServer.Network(prefix, server: own), mtu: 1400)
                // The reactor keeps it.
                let alarm = reactor.makeAlarm { _ = service }
                alarm.set(at: SystemClock.now() + .seconds(3600))
                try reactor.start()
                return reactor
            }
            let reactor = try cable.near.enter(begin)
            defer { reactor.stop() }
            let client: @Sendable () throws -> sending SignalingSocket = { try SignalingSocket(.udp(port: 68)) }
            nonisolated(unsafe) let socket = try cable.far.enter(client)
            try socket.send(Self.discover(taken), from: nil, to: .v4(own), port: 67)
            var answers: [[UInt8]] = []
            let isAnswered = try await Patience.wait(.seconds(5)) {
                answers += socket.receive().map(\.octets)
                return !answers.isEmpty
            }
            #expect(isAnswered)
            let offer = try DHCPMessage(decoding: try #require(answers.first))
            #expect(offer.type == .offer && offer.transaction == 7 && offer.hardwareAddress == Self.hardware)
            #expect(prefix.contains(.v4(offer.yourAddress)) && ![own, taken].contains(offer.yourAddress))
        }
    }

    @Test func secondServerOnALinkIsNotBegun() async throws {
        try await ScratchCable.with { cable in
            let code: @Sendable () throws -> sending Int32? = {
                let reactor = try Reactor(name: "test")
                let first = try Self.service(cable, on: reactor)
                defer { _ = first }
                do {
                    _ = try Self.service(cable, on: reactor)
                    return nil
                } catch let error as SystemError {
                    return error.errno
                }
            }
            let refusal = try cable.near.enter(code)
            #expect(refusal == EADDRINUSE)
        }
    }
}
