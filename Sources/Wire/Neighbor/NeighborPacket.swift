// SPDX-License-Identifier: Apache-2.0

/// A neighbour discovery message with the IPv6 header that is part of its validity (RFC 4861 §7.1).
package struct NeighborPacket: Equatable, Sendable {
    /// No router has passed it on: it comes from the link itself.
    private static let hopLimit: UInt8 = 255

    package let source: IPv6Address
    package let destination: IPv6Address
    /// From the ICMPv6 type on.
    package let message: [UInt8]

    /// A message with its checksum filled in.
    package init(from source: IPv6Address, to destination: IPv6Address, message: [UInt8]) {
        self.source = source
        self.destination = destination
        self.message = ICMPv6.withChecksum(message, from: source, to: destination)
    }

    /// Throws for another hop limit than 255, a wrong checksum, and what has extension headers.
    package init(decoding octets: [UInt8]) throws(DecodeError) {
        guard let header = IPv6Header(octets.span.bytes) else {
            throw DecodeError(.truncated, field: "IPv6 header", offset: 0)
        }
        guard header.nextHeader == IPProtocol.icmpv6 else {
            throw DecodeError(.badValue(UInt64(header.nextHeader)), field: "Next Header", offset: 6)
        }
        guard header.hopLimit == Self.hopLimit else {
            throw DecodeError(.badValue(UInt64(header.hopLimit)), field: "Hop Limit", offset: 7)
        }
        source = header.source
        destination = header.destination
        message = Array(octets.dropFirst(IPv6Header.length).prefix(header.payloadLength))
        var checksum = Checksum()
        checksum.addPseudoHeader(
            source: .v6(source),
            destination: .v6(destination),
            protocolNumber: IPProtocol.icmpv6,
            length: message.count
        )
        checksum.add(message)
        guard checksum.value == 0 else {
            throw DecodeError(.badChecksum, field: "Checksum", offset: IPv6Header.length + 2)
        }
    }

    package var octets: [UInt8] {
        let header = IPv6Header(
            source: source,
            destination: destination,
            nextHeader: IPProtocol.icmpv6,
            payloadLength: message.count,
            hopLimit: Self.hopLimit
        )
        return header.octets + message
    }
}
