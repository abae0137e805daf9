// SPDX-License-Identifier: Apache-2.0
import LinuxIO
import Testing
import Wire

@Suite struct HostErrorSocketTests {
    @Test(arguments: [false, true]) func whatItSendsIsSentAsItIs(isIPv4: Bool) throws {
        let network = try ScratchNetwork()
        let errors = try network.left.run { try HostErrorSocket() }
        let near = try #require(IPAddress(isIPv4 ? "192.0.2.1" : "2001:db8::1"))
        let far = try #require(IPAddress(isIPv4 ? "192.0.2.2" : "2001:db8::2"))
        // A protocol that something listens to; the kernel looks at no more than the IP header.
        let receiver = try network.right.run { try TunnelSocket(.gre, over: isIPv4 ? .ipv4 : .ipv6) }
        let batch = ReceiveBatch()
        let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: 2048, alignment: 8)
        defer { memory.deallocate() }
        batch.provide(memory, at: 0)
        let payload = (0..<40).map { UInt8($0) }
        let packet = try #require(Self.packet(near, far, payload))
        #expect(packet.withUnsafeBytes { errors.send($0, to: far) })
        #expect(poll { receiver.receive(into: batch) == 1 ? true : nil } == true)
        #expect(Array(memory[batch[0].start..<(batch[0].start + batch[0].count)]) == payload)
        #expect(batch[0].source == near)
        let nowhere = try #require(IPAddress(isIPv4 ? "203.0.113.1" : "2001:db8:ffff::1"))
        let lost = try #require(Self.packet(near, nowhere, payload))
        #expect(!lost.withUnsafeBytes { errors.send($0, to: nowhere) })
    }

    private static func packet(_ source: IPAddress, _ destination: IPAddress, _ payload: [UInt8]) -> [UInt8]? {
        switch (source, destination) {
        case (.v4(let source), .v4(let destination)):
            IPv4Header(
                source: source,
                destination: destination,
                protocolNumber: IPProtocol.gre,
                payloadLength: payload.count
            ).octets + payload
        case (.v6(let source), .v6(let destination)):
            IPv6Header(
                source: source,
                destination: destination,
                nextHeader: IPProtocol.gre,
                payloadLength: payload.count
            ).octets + payload
        default: nil
        }
    }
}
