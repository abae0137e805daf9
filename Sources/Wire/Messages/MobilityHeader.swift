// SPDX-License-Identifier: Apache-2.0

/// The mobility header (RFC 6275 §6.1.1) with the message that it holds.
///
/// ```
///  0                   1                   2                   3
/// | Payload Proto |  Header Len   |   MH Type     |   Reserved    |
/// |           Checksum            |        Message Data ...
/// ```
package struct MobilityHeader: Equatable, Sendable {
    /// 59: nothing follows. Kept as received, for the receiver to judge.
    package var payloadProtocol: UInt8
    package var reserved: UInt8
    /// As received, or as `octets` shall write it; 0 over IPv4 (RFC 5844 §4.1.3).
    package var checksum: UInt16
    package var message: MobilityMessage

    package init(_ message: MobilityMessage) {
        self.payloadProtocol = IPProtocol.noNextHeader
        self.reserved = 0
        self.checksum = 0
        self.message = message
    }

    /// Reads a whole message. The checksum is not looked at: that is the transport's business (`isChecksumRight`).
    package init(decoding octets: [UInt8]) throws(DecodeError) {
        var reader = ByteReader(octets)
        payloadProtocol = try reader.octet("Payload Proto")
        let length = (Int(try reader.octet("Header Len")) + 1) * 8
        // A short message is truncated; what follows its end belongs to nobody (RFC 6275 §6.1.1: Payload Proto 59).
        guard octets.count >= length else { throw DecodeError(.truncated, field: "Header Len", offset: 1) }
        guard octets.count == length else {
            throw DecodeError(.trailingOctets(octets.count - length), field: "Header Len", offset: 1)
        }
        let type = try reader.octet("MH Type")
        reserved = try reader.octet("Reserved")
        checksum = try reader.uint16("Checksum")
        message = try MobilityMessage(type: type, decoding: &reader)
    }

    /// The octets, with Header Len fitting and `checksum` as it is.
    package var octets: [UInt8] {
        // Most messages fit.
        var writer = ByteWriter(capacity: 256)
        writer.octet(payloadProtocol)
        writer.octet(0)
        writer.octet(message.type)
        writer.octet(reserved)
        writer.uint16(checksum)
        message.encode(into: &writer)
        writer.patch(octet: UInt8(clamping: writer.count / 8 - 1), at: 1)
        return writer.octets
    }

    /// The octets with the checksum of the IPv6 transport (RFC 6275 §6.1.1).
    package func octets(from source: IPv6Address, to destination: IPv6Address) -> [UInt8] {
        var copy = self
        copy.checksum = 0
        return Self.withChecksum(copy.octets, from: source, to: destination)
    }

    /// Encoded octets with the checksum field as zero, and what belongs there.
    package static func withChecksum(
        _ octets: [UInt8],
        from source: IPv6Address,
        to destination: IPv6Address
    ) -> [UInt8] {
        var copy = octets
        let checksum = Self.checksum(of: octets, from: source, to: destination)
        for (place, octet) in [(4, checksum >> 8), (5, checksum & 0xFF)] where copy.indices.contains(place) {
            copy[place] = UInt8(truncatingIfNeeded: octet)
        }
        return copy
    }

    package static func isChecksumRight(
        of octets: [UInt8],
        from source: IPv6Address,
        to destination: IPv6Address
    ) -> Bool {
        checksum(of: octets, from: source, to: destination) == 0
    }

    private static func checksum(of octets: [UInt8], from source: IPv6Address, to destination: IPv6Address) -> UInt16 {
        var checksum = Checksum()
        checksum.addPseudoHeader(
            source: .v6(source),
            destination: .v6(destination),
            protocolNumber: IPProtocol.mobilityHeader,
            length: octets.count
        )
        checksum.add(octets)
        return checksum.value
    }
}
