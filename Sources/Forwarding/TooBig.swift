// SPDX-License-Identifier: Apache-2.0
import Wire

/// Tells a host that its packet does not fit into the tunnel (RFC 4443 §3.2, RFC 792 with RFC 1191 §4,
/// RFC 2473 §7).
struct TooBig: Sendable {
    /// Errors a second, and at once after a pause (RFC 4443 §2.4 f).
    static let rate: Int64 = 100
    static let burst: Int64 = 50

    /// RFC 4443 §2.4 c: as much of the packet as fits into the smallest IPv6 MTU.
    private static let largestV6 = 1280
    /// RFC 1812 §4.3.2.3
    private static let largestV4 = 576

    /// Where the errors come from; nil sends none of the family.
    var ipv6Source: IPv6Address?
    var ipv4Source: IPv4Address?

    /// Token bucket, in nanoseconds of credit.
    private var credit = burst * costOfOne
    private var filledAt: Instant?
    private static let costOfOne = 1_000_000_000 / rate

    /// Whether the packet must not be sent into a tunnel of this MTU. IPv6 of up to 1280 octets always goes: the
    /// outer packet is fragmented (RFC 2473 §7.1), as for IPv4 without DF (§7.2).
    static func isTooBig(_ packet: InnerPacket, mtu: Int) -> Bool {
        packet.isIPv4 ? packet.dontFragment && packet.length > mtu : packet.length > max(largestV6, mtu)
    }

    /// The error about the packet, in a slot of its own; nil if none is due.
    mutating func answer(
        _ packet: InnerPacket,
        in slot: Slot,
        mtu: Int,
        at now: Instant,
        arena: inout PacketArena
    ) -> Slot? {
        guard mayAnswer(packet, in: slot, arena: arena) else { return nil }
        switch packet.source {
        case .v6(let host):
            guard let source = ipv6Source, host.isRoutableUnicast, spend(at: now) else { return nil }
            return packetTooBig(to: host, from: source, mtu: max(mtu, Self.largestV6), about: slot, &arena)
        case .v4(let host):
            guard let source = ipv4Source, host.isUnicast, spend(at: now) else { return nil }
            return fragmentationNeeded(to: host, from: source, mtu: mtu, about: slot, &arena)
        }
    }

    /// RFC 4443 §2.4 e, RFC 1122 §3.2.2: never about an error, a later fragment, or what was sent to many.
    private func mayAnswer(_ packet: InnerPacket, in slot: Slot, arena: borrowing PacketArena) -> Bool {
        guard let offset = packet.transportOffset, Session.isForwardable(packet.destination) else { return false }
        switch packet.protocolNumber {
        case IPProtocol.icmpv6:
            guard let type = arena.withBytes(slot, { $0.octet(at: offset) }) else { return false }
            // RFC 4443 §2.1: errors are below 128; RFC 4443 §2.4 e.2 adds redirects.
            return type >= 128 && type != 137
        case IPProtocol.icmp:
            guard let type = arena.withBytes(slot, { $0.octet(at: offset) }) else { return false }
            return ![3, 4, 5, 11, 12].contains(type)
        default: return true
        }
    }

    private mutating func spend(at now: Instant) -> Bool {
        if let filledAt {
            let elapsed = max(0, (now - filledAt).wholeNanoseconds)
            credit = min(Self.burst * Self.costOfOne, credit + min(elapsed, Self.burst * Self.costOfOne))
        }
        filledAt = now
        guard credit >= Self.costOfOne else { return false }
        credit -= Self.costOfOne
        return true
    }

    private func packetTooBig(
        to host: IPv6Address,
        from source: IPv6Address,
        mtu: Int,
        about slot: Slot,
        _ arena: inout PacketArena
    ) -> Slot? {
        let quoted = min(Int(slot.count), Self.largestV6 - IPv6Header.length - 8)
        let header = IPv6Header(
            source: source,
            destination: host,
            nextHeader: IPProtocol.icmpv6,
            payloadLength: 8 + quoted
        )
        // |  Type 2  |  Code 0  | Checksum |      MTU (32)      |
        let icmp: [UInt8] = [2, 0, 0, 0] + Self.octets(UInt32(clamping: mtu))
        guard var answer = arena.take(filledWith: header.octets + icmp) else { return nil }
        arena.append(quoted, of: slot, to: &answer)
        var checksum = Checksum()
        checksum.addPseudoHeader(
            source: .v6(source),
            destination: .v6(host),
            protocolNumber: IPProtocol.icmpv6,
            length: 8 + quoted
        )
        arena.withBytes(answer) { checksum.add($0.extracting(IPv6Header.length..<$0.byteCount)) }
        arena.store(checksum.value, at: IPv6Header.length + 2, in: answer)
        return answer
    }

    private func fragmentationNeeded(
        to host: IPv4Address,
        from source: IPv4Address,
        mtu: Int,
        about slot: Slot,
        _ arena: inout PacketArena
    ) -> Slot? {
        let quoted = min(Int(slot.count), Self.largestV4 - IPv4Header.minimumLength - 8)
        let header = IPv4Header(
            source: source,
            destination: host,
            protocolNumber: IPProtocol.icmp,
            payloadLength: 8 + quoted,
            dontFragment: false
        )
        // |  Type 3  |  Code 4  | Checksum |  unused (16)  | Next-Hop MTU (16) |
        let icmp: [UInt8] = [3, 4, 0, 0] + Self.octets(UInt32(UInt16(clamping: mtu)))
        guard var answer = arena.take(filledWith: header.octets + icmp) else { return nil }
        arena.append(quoted, of: slot, to: &answer)
        var checksum = Checksum()
        arena.withBytes(answer) { checksum.add($0.extracting(IPv4Header.minimumLength..<$0.byteCount)) }
        arena.store(checksum.value, at: IPv4Header.minimumLength + 2, in: answer)
        return answer
    }

    private static func octets(_ value: UInt32) -> [UInt8] {
        [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: value >> UInt32($0)) }
    }
}
