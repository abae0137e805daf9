// SPDX-License-Identifier: Apache-2.0
import Lab
import LinuxIO
import Testing
import Wire

/// What only the kernel shows of relayed DHCPv6; the rest is in DelegatingAnchorTests and `delegating-anchor.test.sh`.
@Suite struct DHCPv6RelaySocketTests {
    private static let near = "2001:db8:1::1"
    private static let far = "2001:db8:1::2"

    /// Neither what somebody has only passed on, or sent as hosts do, nor what came by another device.
    @Test func onlyTheOtherEndOfTheTunnelIsHeard() async throws {
        try await ScratchCable.with { cable in
            let address = try #require(IPv6Address(Self.near))
            let open: @Sendable () throws -> sending DHCPv6RelaySocket = {
                try DHCPv6RelaySocket(device: "near", address: address)
            }
            nonisolated(unsafe) let socket = try cable.near.enter(open)
            // As hosts do: with a hop limit of 64.
            let begin: @Sendable () throws -> sending SignalingSocket = {
                try SignalingSocket(.udp(port: 5470), boundTo: .v6(.zero), device: nil)
            }
            nonisolated(unsafe) let host = try cable.far.enter(begin)
            try host.send([1], from: nil, to: .v6(address), port: 547)
            nonisolated(unsafe) let neighbor = try cable.near.enter(begin)
            try neighbor.send([2], from: nil, to: .v6(address), port: 547)
            let other = try #require(IPv6Address(Self.far))
            let relay: @Sendable () throws -> sending DHCPv6RelaySocket = {
                try DHCPv6RelaySocket(device: "far", address: other)
            }
            nonisolated(unsafe) let agent = try cable.far.enter(relay)
            try agent.send([3], to: address)
            var heard: [DHCPv6RelaySocket.Message] = []
            let isHeard = try await Patience.wait(.seconds(5)) {
                heard += socket.receive()
                return !heard.isEmpty
            }
            #expect(isHeard && heard.map(\.octets) == [[3]] && heard.map(\.source) == [other])
            try socket.send([4], to: other)
            var answers: [[UInt8]] = []
            let isAnswered = try await Patience.wait(.seconds(5)) {
                answers += agent.receive().map(\.octets)
                return !answers.isEmpty
            }
            #expect(isAnswered && answers == [[4]])
        }
    }
}
