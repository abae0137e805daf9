// SPDX-License-Identifier: Apache-2.0

/// The IPv6 header (RFC 8200 §3).
///
/// ```
///  0                   1                   2                   3
/// |Version| Traffic Class |           Flow Label                  |
/// |         Payload Length        |  Next Header  |   Hop Limit   |
/// |                         Source Address (16)                   |
/// |                      Destination Address (16)                 |
/// ```
public struct IPv6Header: Equatable, Sendable {
    public static let length = 40

    public var trafficClass: UInt8
    public var flowLabel: UInt32
    public var payloadLength: Int
    public var nextHeader: UInt8
    public var hopLimit: UInt8
    public var source: IPv6Address
    public var destination: IPv6Address

    public init(
        source: IPv6Address,
        destination: IPv6Address,
        nextHeader: UInt8,
        payloadLength: Int,
        hopLimit: UInt8 = 64
    ) {
        self.trafficClass = 0
        self.flowLabel = 0
        self.payloadLength = payloadLength
        self.nextHeader = nextHeader
        self.hopLimit = hopLimit
        self.source = source
        self.destination = destination
    }

    /// nil unless the octets hold a whole packet as long as it claims; octets beyond Payload Length are allowed.
    @inlinable
    public init?(_ octets: RawSpan) {
        guard let word = octets.uint32(at: 0), word >> 28 == 6, let length = octets.uint16(at: 4),
            let source = octets.ipv6Address(at: 8), let destination = octets.ipv6Address(at: 24),
            octets.byteCount >= Self.length + Int(length)
        else { return nil }
        trafficClass = UInt8(truncatingIfNeeded: word >> 20)
        flowLabel = word & 0xF_FFFF
        payloadLength = Int(length)
        nextHeader = octets.octet(at: 6) ?? 0
        hopLimit = octets.octet(at: 7) ?? 0
        self.source = source
        self.destination = destination
    }

    public var octets: [UInt8] {
        var writer = ByteWriter()
        writer.uint32(6 << 28 | UInt32(trafficClass) << 20 | flowLabel & 0xF_FFFF)
        writer.uint16(UInt16(clamping: payloadLength))
        writer.octet(nextHeader)
        writer.octet(hopLimit)
        writer.ipv6Address(source)
        writer.ipv6Address(destination)
        return writer.octets
    }
}
