// SPDX-License-Identifier: Apache-2.0

/// One header of a captured packet.
package enum CapturedHeader: Equatable, Sendable {
    case ipv4(IPv4Header)
    case ipv6(IPv6Header)
    case ipv6Extension(IPv6ExtensionHeader)
    case udp(UDPHeader)
    case tlv(UDPTLVHeader)
    case gre(GREHeader)
    /// With what a message about the path says, if that can be read.
    case gtp(GTPUserPlaneHeader, [GTPInformationElement])
    case esp(ESPHeader)

    package var name: String {
        switch self {
        case .ipv4: "IPv4"
        case .ipv6: "IPv6"
        case .ipv6Extension(let header) where header.homeSource != nil: "Home Address"
        case .ipv6Extension(let header) where header.homeDestination != nil: "Type 2 Routing"
        case .ipv6Extension: "IPv6 Extension"
        case .udp: "UDP"
        case .tlv: "TLV"
        case .gre: "GRE"
        case .gtp: "GTP-U"
        case .esp: "ESP"
        }
    }

    package var fields: [Field] {
        switch self {
        case .ipv4(let header):
            [Field("source", header.source.description), Field("destination", header.destination.description)]
        case .ipv6(let header):
            [Field("source", header.source.description), Field("destination", header.destination.description)]
        case .ipv6Extension(let header): Self.fields(header)
        case .udp(let header):
            [Field("source-port", header.sourcePort), Field("destination-port", header.destinationPort)]
        case .tlv(let header): [Field("next-header", header.nextHeader), Field("length", header.payloadLength)]
        case .gre(let header):
            [Field("protocol-type", header.protocolType)] + Self.optional("key", header.key)
                + Self.optional("sequence", header.sequence)
        case .gtp(let header, let elements): Self.fields(header) + elements.map { $0.field }
        case .esp(let header): [Field("spi", header.securityParametersIndex), Field("sequence", header.sequence)]
        }
    }

    private static func fields(_ header: IPv6ExtensionHeader) -> [Field] {
        if let home = header.homeSource ?? header.homeDestination { return [Field("home-address", home.description)] }
        return [Field("header", header.kind), Field("content", header.content)]
    }

    private static func fields(_ header: GTPUserPlaneHeader) -> [Field] {
        [
            Field("message-type", header.messageType.rawValue),
            Field("message-name", header.messageType.description),
            Field("teid", header.tunnelEndpointIdentifier),
        ] + optional("sequence", header.sequence) + optional("n-pdu", header.packetDataUnitNumber)
            + header.extensions.map { Field("extension-\($0.type)", $0.content) }
    }

    private static func optional(_ name: String, _ value: (some BinaryInteger)?) -> [Field] {
        value.map { [Field(name, $0)] } ?? []
    }

    /// As we write it from its values.
    package var octets: [UInt8] {
        switch self {
        case .ipv4(let header): header.octets
        case .ipv6(let header): header.octets
        case .ipv6Extension(let header): header.octets
        case .udp(let header): header.octets
        case .tlv(let header): header.octets
        case .gre(let header): header.octets
        case .gtp(let header, let elements): header.octets + elements.flatMap { $0.octets }
        case .esp(let header): header.octets
        }
    }
}
