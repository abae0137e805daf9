// SPDX-License-Identifier: Apache-2.0
import Glibc
import LinuxIO
import Testing
import Wire

@Suite struct TunnelSocketTests {
    /// A socket with its batches and an arena of 64 slots, as the data plane has them.
    final class End {
        static let slotOctets = 2048
        let socket: TunnelSocket
        let receiving = ReceiveBatch()
        let sending = SendBatch()
        let arena: UnsafeMutableRawBufferPointer

        init(_ socket: TunnelSocket) {
            self.socket = socket
            arena = .allocate(byteCount: ReceiveBatch.capacity * End.slotOctets, alignment: 64)
            for index in 0..<ReceiveBatch.capacity { receiving.provide(slot(index), at: index) }
        }

        deinit { arena.deallocate() }

        func slot(_ index: Int) -> UnsafeMutableRawBufferPointer {
            UnsafeMutableRawBufferPointer(rebasing: arena[(index * End.slotOctets)...].prefix(End.slotOctets))
        }

        func payload(_ index: Int) -> [UInt8] {
            let packet = receiving[index]
            return Array(slot(index)[packet.start..<(packet.start + packet.count)])
        }
    }

    struct Variant: Sendable, CustomTestStringConvertible {
        let kind: TunnelSocket.Kind
        let family: AddressFamily
        var testDescription: String { "\(kind) over \(family)" }
        var port: UInt16 { if case .udp(let port) = kind { port } else { 0 } }
        var left: IPAddress? { IPAddress(family == .ipv4 ? "192.0.2.1" : "2001:db8::1") }
        var right: IPAddress? { IPAddress(family == .ipv4 ? "192.0.2.2" : "2001:db8::2") }
        var elsewhere: IPAddress? { IPAddress(family == .ipv4 ? "203.0.113.1" : "2001:db8:ffff::1") }
    }

    static let variants = [
        Variant(kind: .gre, family: .ipv6), Variant(kind: .gre, family: .ipv4),
        Variant(kind: .udp(port: 5437), family: .ipv6), Variant(kind: .udp(port: 5437), family: .ipv4),
        Variant(kind: .ipv4, family: .ipv6), Variant(kind: .ipv4, family: .ipv4),
        Variant(kind: .ipv6, family: .ipv6), Variant(kind: .ipv6, family: .ipv4),
    ]

    private func ends(
        _ variant: Variant,
        _ network: ScratchNetwork,
        device: String? = "wire"
    ) throws -> (End, End) {
        let right = variant.right
        try network.resolve()
        return (
            End(try network.left.run { try TunnelSocket(variant.kind, over: variant.family, device: device) }),
            End(try network.right.run { try TunnelSocket(variant.kind, over: variant.family, boundTo: right) })
        )
    }

    /// GRE with the key flag, a key, and a recognizable rest.
    private func packet(_ number: Int, count: Int) -> [UInt8] {
        [0x20, 0, 0x86, 0xDD, 0, 0, 0, 7] + (8..<count).map { UInt8(truncatingIfNeeded: $0 &+ number) }
    }

    /// Sends 64 packets and checks that all arrive whole.
    private func exchange(
        _ from: End,
        _ source: IPAddress,
        _ to: End,
        _ destination: IPAddress,
        _ port: UInt16,
        count: Int
    ) throws {
        let packets = (0..<64).map { packet($0, count: count) }
        for (index, packet) in packets.enumerated() {
            from.slot(index).copyBytes(from: packet)
            let octets = UnsafeRawBufferPointer(rebasing: from.slot(index)[..<packet.count])
            #expect(from.sending.append(octets, from: source, to: destination, port: port))
        }
        #expect(from.sending.isFull)
        #expect(!from.sending.append(UnsafeRawBufferPointer(from.slot(0)), from: nil, to: destination))
        let outcome = from.sending.flush(on: from.socket)
        #expect(outcome.sent == 64)
        #expect(outcome.octets == 64 * count)
        #expect(outcome.congested == 0)
        #expect(outcome.failures.isEmpty)
        #expect(from.sending.isEmpty)
        var received: [[UInt8]] = []
        _ = poll { () -> Bool? in
            for index in 0..<to.socket.receive(into: to.receiving) {
                let packet = to.receiving[index]
                #expect(packet.source == source)
                #expect(packet.sourcePort == port)
                #expect(packet.destination == destination)
                #expect(!packet.isTruncated)
                received.append(to.payload(index))
            }
            return received.count >= 64 ? true : nil
        }
        // Each once; a thread that changes the processor meanwhile may overtake itself.
        #expect(received.count == packets.count && Set(received) == Set(packets))
    }

    @Test(arguments: variants) func sixtyFourPacketsGoBothWays(_ variant: Variant) throws {
        let network = try ScratchNetwork()
        let (left, right) = try ends(variant, network)
        let leftAddress = try #require(variant.left)
        let rightAddress = try #require(variant.right)
        for count in [8, 1400] {
            try exchange(left, leftAddress, right, rightAddress, variant.port, count: count)
            try exchange(right, rightAddress, left, leftAddress, variant.port, count: count)
        }
    }

    /// Time passes between arrival and reading; how much is told.
    @Test(arguments: variants) func whatWaitsInTheSocketIsKnown(_ variant: Variant) throws {
        let network = try ScratchNetwork()
        let (left, right) = try ends(variant, network)
        let leftAddress = try #require(variant.left)
        let rightAddress = try #require(variant.right)
        try exchange(left, leftAddress, right, rightAddress, variant.port, count: 8)
        let sent = packet(1, count: 100).withUnsafeBytes { octets in
            _ = left.sending.append(octets, from: leftAddress, to: rightAddress, port: variant.port)
            return left.sending.flush(on: left.socket).sent
        }
        #expect(sent == 1)
        usleep(30_000)
        let waited = poll { right.socket.receive(into: right.receiving) == 1 ? right.receiving[0].waited : nil }
        #expect(try #require(waited) >= .milliseconds(25))
    }

    @Test(arguments: variants) func packetsLargerThanTheLinkAreFragmented(_ variant: Variant) throws {
        let network = try ScratchNetwork()
        let (left, right) = try ends(variant, network)
        let leftAddress = try #require(variant.left)
        let rightAddress = try #require(variant.right)
        try exchange(left, leftAddress, right, rightAddress, variant.port, count: 2000)
    }

    @Test(arguments: variants) func refusedPacketsAreReportedAndPassedOver(_ variant: Variant) throws {
        let network = try ScratchNetwork()
        // On a socket that is bound to a device, IPv4 takes a destination without a route for on-link.
        let (left, right) = try ends(variant, network, device: nil)
        let rightAddress = try #require(variant.right)
        let elsewhere = try #require(variant.elsewhere)
        let packet = packet(1, count: 100)
        let outcome = packet.withUnsafeBytes { octets in
            for destination in [elsewhere, rightAddress, elsewhere, rightAddress, elsewhere] {
                _ = left.sending.append(octets, from: nil, to: destination, port: variant.port)
            }
            return left.sending.flush(on: left.socket)
        }
        #expect(outcome.sent == 2)
        #expect(outcome.failures.count == 1)
        let failure = try #require(outcome.failures.first)
        #expect((failure.destination, failure.errno, failure.packets) == (elsewhere, ENETUNREACH, 3))
        var count = 0
        _ = poll { () -> Bool? in
            count += right.socket.receive(into: right.receiving)
            return count == 2 ? true : nil
        }
        #expect(count == 2)
    }

    @Test(arguments: variants) func eachPacketHasItsOwnTrafficClass(_ variant: Variant) throws {
        let network = try ScratchNetwork()
        let (left, right) = try ends(variant, network)
        let destination = try #require(variant.right)
        let classes: [UInt8] = [0, 46 << 2, 1, 2, 3, 0, 46 << 2 | 2, 255]
        let octets = packet(1, count: 100)
        let outcome = octets.withUnsafeBytes {
            for (index, trafficClass) in classes.enumerated() {
                let source = index % 2 == 0 ? variant.left : nil
                _ = left.sending.append(
                    $0,
                    from: source,
                    to: destination,
                    port: variant.port,
                    trafficClass: trafficClass
                )
            }
            return left.sending.flush(on: left.socket)
        }
        #expect(outcome.sent == classes.count)
        var received: [UInt8] = []
        _ = poll { () -> Bool? in
            for index in 0..<right.socket.receive(into: right.receiving) {
                received.append(right.receiving[index].trafficClass)
            }
            return received.count >= classes.count ? true : nil
        }
        #expect(received.sorted() == classes.sorted())
    }

    /// Linux' ip6tnl puts a tunnel encapsulation limit in front of what it carries (RFC 2473 §4.1.1).
    @Test(arguments: [TunnelSocket.Kind.ipv6, .ipv4, .gre])
    func destinationOptionsOfTheOuterHeaderAreTakenOff(_ kind: TunnelSocket.Kind) throws {
        let network = try ScratchNetwork()
        let variant = Variant(kind: kind, family: .ipv6)
        let (_, right) = try ends(variant, network)
        let payload = packet(3, count: 100)
        let next = kind == .ipv6 ? 41 : kind == .ipv4 ? 4 : 47
        let hexadecimal = payload.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }
        try shell(
            """
            ip netns exec \(network.leftName) python3 -c '
            import socket
            out = socket.socket(socket.AF_INET6, socket.SOCK_RAW, 60)
            limit = bytes([\(next), 0, 4, 1, 4, 1, 1, 0])
            out.sendto(limit + bytes.fromhex("\(hexadecimal.joined())"), ("2001:db8::2", 0))'
            """
        )
        let isReceived = poll { right.socket.receive(into: right.receiving) == 1 ? true : nil }
        #expect(isReceived == true)
        #expect(right.payload(0) == payload)
        #expect(right.receiving[0].source == variant.left)
    }

    @Test func slotsThatAreTooSmallAreMarked() throws {
        let network = try ScratchNetwork()
        let (left, right) = try ends(TunnelSocketTests.variants[0], network)
        let small = UnsafeMutableRawBufferPointer.allocate(byteCount: 32, alignment: 8)
        defer { small.deallocate() }
        right.receiving.provide(small, at: 0)
        let destination = try #require(TunnelSocketTests.variants[0].right)
        let octets = packet(1, count: 100)
        let outcome = octets.withUnsafeBytes {
            _ = left.sending.append($0, from: nil, to: destination)
            return left.sending.flush(on: left.socket)
        }
        #expect(outcome.sent == 1)
        #expect(poll { right.socket.receive(into: right.receiving) == 1 ? true : nil } == true)
        #expect(right.receiving[0].isTruncated)
        #expect(right.receiving[0].count <= 32)
    }

    @Test func theLimitIsKept() throws {
        let network = try ScratchNetwork()
        let variant = TunnelSocketTests.variants[3]
        let (left, right) = try ends(variant, network)
        let destination = try #require(variant.right)
        let octets = packet(1, count: 100)
        octets.withUnsafeBytes {
            for _ in 0..<10 { _ = left.sending.append($0, from: nil, to: destination, port: variant.port) }
            _ = left.sending.flush(on: left.socket)
        }
        #expect(right.socket.receive(into: right.receiving, limit: 0) == 0)
        // The packets may arrive in several portions.
        var counts: [Int] = []
        _ = poll { () -> Bool? in
            counts.append(right.socket.receive(into: right.receiving, limit: 4))
            return counts.reduce(0, +) >= 10 ? true : nil
        }
        #expect(counts.reduce(0, +) == 10)
        #expect(counts.allSatisfy { $0 <= 4 })
        #expect(right.socket.receive(into: right.receiving) == 0)
    }
}
