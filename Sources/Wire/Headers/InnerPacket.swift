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
    /// Twenty bits; 0 in IPv4.
    public var flowLabel: UInt32
    /// What the fragments of a packet have in common; 0 outside of fragments.
    public var fragmentIdentification: UInt32

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
            flowLabel = 0
            fragmentIdentification = isFragment ? UInt32(header.identification) : 0
            transportOffset = header.fragmentOffset == 0 ? header.headerLength : nil
        } else if let header = IPv6Header(octets) {
            source = .v6(header.source)
            destination = .v6(header.destination)
            length = IPv6Header.length &+ header.payloadLength
            dontFragment = true
            trafficClass = header.trafficClass
            flowLabel = header.flowLabel
            let chain = ExtensionHeaders(octets, first: header.nextHeader, end: length)
            protocolNumber = chain.protocolNumber
            isFragment = chain.isFragment
            fragmentIdentification = chain.fragmentIdentification
            transportOffset = chain.transportOffset
        } else {
            return nil
        }
        // Fragments: none shows its ports, or the first one would take another path than the rest.
        guard !isFragment, let ports = portsShown(in: octets) else { return }
        (sourcePort, destinationPort) = ports
    }

    /// Whether the protocol's header begins with ports.
    @inlinable
    public static func hasPorts(_ protocolNumber: UInt8) -> Bool {
        protocolNumber == IPProtocol.tcp || protocolNumber == IPProtocol.udp
    }

    /// Those of the packet, or of a first fragment; the octets are the packet's.
    @inlinable
    public func portsShown(in octets: RawSpan) -> (source: UInt16, destination: UInt16)? {
        guard Self.hasPorts(protocolNumber), let offset = transportOffset, offset &+ 4 <= length,
            let source = octets.uint16(at: offset), let destination = octets.uint16(at: offset &+ 2)
        else { return nil }
        return (source, destination)
    }

    /// SPI of ESP (RFC 4303 §2) or AH (RFC 4302 §2); the octets are the packet's.
    @inlinable
    public func securityParameterIndex(in octets: RawSpan) -> UInt32? {
        let position: Int? =
            switch protocolNumber {
            case IPProtocol.esp: 0
            case IPProtocol.ah: 4
            default: nil
            }
        guard let position, let offset = transportOffset, offset &+ position &+ 4 <= length else { return nil }
        return octets.uint32(at: offset &+ position)
    }
}
