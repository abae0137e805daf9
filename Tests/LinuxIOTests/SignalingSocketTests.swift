// SPDX-License-Identifier: Apache-2.0
import Glibc
import LinuxIO
import Testing
import Wire

@Suite struct SignalingSocketTests {
    static let left6 = IPAddress("2001:db8::1")
    static let right6 = IPAddress("2001:db8::2")
    static let left4 = IPAddress("192.0.2.1")
    static let right4 = IPAddress("192.0.2.2")

    /// A Binding Refresh Request without options, checksum zero.
    private let message: [UInt8] = [59, 0, 0, 0, 0, 0, 0, 0]

    @Test func mobilityHeadersGoBothWaysWithTheChecksumFilled() throws {
        let network = try ScratchNetwork()
        let leftAddress = try #require(SignalingSocketTests.left6)
        let rightAddress = try #require(SignalingSocketTests.right6)
        let left = try network.left.run { try SignalingSocket(.mobilityHeader, device: "wire") }
        let right = try network.right.run { try SignalingSocket(.mobilityHeader, boundTo: rightAddress) }
        try left.send(message, from: leftAddress, to: rightAddress)
        let received = try #require(poll { right.receive().first })
        #expect(received.source == leftAddress)
        #expect(received.destination == rightAddress)
        #expect(received.interface.value > 0)
        #expect(received.octets.count == 8)
        var sum = checksum(of: leftAddress.octets + rightAddress.octets + [0, 0, 0, 8, 0, 0, 0, 135] + received.octets)
        #expect(sum == 0xFFFF, "the sum over pseudo-header and message with its checksum is all ones")
        sum = UInt32(received.octets[4]) << 8 | UInt32(received.octets[5])
        #expect(sum != 0)
        try right.send(message, from: rightAddress, to: received.source)
        #expect(try #require(poll { left.receive().first }).source == rightAddress)
    }

    private func checksum(of octets: [UInt8]) -> UInt32 {
        var sum: UInt32 = 0
        for index in stride(from: 0, to: octets.count, by: 2) {
            sum += UInt32(octets[index]) << 8 | UInt32(octets[index + 1])
        }
        while sum > 0xFFFF { sum = sum & 0xFFFF + sum >> 16 }
        return sum
    }

    @Test func datagramsTellSourcePortDestinationAndLink() throws {
        let network = try ScratchNetwork()
        let leftAddress = try #require(SignalingSocketTests.left4)
        let rightAddress = try #require(SignalingSocketTests.right4)
        let left = try network.left.run { try SignalingSocket(.udp(port: 40000), boundTo: leftAddress) }
        let right = try network.right.run { try SignalingSocket(.udp(port: 5436)) }
        try left.send([1, 2, 3], from: nil, to: rightAddress, port: 5436)
        let received = try #require(poll { right.receive().first })
        #expect(received.octets == [1, 2, 3])
        #expect(received.source == leftAddress)
        #expect(received.port == 40000)
        #expect(received.destination == rightAddress)
        try right.send([4], from: rightAddress, to: received.source, port: received.port)
        #expect(try #require(poll { left.receive().first }).octets == [4])
    }

    @Test func datagramsGoOverIPv6AsOverIPv4AndBothFitOnOnePort() throws {
        let network = try ScratchNetwork()
        let leftAddress = try #require(SignalingSocketTests.left6)
        let rightAddress = try #require(SignalingSocketTests.right6)
        let left = try network.left.run { try SignalingSocket(.udp(port: 5436), boundTo: leftAddress, device: "wire") }
        let rights = try network.right.run {
            [
                try SignalingSocket(.udp(port: 5436), boundTo: rightAddress), try SignalingSocket(.udp(port: 5436)),
                try SignalingSocket(.mobilityHeader, boundTo: rightAddress),
            ]
        }
        try left.send(message, from: leftAddress, to: rightAddress)
        let received = try #require(poll { rights[0].receive().first })
        // The mobility header's checksum is nobody's business: UDP has one.
        #expect(received.octets == message)
        #expect(received.source == leftAddress && received.destination == rightAddress && received.port == 5436)
        try rights[0].send([7], from: rightAddress, to: received.source, port: received.port)
        #expect(try #require(poll { left.receive().first }).octets == [7])
        #expect(rights[1].receive().isEmpty && rights[2].receive().isEmpty)
    }

    @Test func theSourceIsTheOneAskedFor() throws {
        let network = try ScratchNetwork()
        try shell("ip -n \(network.leftName) address add 2001:db8::11/64 dev wire nodad")
        try shell("ip -n \(network.leftName) address add 192.0.2.11/24 dev wire")
        let sockets = try network.left.run {
            [try SignalingSocket(.mobilityHeader), try SignalingSocket(.udp(port: 5436))]
        }
        let peers = try network.right.run {
            [try SignalingSocket(.mobilityHeader), try SignalingSocket(.udp(port: 5436))]
        }
        let sources = [try #require(IPAddress("2001:db8::11")), try #require(IPAddress("192.0.2.11"))]
        let peerAddresses = [try #require(SignalingSocketTests.right6), try #require(SignalingSocketTests.right4)]
        for index in 0..<2 {
            try sockets[index].send(message, from: sources[index], to: peerAddresses[index])
            #expect(try #require(poll { peers[index].receive().first }).source == sources[index])
        }
    }

    @Test func aBatchHasSixtyFourMessagesAtMost() throws {
        let network = try ScratchNetwork()
        let rightAddress = try #require(SignalingSocketTests.right4)
        let left = try network.left.run { try SignalingSocket(.udp(port: 5436)) }
        let right = try network.right.run { try SignalingSocket(.udp(port: 5436)) }
        try network.resolve()
        // A busy kernel hands on later what was sent. What waits is counted in its own octets, as many for each.
        func waits(_ octets: Int) throws -> Int? {
            try poll {
                let words = try shell("ip netns exec \(network.rightName) ss -Huan sport = :5436").split(separator: " ")
                return words.dropFirst().first.flatMap { Int($0) }.flatMap { $0 >= octets ? $0 : nil }
            }
        }
        try left.send([0], from: nil, to: rightAddress)
        let each = try #require(try waits(1))
        for number in 1..<100 { try left.send([UInt8(number)], from: nil, to: rightAddress) }
        #expect(try waits(each * 100) != nil)
        let first = right.receive()
        let second = right.receive()
        #expect(first.count == 64)
        // A thread that changes the processor meanwhile may overtake itself.
        #expect((first + second).compactMap { $0.octets.first }.sorted() == (0..<100).map { UInt8($0) })
        #expect(right.receive().isEmpty)
    }

    @Test func oversizedMessagesAreCountedAndLeftOut() throws {
        let network = try ScratchNetwork()
        let rightAddress = try #require(SignalingSocketTests.right4)
        let left = try network.left.run { try SignalingSocket(.udp(port: 5436)) }
        let right = try network.right.run { try SignalingSocket(.udp(port: 5436)) }
        try left.send([UInt8](repeating: 1, count: 3000), from: nil, to: rightAddress)
        try left.send([UInt8](repeating: 2, count: 2000), from: nil, to: rightAddress)
        let received = try #require(poll { right.receive().first })
        #expect(received.octets == [UInt8](repeating: 2, count: 2000))
        #expect(right.oversized == 1)
    }

    @Test func unreachableDestinationsAreErrorsAndTheSocketGoesOn() throws {
        let network = try ScratchNetwork()
        let rightAddress = try #require(SignalingSocketTests.right4)
        let rightAddress6 = try #require(SignalingSocketTests.right6)
        let elsewhere = try #require(IPAddress("203.0.113.1"))
        let left = try network.left.run { try SignalingSocket(.udp(port: 5436)) }
        for _ in 0..<10 {
            let error = #expect(throws: SystemError.self) { try left.send([1], from: nil, to: elsewhere) }
            #expect(error?.errno == ENETUNREACH)
            #expect(error.map { "\($0)" } == "send of udp 5436 to 203.0.113.1: Network is unreachable")
        }
        let mismatch = #expect(throws: SystemError.self) { try left.send([1], from: nil, to: rightAddress6) }
        #expect(mismatch?.errno == EAFNOSUPPORT)
        // Nobody listens yet: the port's ICMP error must do no harm.
        try left.send([1], from: nil, to: rightAddress)
        try left.send([1], from: nil, to: rightAddress)
        #expect(left.receive().isEmpty)
        let right = try network.right.run { try SignalingSocket(.udp(port: 5436)) }
        try left.send([2], from: nil, to: rightAddress)
        // Those before it may have been underway so long that somebody listened.
        #expect(poll { right.receive().first { $0.octets == [2] } } != nil)
    }

    @Test func aPortInUseIsAClearError() throws {
        let network = try ScratchNetwork()
        let first = try network.left.run { try SignalingSocket(.udp(port: 5436), device: "wire") }
        let error = #expect(throws: SystemError.self) {
            try network.left.run { try SignalingSocket(.udp(port: 5436), device: "wire") }
        }
        #expect(error.map { "\($0)" } == "bind of udp 5436 on wire: Address already in use")
        #expect(first.receive().isEmpty)
    }
}
