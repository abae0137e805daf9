// SPDX-License-Identifier: Apache-2.0
import Forwarding
import Wire

/// Gateway and anchor, joined by memory instead of a network: one session over two paths.
final class TunnelScene {
    struct Shape {
        var encapsulation: Encapsulation
        var isPerPacket: Bool
        /// Of an inner packet.
        var octets: Int
        /// Sessions that are installed beside the one that is used.
        var others = 0
        /// The network swaps neighbours.
        var isReordering = false
        /// For all packets.
        var treatment: FlowTreatment?
        /// Bits per second of each path, by which our own queue measures out what is sent.
        var rate: Int64?
        /// Both ends tell each other what arrives.
        var hasReports = false
        var rules: [FlowRule] {
            treatment.map { treatment in
                let everything = TrafficSelector.ipv4(IPv4TrafficSelector())
                return [FlowRule(identifier: 1, priority: 1, selector: everything, treatment: treatment)]
            } ?? []
        }
    }

    /// As many as the worker reads in one go.
    static let round = 64
    private static let flows = 16
    private static let session = SessionNumber(rawValue: 1)

    private let shape: Shape
    private let packets: [[UInt8]]
    private var gateway: Forwarder
    private var anchor: Forwarder
    private var sending = Burst()
    private var receiving = Burst()
    /// What the anchor's reports have the gateway send.
    private var sendingNext = Burst()
    private var now = Instant(nanoseconds: 1_000_000_000)
    private var delivered = 0

    init(_ shape: Shape) {
        self.shape = shape
        packets = (0..<Self.flows).map { Packet.udp(octets: shape.octets, sourcePort: UInt16(5000 + $0)) }
        gateway = Forwarder(role: .gateway, seed: 1)
        anchor = Forwarder(role: .anchor, seed: 2)
        for other in 0..<shape.others { install(SessionNumber(rawValue: Int32(100 + other)), block: UInt32(other)) }
        install(Self.session, block: 0xFFFF)
        settle()
    }

    /// Both ends know the same session: 10.n.n.0/24 with two paths.
    private func install(_ session: SessionNumber, block: UInt32) {
        let network = IPAddress.v4(IPv4Address(0x0A00_0000 | block << 8))
        let parameters = SessionParameters(
            prefixes: [IPPrefix(network, length: 24)].compactMap(\.self),
            sendKey: UInt32(bitPattern: session.rawValue),
            receiveKey: UInt32(bitPattern: session.rawValue),
            distribution: shape.isPerPacket ? .perPacket(reorderTimeout: .milliseconds(100)) : .perFlow,
            rules: shape.rules
        )
        gateway.apply(.installSession(session, parameters), at: now, into: &sending)
        anchor.apply(.installSession(session, parameters), at: now, into: &receiving)
        for path in 1...Int32(2) {
            let number = PathNumber(rawValue: session.rawValue * 2 + path)
            let (near, far) = Self.ends(of: number)
            gateway.apply(.installPath(number, description(session, near, far, path)), at: now, into: &sending)
            anchor.apply(.installPath(number, description(session, far, near, path)), at: now, into: &receiving)
        }
    }

    /// Of a path: the gateway's address and the anchor's.
    private static func ends(of path: PathNumber) -> (gateway: IPAddress, anchor: IPAddress) {
        let care = IPv6Address(high: 0x2001_0DB8_000A_0000, low: UInt64(UInt32(bitPattern: path.rawValue)))
        return (.v6(care), .v6(IPv6Address(high: 0x2001_0DB8_0100_0000, low: 1)))
    }

    private func description(
        _ session: SessionNumber,
        _ local: IPAddress,
        _ remote: IPAddress,
        _ path: Int32
    ) -> PathParameters {
        PathParameters(
            session: session,
            local: local,
            remote: remote,
            encapsulation: shape.encapsulation,
            mtu: 1500,
            rate: shape.rate,
            bindingIdentifier: shape.hasReports ? UInt8(path) : 1,
            probeKey: shape.hasReports ? SipKey(k0: 1, k1: 2) : nil,
            hasReports: shape.hasReports
        )
    }

    // MARK: What is measured

    func run(rounds: Int) -> Sample {
        delivered = 0
        let sample = Sample.taking(rounds * Self.round) {
            for _ in 0..<rounds { carry() }
        }
        precondition(delivered == rounds * Self.round, "\(delivered) of \(rounds * Self.round) packets arrived")
        return sample
    }

    /// How many reports fall due meanwhile at the two ends, with their copies.
    func reports(in rounds: Int) -> Int {
        shape.hasReports ? 4 * (Int((Self.step * rounds) / .milliseconds(20)) + 1) : 0
    }

    /// Between two rounds.
    private static let step = Duration.microseconds(50)

    /// A round of packets: in at the gateway's TUN device, out at the anchor's.
    private func carry() {
        now = now + Self.step
        for number in 0..<Self.round {
            guard let slot = Packet.put(packets[number % Self.flows], into: &gateway.arena) else { continue }
            gateway.fromTUN(slot, at: now, into: &sending)
        }
        if shape.isReordering {
            for place in stride(from: 1, to: sending.transmissions.count, by: 2) {
                sending.transmissions.swapAt(place - 1, place)
            }
        }
        if shape.hasReports {
            gateway.advance(to: now, into: &sending)
            anchor.advance(to: now, into: &receiving)
        }
        for transmission in sending.transmissions {
            if let slot = Packet.move(transmission.slot, from: gateway.arena, into: &anchor.arena) {
                anchor.fromTunnel(slot, arrival(of: transmission, isUp: true), at: now, into: &receiving)
            }
        }
        for transmission in receiving.transmissions {
            if let slot = Packet.move(transmission.slot, from: anchor.arena, into: &gateway.arena) {
                gateway.fromTunnel(slot, arrival(of: transmission, isUp: false), at: now, into: &sendingNext)
            }
        }
        // As the worker does, for its alarm.
        _ = gateway.nextDeadline
        _ = anchor.nextDeadline
        settle()
    }

    private func arrival(of transmission: Transmission, isUp: Bool) -> TunnelArrival {
        let ends = Self.ends(of: transmission.path)
        let (near, far) = isUp ? (ends.gateway, ends.anchor) : (ends.anchor, ends.gateway)
        let transport: TunnelArrival.Transport =
            switch shape.encapsulation {
            case .ipInIP: .ipInIP(isIPv4: transmission.isIPv4)
            case .gre: .gre
            case .udp, .udpTLV, .udpTLVGRE: .udp(sourcePort: transmission.port)
            }
        return TunnelArrival(local: far, remote: near, transport: transport, trafficClass: transmission.trafficClass)
    }

    private func settle() {
        for transmission in sending.transmissions { gateway.arena.release(transmission.slot) }
        for transmission in receiving.transmissions { anchor.arena.release(transmission.slot) }
        for slot in sending.deliveries { gateway.arena.release(slot) }
        for slot in receiving.deliveries { anchor.arena.release(slot) }
        delivered += receiving.deliveries.count
        sending.clear()
        receiving.clear()
        swap(&sending, &sendingNext)
    }
}
