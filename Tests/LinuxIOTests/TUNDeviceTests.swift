// SPDX-License-Identifier: Apache-2.0
import Glibc
import LinuxIO
import Testing
import Wire

@Suite struct TUNDeviceTests {
    /// Whole packets, read until one matches.
    private func packet(from device: TUNDevice, where matches: ([UInt8]) -> Bool) throws -> [UInt8]? {
        var octets = [UInt8](repeating: 0, count: 2048)
        return try poll {
            guard let count = try octets.withUnsafeMutableBytes({ try device.read(into: $0) }) else { return nil }
            let packet = Array(octets.prefix(count))
            return matches(packet) ? packet : nil
        }
    }

    @Test func packetsGoThroughTheDeviceBothWays() throws {
        let network = try ScratchNetwork()
        let device = try network.left.run { try TUNDevice(name: "plait-tun") }
        #expect(device.name == "plait-tun")
        let shown = try shell("ip -n \(network.leftName) -details link show plait-tun")
        #expect(shown.contains("\(device.index): plait-tun"))
        #expect(shown.contains("qlen 1000"))
        try shell("ip -n \(network.leftName) link set plait-tun up")
        try shell("ip -n \(network.leftName) address add 198.51.100.1/24 dev plait-tun")
        let sockets = try network.left.run {
            [try SignalingSocket(.udp(port: 5436)), try SignalingSocket(.udp(port: 5440))]
        }
        try sockets[0].send([1, 2, 3], from: nil, to: .v4(IPv4Address(198, 51, 100, 2)), port: 5440)
        var out = try #require(try packet(from: device) { $0.count == 31 && $0[0] == 0x45 && $0[9] == 17 })
        #expect(Array(out[28...]) == [1, 2, 3])
        // Sent back with the addresses exchanged: neither checksum changes.
        out.replaceSubrange(12..<20, with: out[16..<20] + out[12..<16])
        #expect(try out.withUnsafeBytes { try device.write($0) })
        let message = try #require(poll { sockets[1].receive().first })
        #expect(message.octets == [1, 2, 3])
        #expect(message.interface == device.index)
    }

    @Test func nothingToReadIsNoError() throws {
        let network = try ScratchNetwork()
        let device = try network.left.run { try TUNDevice(name: "plait-tun") }
        var octets = [UInt8](repeating: 0, count: 64)
        #expect(try octets.withUnsafeMutableBytes { try device.read(into: $0) } == nil)
    }

    @Test func writingWhileDownOrNonsenseIsAnError() throws {
        let network = try ScratchNetwork()
        let device = try network.left.run { try TUNDevice(name: "plait-tun") }
        let packet = [UInt8](repeating: 0, count: 40)
        #expect(throws: SystemError.self) { try packet.withUnsafeBytes { try device.write($0) } }
        try shell("ip -n \(network.leftName) link set plait-tun up")
        let error = #expect(throws: SystemError.self) { try packet.withUnsafeBytes { try device.write($0) } }
        #expect(error?.errno == EINVAL)
    }

    @Test func theDeviceGoesAwayWithTheObject() throws {
        let network = try ScratchNetwork()
        var device: TUNDevice? = try network.left.run { try TUNDevice(name: "plait-tun") }
        #expect(device != nil)
        #expect(try shell("ip -n \(network.leftName) link").contains("plait-tun"))
        device = nil
        #expect(try !shell("ip -n \(network.leftName) link").contains("plait-tun"))
    }

    @Test func badNamesAreRefused() {
        for name in ["", "a-name-that-is-too-long"] {
            let error = #expect(throws: SystemError.self) { try TUNDevice(name: name) }
            #expect(error?.errno == ENAMETOOLONG)
        }
    }
}
