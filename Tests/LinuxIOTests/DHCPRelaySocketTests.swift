// SPDX-License-Identifier: Apache-2.0
import Glibc
import LinuxIO
import Testing
import Wire

@Suite struct DHCPRelaySocketTests {
    private let near = IPv4Address(192, 0, 2, 1)
    private let far = IPv4Address(192, 0, 2, 2)

    @Test func messagesGoFromPortToPort() throws {
        let network = try ScratchNetwork()
        let relay = try network.left.run { try DHCPRelaySocket() }
        // A server has the same port.
        let server = try network.right.run { try SignalingSocket(.udp(port: 67)) }
        #expect(try network.left.run { try DHCPRelaySocket.source(towards: far) } == near)
        try relay.send([1, 2, 3], from: near, to: far)
        let question = try #require(poll { server.receive().first })
        #expect(question.octets == [1, 2, 3] && question.source == .v4(near) && question.port == 67)
        try server.send([4, 5], from: nil, to: .v4(near), port: 67)
        let answer = try #require(poll { relay.receive().first })
        #expect(answer.octets == [4, 5] && answer.source == far)
    }

    /// Not by the address that the kernel would take.
    @Test func messagesComeFromTheAddressThatIsWanted() throws {
        let network = try ScratchNetwork()
        let other = IPv4Address(192, 0, 2, 9)
        try shell("ip -n \(network.leftName) address add \(other)/24 dev wire")
        let relay = try network.left.run { try DHCPRelaySocket() }
        let server = try network.right.run { try SignalingSocket(.udp(port: 67)) }
        try relay.send([1], from: other, to: far)
        #expect(try #require(poll { server.receive().first }).source == .v4(other))
    }

    @Test func whatCannotBeIsAnError() throws {
        let network = try ScratchNetwork()
        let errors = try network.left.run {
            let first = try DHCPRelaySocket()
            defer { _ = first }
            let second = #expect(throws: SystemError.self) { _ = try DHCPRelaySocket() }
            let way = #expect(throws: SystemError.self) {
                _ = try DHCPRelaySocket.source(towards: IPv4Address(203, 0, 113, 9))
            }
            return [second?.errno, way?.errno]
        }
        #expect(errors == [EADDRINUSE, ENETUNREACH])
    }
}
