// SPDX-License-Identifier: Apache-2.0

/// The UDP header (RFC 768).
public struct UDPHeader: Equatable, Sendable {
    public static let length = 8

    public var sourcePort: UInt16
    public var destinationPort: UInt16
    /// Header and payload, in octets.
    public var datagramLength: Int
    public var checksum: UInt16

    public init(sourcePort: UInt16, destinationPort: UInt16, payloadLength: Int, checksum: UInt16 = 0) {
        self.sourcePort = sourcePort
        self.destinationPort = destinationPort
        self.datagramLength = Self.length + payloadLength
        self.checksum = checksum
    }

    /// nil unless the octets hold a whole datagram as long as it claims.
    @inlinable
    public init?(_ octets: RawSpan) {
        guard let source = octets.uint16(at: 0), let destination = octets.uint16(at: 2),
            let length = octets.uint16(at: 4), let checksum = octets.uint16(at: 6),
            Int(length) >= Self.length, Int(length) <= octets.byteCount
        else { return nil }
        sourcePort = source
        destinationPort = destination
        datagramLength = Int(length)
        self.checksum = checksum
    }

    public var octets: [UInt8] {
        var writer = ByteWriter()
        writer.uint16(sourcePort)
        writer.uint16(destinationPort)
        writer.uint16(UInt16(clamping: datagramLength))
        writer.uint16(checksum)
        return writer.octets
    }

    /// Header and payload with the checksum over both and the pseudo-header; a sum of 0 goes out as 0xFFFF.
    public static func datagram(
        from source: (address: IPAddress, port: UInt16),
        to destination: (address: IPAddress, port: UInt16),
        payload: [UInt8]
    ) -> [UInt8] {
        var header = UDPHeader(sourcePort: source.port, destinationPort: destination.port, payloadLength: payload.count)
        var checksum = Checksum()
        checksum.addPseudoHeader(
            source: source.address,
            destination: destination.address,
            protocolNumber: IPProtocol.udp,
            length: header.datagramLength
        )
        checksum.add(header.octets)
        checksum.add(payload)
        header.checksum = checksum.value == 0 ? 0xFFFF : checksum.value
        return header.octets + payload
    }
}
