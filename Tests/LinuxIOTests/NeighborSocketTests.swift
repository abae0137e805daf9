// SPDX-License-Identifier: Apache-2.0
import Glibc
import LinuxIO
import Testing
import Wire

/// What each kind lets through, as the kernel runs its filter on frames of a real link.
@Suite struct NeighborSocketTests {
    /// The kinds of frames that somebody may send, each told apart by its source address.
    private enum Sample: UInt8, CaseIterable {
        case arpRequest = 1
        case arpReply, otherARP, truncatedARP
        case neighborSolicitation, neighborAdvertisement, routerSolicitation, routerAdvertisement, redirect
        case echoRequest, groupReport, otherExtension, udpOverIPv6, truncatedIPv6
        case toServer, toClient, toNameServer, tcp, withOptions, truncatedIPv4

        static let arp: UInt16 = 0x0806
        static let ipv4: UInt16 = 0x0800
        static let ipv6: UInt16 = 0x86DD

        var frame: [UInt8] {
            switch self {
            case .arpRequest: Self.arp(operation: 1)
            case .arpReply: Self.arp(operation: 2)
            case .otherARP: Self.arp(operation: 8)
            case .truncatedARP: Self.frame(self, Self.arp, [0, 1, 8, 0, 6])
            case .neighborSolicitation: Self.icmpv6(self, 135)
            case .neighborAdvertisement: Self.icmpv6(self, 136)
            case .routerSolicitation: Self.icmpv6(self, 133)
            case .routerAdvertisement: Self.icmpv6(self, 134)
            case .redirect: Self.icmpv6(self, 137)
            case .echoRequest: Self.icmpv6(self, 128)
            case .groupReport: Self.ipv6(self, next: 0, [58, 0, 5, 2, 0, 0, 1, 0, 143, 0, 0, 0, 0, 0, 0, 0])
            // Destination options, with the octet of a solicitation where its type would be.
            case .otherExtension: Self.ipv6(self, next: 60, [135, 0, 1, 4, 0, 0, 0, 0])
            case .udpOverIPv6: Self.ipv6(self, next: 17, [135, 67, 0, 67, 0, 8, 0, 0])
            case .truncatedIPv6: Self.frame(self, Self.ipv6, [0x60, 0, 0, 0, 0, 0])
            case .toServer: Self.ipv4(self, 17, [0, 68, 0, 67, 0, 8, 0, 0])
            case .toClient: Self.ipv4(self, 17, [0, 67, 0, 68, 0, 8, 0, 0])
            case .toNameServer: Self.ipv4(self, 17, [0, 67, 0, 53, 0, 8, 0, 0])
            case .tcp: Self.ipv4(self, 6, [0, 68, 0, 67] + [UInt8](repeating: 0, count: 16))
            case .withOptions: Self.ipv4(self, 17, [0, 68, 0, 67, 0, 8, 0, 0], options: [1, 1, 1, 1])
            case .truncatedIPv4: Self.frame(self, Self.ipv4, [0x45, 0, 0, 20, 0, 0, 0, 0, 64, 17])
            }
        }

        var source: [UInt8] { [2, 0, 0, 0, 0x77, rawValue] }

        static func of(_ frame: [UInt8]) -> Sample? {
            frame.count >= 12 && frame[6..<11].elementsEqual([2, 0, 0, 0, 0x77]) ? Sample(rawValue: frame[11]) : nil
        }

        private static func arp(operation: UInt8) -> [UInt8] {
            let sample: Sample = operation == 1 ? .arpRequest : operation == 2 ? .arpReply : .otherARP
            let addresses = sample.source + [192, 0, 2, 2] + [0, 0, 0, 0, 0, 0] + [192, 0, 2, 77]
            return frame(sample, arp, [0, 1, 8, 0, 6, 4, 0, operation] + addresses)
        }

        private static func icmpv6(_ sample: Sample, _ type: UInt8) -> [UInt8] {
            ipv6(sample, next: 58, [type, 0, 0, 0] + [UInt8](repeating: 0, count: 20))
        }

        private static func ipv6(_ sample: Sample, next: UInt8, _ payload: [UInt8]) -> [UInt8] {
            let source = [0xFE, 0x80] + [UInt8](repeating: 0, count: 13) + [sample.rawValue]
            let group = [0xFF, 2] + [UInt8](repeating: 0, count: 9) + [1, 0xFF, 0x12, 0x34, 0x56]
            let header: [UInt8] = [0x60, 0, 0, 0, 0, UInt8(payload.count), next, 255]
            return frame(sample, ipv6, header + source + group + payload)
        }

        private static func ipv4(
            _ sample: Sample,
            _ number: UInt8,
            _ payload: [UInt8],
            options: [UInt8] = []
        ) -> [UInt8] {
            let length = UInt8(20 + options.count + payload.count)
            let header: [UInt8] = [0x45 + UInt8(options.count / 4), 0, 0, length, 0, 0, 0, 0, 64, number, 0, 0]
            return frame(sample, ipv4, header + [0, 0, 0, 0, 255, 255, 255, 255] + options + payload)
        }

        /// To the group of a solicited node that nobody here is.
        private static func frame(_ sample: Sample, _ type: UInt16, _ payload: [UInt8]) -> [UInt8] {
            [0x33, 0x33, 0xFF, 0x12, 0x34, 0x56] + sample.source + [UInt8(type >> 8), UInt8(type & 0xFF)] + payload
        }
    }

    /// The last of its list shows that everything before it has come.
    private static let expected: [(NeighborSocket.Kind, [Sample])] = [
        (.ipv4, [.arpRequest]), (.ipv4Answers, [.arpReply]),
        (.arp, [.arpRequest, .arpReply, .otherARP, .truncatedARP]),
        (.ipv6, [.neighborSolicitation]),
        (
            .discovery,
            [
                .neighborSolicitation, .neighborAdvertisement, .routerSolicitation, .routerAdvertisement, .groupReport,
            ]
        ), (.dhcp, [.toServer]),
    ]

    @Test func eachKindHearsItsOwnFramesAndNoOthers() throws {
        let network = try ScratchNetwork()
        let sender = try network.right.run { try NeighborSocket(.arp, device: "wire") }
        for (kind, samples) in Self.expected {
            let receiver = try network.left.run { try NeighborSocket(kind, device: "wire") }
            for sample in Sample.allCases { try sender.send(sample.frame) }
            // Once more something that it hears: behind all the others.
            let last = try #require(samples.last)
            try sender.send(last.frame)
            var heard: [[UInt8]] = []
            let isComplete: Bool? = poll {
                heard += receiver.receive().filter { Sample.of($0) != nil }
                return heard.count { Sample.of($0) == last } == 2 ? true : nil
            }
            #expect(isComplete == true, "\(kind)")
            #expect(heard.compactMap(Sample.of) == samples + [last], "\(kind)")
            // Whole, and as they were sent.
            for (frame, sample) in zip(heard, samples) { #expect(frame.starts(with: sample.frame)) }
        }
    }

    /// Nor does it hear what this machine itself sends, by whichever socket.
    @Test func ownFramesAreNotHeard() throws {
        let network = try ScratchNetwork()
        let (receiver, other) = try network.left.run {
            (try NeighborSocket(.dhcp, device: "wire"), try NeighborSocket(.arp, device: "wire"))
        }
        let sender = try network.right.run { try NeighborSocket(.dhcp, device: "wire") }
        try receiver.send(Sample.toServer.frame)
        try other.send(Sample.toServer.frame)
        // They have gone out; what comes back then is the other end's.
        let isThere: Bool? = poll { sender.receive().count { Sample.of($0) == .toServer } > 0 ? true : nil }
        #expect(isThere == true)
        try sender.send(Sample.toServer.frame)
        var heard = 0
        let isHeard: Bool? = poll {
            heard += receiver.receive().count { Sample.of($0) == .toServer }
            return heard > 0 ? true : nil
        }
        #expect(isHeard == true && heard == 1)
    }

    /// The kernel itself, as a host: it asks for its address, and for its neighbour's.
    @Test func kernelsOwnQuestionsPass() throws {
        let network = try ScratchNetwork()
        let (arp, discovery) = try network.left.run {
            (try NeighborSocket(.arp, device: "wire"), try NeighborSocket(.discovery, device: "wire"))
        }
        try shell("ip -n \(network.rightName) neigh flush dev wire")
        try shell("ip netns exec \(network.rightName) ping -c 1 -W 1 192.0.2.77 >/dev/null || true")
        try shell("ip netns exec \(network.rightName) ping -c 1 -W 1 2001:db8::77 >/dev/null || true")
        #expect(
            poll {
                arp.receive().contains { (try? EthernetFrame(decoding: $0))?.kind == .arp } ? true : nil
            } == true
        )
        #expect(
            poll {
                discovery.receive().contains { frame in
                    guard let content = try? AccessFrame(decoding: frame).content,
                        case .neighborSolicitation(_, let target) = content
                    else { return false }
                    return target == IPv6Address("2001:db8::77")
                } ? true : nil
            } == true
        )
    }

    @Test func aDeviceThatIsMissingIsAClearError() {
        let error = #expect(throws: SystemError.self) { try NeighborSocket(.dhcp, device: "linuxio-none") }
        #expect(error.map { "\($0)" } == "if_nametoindex of linuxio-none: No such device")
    }
}
