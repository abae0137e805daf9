// SPDX-License-Identifier: Apache-2.0

/// The TLV header between UDP and what it carries (RFC 5845 §7.2).
///
/// ```
///  0                   1                   2                   3
/// | Type  |Reservd|  Next Header  |            Length             |
/// ```
/// The zero Type tells it from an IP packet, whose first nibble is 4 or 6.
public struct UDPTLVHeader: Equatable, Sendable {
    public static let length = 4

    public var nextHeader: UInt8
    /// Octets that follow this header.
    public var payloadLength: Int

    @inlinable
    public init(nextHeader: UInt8, payloadLength: Int) {
        self.nextHeader = nextHeader
        self.payloadLength = payloadLength
    }

    /// nil unless Type is 0 and the octets are exactly as many as Length says.
    @inlinable
    public init?(_ octets: RawSpan) {
        guard let first = octets.octet(at: 0), first >> 4 == 0, let next = octets.octet(at: 1),
            let length = octets.uint16(at: 2), octets.byteCount == Self.length &+ Int(length)
        else { return nil }
        nextHeader = next
        payloadLength = Int(length)
    }

    public var octets: [UInt8] {
        var writer = ByteWriter()
        writer.octet(0)
        writer.octet(nextHeader)
        writer.uint16(UInt16(clamping: payloadLength))
        return writer.octets
    }
}
