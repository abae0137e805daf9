// SPDX-License-Identifier: Apache-2.0

/// What GTP-U's messages about the path carry (3GPP TS 29.281 §8). Types below 128 have a fixed length, the others say
/// theirs.
package enum GTPInformationElement: Equatable, Sendable {
    /// In every echo response; its value means nothing in GTP-U.
    case recovery(UInt8)
    /// The identifier that an error indication is about.
    case tunnelEndpointIdentifierData(UInt32)
    /// Where the packet in error was sent.
    case peerAddress(IPAddress)
    case other(type: UInt8, content: [UInt8])

    private static let recoveryType: UInt8 = 14
    private static let tunnelType: UInt8 = 16
    private static let peerType: UInt8 = 133

    /// Reads to the end of the octets.
    package static func all(decoding octets: [UInt8]) throws(DecodeError) -> [GTPInformationElement] {
        var reader = ByteReader(octets)
        var elements: [GTPInformationElement] = []
        while !reader.isAtEnd { elements.append(try GTPInformationElement(decoding: &reader)) }
        return elements
    }

    private init(decoding reader: inout ByteReader) throws(DecodeError) {
        let start = reader.offset
        let type = try reader.octet("information element type")
        switch type {
        case Self.recoveryType: self = .recovery(try reader.octet("Recovery"))
        case Self.tunnelType: self = .tunnelEndpointIdentifierData(try reader.uint32("TEID Data I"))
        case 0..<128: throw DecodeError(.badValue(UInt64(type)), field: "information element type", offset: start)
        default:
            let length = Int(try reader.uint16("information element length"))
            let content = try reader.octets(length, "information element \(type)")
            let span = content.span.bytes
            if type == Self.peerType, content.count == 4, let address = span.ipv4Address(at: 0) {
                self = .peerAddress(.v4(address))
            } else if type == Self.peerType, content.count == 16, let address = span.ipv6Address(at: 0) {
                self = .peerAddress(.v6(address))
            } else {
                self = .other(type: type, content: content)
            }
        }
    }

    package var octets: [UInt8] {
        var writer = ByteWriter()
        switch self {
        case .recovery(let value):
            writer.octet(Self.recoveryType)
            writer.octet(value)
        case .tunnelEndpointIdentifierData(let identifier):
            writer.octet(Self.tunnelType)
            writer.uint32(identifier)
        case .peerAddress(let address): Self.write(Self.peerType, address.octets, into: &writer)
        case .other(let type, let content): Self.write(type, content, into: &writer)
        }
        return writer.octets
    }

    private static func write(_ type: UInt8, _ content: [UInt8], into writer: inout ByteWriter) {
        writer.octet(type)
        writer.uint16(UInt16(clamping: content.count))
        writer.bytes(content.prefix(Int(UInt16.max)))
    }

    package var field: Field {
        switch self {
        case .recovery(let value): Field("recovery", value)
        case .tunnelEndpointIdentifierData(let identifier): Field("teid-data", identifier)
        case .peerAddress(let address): Field("peer-address", address.description)
        case .other(let type, let content): Field("element-\(type)", content)
        }
    }
}
