// SPDX-License-Identifier: Apache-2.0

/// An Ethernet frame without check sequence: destination (6), source (6), type (2), payload (RFC 894, RFC 2464).
package struct EthernetFrame: Equatable, Sendable {
    /// What the payload is.
    package enum Kind: UInt16, Sendable {
        case ipv4 = 0x0800
        case arp = 0x0806
        case ipv6 = 0x86DD
    }

    package var destination: LinkLayerAddress
    package var source: LinkLayerAddress
    package var kind: Kind
    /// What padding the sender appended to reach the shortest frame comes behind it.
    package var payload: [UInt8]

    package init(destination: LinkLayerAddress, source: LinkLayerAddress, kind: Kind, payload: [UInt8]) {
        self.destination = destination
        self.source = source
        self.kind = kind
        self.payload = payload
    }

    /// Throws for a payload of another kind.
    package init(decoding octets: [UInt8]) throws(DecodeError) {
        var reader = ByteReader(octets)
        destination = try reader.linkLayerAddress("destination")
        source = try reader.linkLayerAddress("source")
        let type = try reader.uint16("type")
        guard let kind = Kind(rawValue: type) else {
            throw DecodeError(.badValue(UInt64(type)), field: "type", offset: 12)
        }
        self.kind = kind
        payload = reader.rest()
    }

    package var octets: [UInt8] {
        var writer = ByteWriter()
        writer.bytes(destination.octets)
        writer.bytes(source.octets)
        writer.uint16(kind.rawValue)
        writer.bytes(payload)
        return writer.octets
    }
}

extension ByteReader {
    mutating func linkLayerAddress(_ field: String) throws(DecodeError) -> LinkLayerAddress {
        let start = offset
        guard let address = LinkLayerAddress(octets: try octets(6, field)) else {
            throw DecodeError(.badLength(6), field: field, offset: start)
        }
        return address
    }
}
