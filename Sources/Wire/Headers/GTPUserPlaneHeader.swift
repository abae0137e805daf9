// SPDX-License-Identifier: Apache-2.0

/// The header of GTP-U version 1 (3GPP TS 29.281 §5).
///
/// ```
/// | Ver |P|*|E|S|N| Message Type  |            Length             |
/// |              Tunnel Endpoint Identifier (TEID)                |
/// and if one of E, S and N is set
/// |        Sequence Number        | N-PDU Number  | Next Ext Type |
/// and for each extension header
/// | Length in 4s  |         Content ...           | Next Ext Type |
/// ```
package struct GTPUserPlaneHeader: Equatable, Sendable {
    /// UDP.
    package static let port: UInt16 = 2152

    package struct MessageType: RawRepresentable, Hashable, Sendable {
        package var rawValue: UInt8
        package init(rawValue: UInt8) { self.rawValue = rawValue }

        package static let echoRequest = MessageType(rawValue: 1)
        package static let echoResponse = MessageType(rawValue: 2)
        package static let errorIndication = MessageType(rawValue: 26)
        package static let supportedExtensionHeaders = MessageType(rawValue: 31)
        package static let endMarker = MessageType(rawValue: 254)
        /// The one that carries a user's packet.
        package static let gPDU = MessageType(rawValue: 255)

        fileprivate static let names: [UInt8: String] = [
            1: "echo request", 2: "echo response", 26: "error indication", 31: "supported extension headers",
            254: "end marker", 255: "G-PDU",
        ]
    }

    package struct Extension: Equatable, Sendable {
        package var type: UInt8
        /// Without length and next type: a multiple of four and two octets.
        package var content: [UInt8]
    }

    package var messageType: MessageType
    /// The receiver's; 0 in messages about the path.
    package var tunnelEndpointIdentifier: UInt32
    /// S
    package var sequence: UInt16?
    /// PN
    package var packetDataUnitNumber: UInt8?
    /// E
    package var extensions: [Extension] = []
    /// Octets behind the header.
    package var payloadLength: Int

    package init(
        _ messageType: MessageType,
        tunnelEndpointIdentifier: UInt32,
        sequence: UInt16? = nil,
        payloadLength: Int
    ) {
        self.messageType = messageType
        self.tunnelEndpointIdentifier = tunnelEndpointIdentifier
        self.sequence = sequence
        self.payloadLength = payloadLength
    }

    /// nil unless the octets hold a whole message of version 1 as long as it claims; octets beyond it are allowed.
    package init?(_ octets: RawSpan) {
        guard let flags = octets.octet(at: 0), flags & 0xF0 == 0x30, let type = octets.octet(at: 1),
            let length = octets.uint16(at: 2), let identifier = octets.uint32(at: 4),
            8 + Int(length) <= octets.byteCount
        else { return nil }
        let end = 8 + Int(length)
        var offset = 8
        messageType = MessageType(rawValue: type)
        tunnelEndpointIdentifier = identifier
        if flags & 0x07 != 0 {
            guard end >= 12, let number = octets.uint16(at: 8), let unit = octets.octet(at: 10),
                let next = octets.octet(at: 11)
            else { return nil }
            // What no flag announces is not evaluated.
            sequence = flags & 0x02 != 0 ? number : nil
            packetDataUnitNumber = flags & 0x01 != 0 ? unit : nil
            offset = 12
            if flags & 0x04 != 0 {
                guard let list = Self.extensions(octets, first: next, at: &offset, end: end) else { return nil }
                extensions = list
            }
        }
        payloadLength = end - offset
    }

    private static func extensions(_ octets: RawSpan, first: UInt8, at offset: inout Int, end: Int) -> [Extension]? {
        var list: [Extension] = []
        var type = first
        while type != 0 {
            guard let units = octets.octet(at: offset), units > 0, offset + Int(units) * 4 <= end,
                let content = octets.octets(offset + 1..<offset + Int(units) * 4 - 1),
                let next = octets.octet(at: offset + Int(units) * 4 - 1)
            else { return nil }
            list.append(Extension(type: type, content: content))
            offset += Int(units) * 4
            type = next
        }
        return list
    }

    /// In octets.
    package var length: Int {
        hasOptionalPart ? extensions.reduce(12) { $0 + $1.content.count + 2 } : 8
    }

    private var hasOptionalPart: Bool { sequence != nil || packetDataUnitNumber != nil || !extensions.isEmpty }

    package var octets: [UInt8] {
        var writer = ByteWriter()
        let flags: UInt8 =
            (extensions.isEmpty ? 0 : 0x04) | (sequence == nil ? 0 : 0x02) | (packetDataUnitNumber == nil ? 0 : 0x01)
        writer.octet(0x30 | flags)
        writer.octet(messageType.rawValue)
        writer.uint16(UInt16(clamping: length - 8 + payloadLength))
        writer.uint32(tunnelEndpointIdentifier)
        guard hasOptionalPart else { return writer.octets }
        writer.uint16(sequence ?? 0)
        writer.octet(packetDataUnitNumber ?? 0)
        writer.octet(extensions.first?.type ?? 0)
        for (index, header) in extensions.enumerated() {
            writer.octet(UInt8(clamping: (header.content.count + 2) / 4))
            writer.bytes(header.content)
            writer.octet(index + 1 < extensions.count ? extensions[index + 1].type : 0)
        }
        return writer.octets
    }
}

extension GTPUserPlaneHeader.MessageType: CustomStringConvertible {
    package var description: String { Self.names[rawValue] ?? "GTP-U type \(rawValue)" }
}
