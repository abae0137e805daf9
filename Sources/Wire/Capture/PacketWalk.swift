// SPDX-License-Identifier: Apache-2.0

/// The walk over the headers of a captured packet, from the outermost IP header inwards, as far as they are the
/// protocol's: to a mobility message, or to what a tunnel carries.
struct PacketWalk {
    private(set) var headers: [CapturedHeader] = []
    /// One for each IP header passed.
    private(set) var ends: [CapturedPacket.Ends] = []
    private(set) var checksum = CapturedPacket.ChecksumState.absent
    private(set) var isFragment = false

    /// The packet as long as it claims; zeros stand for what the capture lacks.
    private let octets: [UInt8]
    private let captured: Int
    private var offset = 0
    private var end: Int
    /// Where the last IP header stands, and how many headers stand before it.
    private var lastPacket = (offset: 0, end: 0, headers: 0)
    /// What checksums cover in the place of the addresses shown (RFC 6275 §6.1.1).
    private var homeSource: IPv6Address?
    private var homeDestination: IPv6Address?

    private static let limit = 24

    private enum Step {
        /// To the header of this protocol.
        case next(UInt8)
        case content(CapturedPacket.Content?)
    }

    /// nil if the octets start with no IP header.
    init?(_ octets: [UInt8]) {
        let span = octets.span.bytes
        let claimed: Int?
        switch span.octet(at: 0).map({ $0 >> 4 }) {
        case 4: claimed = span.uint16(at: 2).map { Int($0) }
        case 6: claimed = span.uint16(at: 4).map { Int($0) + IPv6Header.length }
        default: claimed = nil
        }
        guard let claimed else { return nil }
        self.octets = octets + Array(repeating: 0, count: max(0, claimed - octets.count))
        captured = octets.count
        end = claimed
    }

    /// Octets of the content that the capture lacks.
    var missing: Int { max(0, end - max(offset, captured)) }

    /// nil if there is nothing of the protocol's.
    mutating func content() -> CapturedPacket.Content? {
        var step = internetHeader()
        for _ in 0..<Self.limit {
            guard case .next(let number) = step else { break }
            step = pass(number)
        }
        // Headers that the capture lacks are nothing to go by.
        guard case .content(let content) = step, offset <= captured else { return userPacket() }
        return content
    }

    private mutating func pass(_ number: UInt8) -> Step {
        switch number {
        case IPProtocol.mobilityHeader where isIPv6: return message()
        case IPProtocol.hopByHopOptions where isIPv6, IPProtocol.destinationOptions where isIPv6,
            IPProtocol.routing where isIPv6, IPProtocol.fragment where isIPv6:
            return extensionHeader(number)
        case IPProtocol.ipv4, IPProtocol.ipv6: return tunnelled()
        case IPProtocol.gre: return genericEncapsulation()
        case IPProtocol.esp: return encapsulatedSecurity()
        case IPProtocol.udp: return datagram()
        default: return .content(userPacket())
        }
    }

    // MARK: - Internet Protocol

    private var isIPv6: Bool { ends.last.map { !$0.source.isIPv4 } ?? false }

    private mutating func internetHeader() -> Step {
        let before = headers.count
        let start = offset
        let step: Step
        let rest = self.rest
        if let header = IPv4Header(rest.span.bytes) {
            guard header.fragmentOffset == 0 else {
                return .content(before == 0 ? nil : .packet(captured(from: start)))
            }
            headers.append(.ipv4(header))
            let (source, destination) = (IPAddress.v4(header.source), IPAddress.v4(header.destination))
            ends.append(CapturedPacket.Ends(source: source, destination: destination, transport: .ipv4))
            isFragment = isFragment || header.moreFragments
            end = min(end, start + header.totalLength)
            offset = start + header.headerLength
            step = .next(header.protocolNumber)
        } else if let header = IPv6Header(rest.span.bytes) {
            headers.append(.ipv6(header))
            let (source, destination) = (IPAddress.v6(header.source), IPAddress.v6(header.destination))
            ends.append(CapturedPacket.Ends(source: source, destination: destination, transport: .ipv6))
            end = min(end, start + IPv6Header.length + header.payloadLength)
            offset = start + IPv6Header.length
            step = .next(header.nextHeader)
        } else {
            return .content(before == 0 ? nil : .opaque(captured(from: start)))
        }
        lastPacket = (start, end, before)
        (homeSource, homeDestination) = (nil, nil)
        return step
    }

    private mutating func extensionHeader(_ kind: UInt8) -> Step {
        guard let header = IPv6ExtensionHeader(kind: kind, rest.span.bytes), header.fragmentOffset ?? 0 == 0 else {
            return .content(userPacket())
        }
        isFragment = isFragment || header.moreFragments ?? false
        homeSource = header.homeSource ?? homeSource
        homeDestination = header.homeDestination ?? homeDestination
        headers.append(.ipv6Extension(header))
        offset += header.length
        return .next(header.nextHeader)
    }

    /// What is no tunnel and no message: somebody's packet if it came out of a tunnel, and nothing of ours otherwise.
    private mutating func userPacket() -> CapturedPacket.Content? {
        guard lastPacket.headers > 0 else { return nil }
        headers.removeSubrange(lastPacket.headers...)
        _ = ends.popLast()
        (offset, end) = (lastPacket.offset, lastPacket.end)
        return .packet(captured(from: offset))
    }

    // MARK: - Messages

    private mutating func message() -> Step {
        check(from: offset, protocolNumber: IPProtocol.mobilityHeader)
        return .content(.message(captured(from: offset)))
    }

    /// Covers all to the end, which the checksum field is part of.
    private mutating func check(from start: Int, protocolNumber: UInt8) {
        guard !isFragment, end <= captured, start <= end, let last = ends.last else { return }
        var sum = Checksum()
        sum.addPseudoHeader(
            source: homeSource.map { .v6($0) } ?? last.source,
            destination: homeDestination.map { .v6($0) } ?? last.destination,
            protocolNumber: protocolNumber,
            length: end - start
        )
        sum.add(Array(octets[start..<end]))
        checksum = sum.value == 0 ? .ok : .bad
    }

    // MARK: - Tunnels

    private mutating func datagram() -> Step {
        let span = rest.span.bytes
        guard let source = span.uint16(at: 0), let destination = span.uint16(at: 2), let length = span.uint16(at: 4),
            let sum = span.uint16(at: 6), Int(length) >= UDPHeader.length, !ends.isEmpty
        else { return .content(userPacket()) }
        let ports = [source, destination]
        let isOurs = [MobilityPort.control, MobilityPort.data, GTPUserPlaneHeader.port].contains { ports.contains($0) }
        guard isOurs else { return .content(userPacket()) }
        let header = UDPHeader(
            sourcePort: source,
            destinationPort: destination,
            payloadLength: Int(length) - UDPHeader.length,
            checksum: sum
        )
        headers.append(.udp(header))
        ends[ends.count - 1].transport = .udp(sourcePort: source, destinationPort: destination)
        end = min(end, offset + Int(length))
        if sum != 0 { check(from: offset, protocolNumber: IPProtocol.udp) }
        offset += UDPHeader.length
        // An empty datagram keeps an address translator's state alive.
        if offset >= end { return .content(.opaque([])) }
        if ports.contains(MobilityPort.control) { return .content(.message(captured(from: offset))) }
        return ports.contains(MobilityPort.data) ? tunnelledInUDP() : userPlane()
    }

    /// RFC 5845 §7.2: a zero Type tells a TLV header from an IP packet.
    private mutating func tunnelledInUDP() -> Step {
        guard let header = UDPTLVHeader(rest.span.bytes) else { return tunnelled() }
        headers.append(.tlv(header))
        offset += UDPTLVHeader.length
        switch header.nextHeader {
        case IPProtocol.ipv4, IPProtocol.ipv6, IPProtocol.gre: return .next(header.nextHeader)
        default: return .content(.opaque(captured(from: offset)))
        }
    }

    private mutating func genericEncapsulation() -> Step {
        guard let header = GREHeader(rest.span.bytes) else { return .content(userPacket()) }
        headers.append(.gre(header))
        offset += header.length
        let carriesIP = header.protocolType == GREHeader.ipv4 || header.protocolType == GREHeader.ipv6
        return carriesIP ? tunnelled() : .content(.opaque(captured(from: offset)))
    }

    private mutating func encapsulatedSecurity() -> Step {
        guard let header = ESPHeader(rest.span.bytes) else { return .content(userPacket()) }
        headers.append(.esp(header))
        offset += ESPHeader.length
        return .content(.opaque(captured(from: offset)))
    }

    private mutating func userPlane() -> Step {
        guard let header = GTPUserPlaneHeader(rest.span.bytes) else { return .content(.opaque(captured(from: offset))) }
        end = min(end, offset + header.length + header.payloadLength)
        offset += header.length
        if header.messageType == .gPDU {
            headers.append(.gtp(header, []))
            return tunnelled()
        }
        guard let elements = try? GTPInformationElement.all(decoding: rest) else {
            headers.append(.gtp(header, []))
            return .content(.opaque(captured(from: offset)))
        }
        headers.append(.gtp(header, elements))
        offset = end
        return .content(.opaque([]))
    }

    private mutating func tunnelled() -> Step { internetHeader() }

    // MARK: - Octets

    /// As they claim to be.
    private var rest: [UInt8] { offset < end && end <= octets.count ? Array(octets[offset..<end]) : [] }

    /// As they were captured.
    private func captured(from start: Int) -> [UInt8] {
        let stop = min(end, captured)
        return start < stop ? Array(octets[start..<stop]) : []
    }
}
