// SPDX-License-Identifier: Apache-2.0

/// The walk from an IP header to the mobility message behind it, over whatever part of the packet was captured.
struct CapturedPacket {
    var source: IPAddress
    var destination: IPAddress
    var ports: (source: UInt16, destination: UInt16)?
    /// What was captured of the message.
    var message: [UInt8] = []
    /// Octets that the headers promise and the capture lacks.
    var missing = 0
    var isFragment = false
    var checksum = CapturedMessage.ChecksumState.absent

    /// nil if the packet carries no mobility message.
    init?(_ octets: RawSpan, at start: Int) {
        switch octets.octet(at: start).map({ $0 >> 4 }) {
        case 4: self.init(ipv4: octets, at: start)
        case 6: self.init(ipv6: octets, at: start)
        default: return nil
        }
    }

    private init?(ipv4 octets: RawSpan, at start: Int) {
        guard let first = octets.octet(at: start), let total = octets.uint16(at: start + 2),
            let fragment = octets.uint16(at: start + 6), octets.octet(at: start + 9) == IPProtocol.udp,
            let source = octets.ipv4Address(at: start + 12), let destination = octets.ipv4Address(at: start + 16)
        else { return nil }
        let transport = start + Int(first & 0x0F) * 4
        // Only the first fragment shows its ports.
        guard first & 0x0F >= 5, fragment & 0x1FFF == 0, let sourcePort = octets.uint16(at: transport),
            let destinationPort = octets.uint16(at: transport + 2), let length = octets.uint16(at: transport + 4),
            let sum = octets.uint16(at: transport + 6),
            sourcePort == MobilityPort.control || destinationPort == MobilityPort.control
        else { return nil }
        self.source = .v4(source)
        self.destination = .v4(destination)
        ports = (sourcePort, destinationPort)
        isFragment = fragment & 0x2000 != 0
        let end = min(start + Int(total), transport + Int(length))
        take(octets, from: transport + UDPHeader.length, to: end)
        guard sum != 0, !isFragment, missing == 0 else { return }
        check(octets, from: transport, to: end, protocolNumber: IPProtocol.udp)
    }

    private init?(ipv6 octets: RawSpan, at start: Int) {
        guard let length = octets.uint16(at: start + 4), let next = octets.octet(at: start + 6),
            let source = octets.ipv6Address(at: start + 8), let destination = octets.ipv6Address(at: start + 24)
        else { return nil }
        self.source = .v6(source)
        self.destination = .v6(destination)
        let end = start + IPv6Header.length + Int(length)
        var walk = Walk(offset: start + IPv6Header.length, next: next, end: end)
        guard walk.reachesMessage(octets) else { return nil }
        isFragment = walk.isFragment
        take(octets, from: walk.offset, to: end)
        guard !isFragment, missing == 0 else { return }
        // RFC 6275 §6.1.1: the home address stands in for the addresses that the header shows.
        let shown = (self.source, self.destination)
        self.source = walk.homeSource.map { .v6($0) } ?? self.source
        self.destination = walk.homeDestination.map { .v6($0) } ?? self.destination
        check(octets, from: walk.offset, to: end, protocolNumber: IPProtocol.mobilityHeader)
        (self.source, self.destination) = shown
    }

    private mutating func take(_ octets: RawSpan, from start: Int, to end: Int) {
        let available = max(start, min(end, octets.byteCount))
        missing = max(0, end - max(start, min(end, octets.byteCount)))
        message = start <= octets.byteCount ? octets.octets(start..<available) ?? [] : []
    }

    private mutating func check(_ octets: RawSpan, from start: Int, to end: Int, protocolNumber: UInt8) {
        guard start <= end, let covered = octets.octets(start..<end) else { return }
        var sum = Checksum()
        sum.addPseudoHeader(
            source: source,
            destination: destination,
            protocolNumber: protocolNumber,
            length: end - start
        )
        sum.add(covered)
        checksum = sum.value == 0 ? .ok : .bad
    }
}

/// The walk over IPv6 extension headers, with an eye on the home addresses of client mobility.
private struct Walk {
    var offset: Int
    var next: UInt8
    var end: Int
    var isFragment = false
    var homeSource: IPv6Address?
    var homeDestination: IPv6Address?

    private static let homeAddressOption: UInt8 = 201
    private static let limit = 16

    mutating func reachesMessage(_ octets: RawSpan) -> Bool {
        for _ in 0..<Self.limit {
            if next == IPProtocol.mobilityHeader { return offset <= end }
            guard let following = octets.octet(at: offset), let units = octets.octet(at: offset + 1) else {
                return false
            }
            let after = offset + (Int(units) + 1) * 8
            switch next {
            case IPProtocol.hopByHopOptions: break
            case IPProtocol.destinationOptions: readOptions(octets, to: after)
            case IPProtocol.routing: readRouting(octets)
            case IPProtocol.fragment:
                guard let word = octets.uint16(at: offset + 2), word >> 3 == 0 else { return false }
                isFragment = isFragment || word & 1 != 0
                (offset, next) = (offset + 8, following)
                continue
            default: return false
            }
            (offset, next) = (after, following)
        }
        return false
    }

    /// RFC 6275 §6.3
    private mutating func readOptions(_ octets: RawSpan, to after: Int) {
        var position = offset + 2
        while position < after, let type = octets.octet(at: position) {
            if type == 0 {
                position += 1
                continue
            }
            guard let length = octets.octet(at: position + 1) else { return }
            if type == Self.homeAddressOption, length == 16 { homeSource = octets.ipv6Address(at: position + 2) }
            position += 2 + Int(length)
        }
    }

    /// RFC 6275 §6.4: type 2, one segment left.
    private mutating func readRouting(_ octets: RawSpan) {
        guard octets.octet(at: offset + 2) == 2, octets.octet(at: offset + 3) == 1 else { return }
        homeDestination = octets.ipv6Address(at: offset + 8)
    }
}
