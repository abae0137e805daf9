// SPDX-License-Identifier: Apache-2.0

/// A frame by which a mobile node shows itself on its access link, and what it wants (RFC 5213 §6.9.2, RFC 5844 §3.4).
package struct AccessFrame: Equatable, Sendable {
    package enum Content: Equatable, Sendable {
        /// From the ICMPv6 type on.
        case routerSolicitation(from: IPv6Address, octets: [UInt8])
        /// From `::` the node tries whether an address is free (RFC 4862 §5.4.3).
        case neighborSolicitation(from: IPv6Address, target: IPv6Address)
        case neighborAdvertisement(from: IPv6Address, target: IPv6Address)
        /// Which groups it listens to (RFC 2710, RFC 3810): Linux says so when its link has come back, and nothing else.
        case groupReport(from: IPv6Address)
        case arp(ARPPacket)
        /// To a server.
        case dhcp(DHCPMessage)
    }

    /// RFC 2710 §3, RFC 3810 §5.2
    private static let reports: [UInt8] = [131, 143]
    private static let dhcpServer: UInt16 = 67

    package let source: LinkLayerAddress
    package let content: Content

    /// Throws for everything else.
    package init(decoding octets: [UInt8]) throws(DecodeError) {
        let frame = try EthernetFrame(decoding: octets)
        source = frame.source
        switch frame.kind {
        case .arp: content = .arp(try ARPPacket(decoding: frame.payload))
        case .ipv4: content = .dhcp(try Self.dhcpMessage(frame.payload))
        case .ipv6:
            if let report = try Self.groupReport(frame.payload) {
                content = report
            } else {
                content = try Self.discovery(try NeighborPacket(decoding: frame.payload))
            }
        }
    }

    /// nil for a packet without hop-by-hop options, which a report has.
    private static func groupReport(_ octets: [UInt8]) throws(DecodeError) -> Content? {
        let span = octets.span.bytes
        guard let header = IPv6Header(span), header.nextHeader == IPProtocol.hopByHopOptions else { return nil }
        guard !header.source.isMulticast, let next = span.octet(at: IPv6Header.length),
            let units = span.octet(at: IPv6Header.length + 1),
            let type = span.octet(at: IPv6Header.length + (Int(units) + 1) * 8)
        else { throw DecodeError(.truncated, field: "Hop-by-Hop Options", offset: IPv6Header.length) }
        guard next == IPProtocol.icmpv6, reports.contains(type) else {
            throw DecodeError(.badValue(UInt64(type)), field: "Type", offset: IPv6Header.length)
        }
        return .groupReport(from: header.source)
    }

    private static func discovery(_ packet: NeighborPacket) throws(DecodeError) -> Content {
        guard !packet.source.isMulticast else {
            throw DecodeError(.badValue(packet.source.high), field: "Source Address", offset: 8)
        }
        let type = packet.message.first ?? 0
        switch type {
        case RouterSolicitation.type:
            return .routerSolicitation(from: packet.source, octets: packet.message)
        case NeighborSolicitation.type:
            let solicitation = try NeighborSolicitation(decoding: packet.message)
            return .neighborSolicitation(from: packet.source, target: solicitation.target)
        case NeighborAdvertisement.type:
            let advertisement = try NeighborAdvertisement(decoding: packet.message)
            return .neighborAdvertisement(from: packet.source, target: advertisement.target)
        default: throw DecodeError(.badValue(UInt64(type)), field: "Type", offset: IPv6Header.length)
        }
    }

    /// The checksum is not looked at: within a machine it is not there yet when a frame passes a link.
    private static func dhcpMessage(_ octets: [UInt8]) throws(DecodeError) -> DHCPMessage {
        guard let header = IPv4Header(octets.span.bytes) else {
            throw DecodeError(.truncated, field: "IPv4 header", offset: 0)
        }
        guard header.protocolNumber == IPProtocol.udp, !header.isFragment else {
            throw DecodeError(.badValue(UInt64(header.protocolNumber)), field: "Protocol", offset: 9)
        }
        let datagram = Array(octets.prefix(header.totalLength).dropFirst(header.headerLength))
        guard let transport = UDPHeader(datagram.span.bytes) else {
            throw DecodeError(.truncated, field: "UDP header", offset: header.headerLength)
        }
        guard transport.destinationPort == dhcpServer else {
            let port = UInt64(transport.destinationPort)
            throw DecodeError(.badValue(port), field: "Destination Port", offset: header.headerLength + 2)
        }
        return try DHCPMessage(decoding: Array(datagram.prefix(transport.datagramLength).dropFirst(UDPHeader.length)))
    }
}
