// SPDX-License-Identifier: Apache-2.0

/// What forwarding has to know of a user packet, read in place: a whole IPv4 or IPv6 packet.
public struct InnerPacket: Sendable {
    public var source: IPAddress
    public var destination: IPAddress
    /// The upper layer's, behind IPv6 extension headers.
    public var protocolNumber: UInt8
    public var sourcePort: UInt16 = 0
    public var destinationPort: UInt16 = 0
    /// Of the whole packet, in octets.
    public var length: Int
    /// Where the upper layer starts; nil in a fragment other than the first.
    public var transportOffset: Int?
    public var isFragment: Bool
    /// IPv4 only; IPv6 routers never fragment.
    public var dontFragment: Bool
    /// DSCP and ECN.
    public var trafficClass: UInt8

    @inlinable public var isIPv4: Bool { source.isIPv4 }

    /// nil unless the octets start with a whole, well-formed IP packet.
    @inlinable
    public init?(_ octets: RawSpan) {
        if let header = IPv4Header(octets) {
            source = .v4(header.source)
            destination = .v4(header.destination)
            protocolNumber = header.protocolNumber
            length = header.totalLength
            isFragment = header.isFragment
            dontFragment = header.dontFragment
            trafficClass = header.typeOfService
            transportOffset = header.fragmentOffset == 0 ? header.headerLength : nil
        } else if let header = IPv6Header(octets) {
            source = .v6(header.source)
            destination = .v6(header.destination)
            length = IPv6Header.length &+ header.payloadLength
            dontFragment = true
            trafficClass = header.trafficClass
            let chain = ExtensionHeaders(octets, first: header.nextHeader, end: length)
            protocolNumber = chain.protocolNumber
            isFragment = chain.isFragment
            transportOffset = chain.transportOffset
        } else {
            return nil
        }
        // Fragments: none shows its ports, or the first one would take another path than the rest.
        guard !isFragment, let offset = transportOffset, offset &+ 4 <= length,
            protocolNumber == IPProtocol.tcp || protocolNumber == IPProtocol.udp
        else { return }
        sourcePort = octets.uint16(at: offset) ?? 0
        destinationPort = octets.uint16(at: offset &+ 2) ?? 0
    }
}
