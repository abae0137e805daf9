// SPDX-License-Identifier: Apache-2.0

/// The fixed part of an IPv4 header (RFC 791).
///
/// ```
///  0                   1                   2                   3
/// |Version|  IHL  |Type of Service|          Total Length         |
/// |         Identification        |Flags|     Fragment Offset     |
/// |  Time to Live |    Protocol   |        Header Checksum        |
/// |                         Source Address                        |
/// |                      Destination Address                      |
/// ```
public struct IPv4Header: Equatable, Sendable {
    public static let minimumLength = 20

    /// DSCP and ECN.
    public var typeOfService: UInt8
    public var totalLength: Int
    public var identification: UInt16
    public var dontFragment: Bool
    public var moreFragments: Bool
    /// In octets.
    public var fragmentOffset: Int
    public var timeToLive: UInt8
    public var protocolNumber: UInt8
    public var source: IPv4Address
    public var destination: IPv4Address
    /// In octets, options included.
    public var headerLength: Int

    public init(
        source: IPv4Address,
        destination: IPv4Address,
        protocolNumber: UInt8,
        payloadLength: Int,
        timeToLive: UInt8 = 64,
        dontFragment: Bool = true
    ) {
        self.typeOfService = 0
        self.totalLength = Self.minimumLength + payloadLength
        self.identification = 0
        self.dontFragment = dontFragment
        self.moreFragments = false
        self.fragmentOffset = 0
        self.timeToLive = timeToLive
        self.protocolNumber = protocolNumber
        self.source = source
        self.destination = destination
        self.headerLength = Self.minimumLength
    }

    /// nil unless the octets hold a whole packet as long as it claims; octets beyond Total Length are allowed.
    @inlinable
    public init?(_ octets: RawSpan) {
        guard let first = octets.octet(at: 0), first >> 4 == 4, let total = octets.uint16(at: 2),
            let fragment = octets.uint16(at: 6), let destination = octets.ipv4Address(at: 16)
        else { return nil }
        headerLength = Int(first & 0x0F) * 4
        totalLength = Int(total)
        guard headerLength >= Self.minimumLength, totalLength >= headerLength, totalLength <= octets.byteCount else {
            return nil
        }
        typeOfService = octets.octet(at: 1) ?? 0
        identification = octets.uint16(at: 4) ?? 0
        dontFragment = fragment & 0x4000 != 0
        moreFragments = fragment & 0x2000 != 0
        fragmentOffset = Int(fragment & 0x1FFF) * 8
        timeToLive = octets.octet(at: 8) ?? 0
        protocolNumber = octets.octet(at: 9) ?? 0
        source = octets.ipv4Address(at: 12) ?? .zero
        self.destination = destination
    }

    @inlinable public var isFragment: Bool { moreFragments || fragmentOffset != 0 }

    /// Twenty octets with their checksum; options are not written.
    public var octets: [UInt8] {
        var writer = ByteWriter()
        writer.octet(0x45)
        writer.octet(typeOfService)
        writer.uint16(UInt16(clamping: totalLength))
        writer.uint16(identification)
        writer.uint16(
            (dontFragment ? 0x4000 : 0) | (moreFragments ? 0x2000 : 0) | UInt16(clamping: fragmentOffset / 8) & 0x1FFF
        )
        writer.octet(timeToLive)
        writer.octet(protocolNumber)
        writer.uint16(0)
        writer.ipv4Address(source)
        writer.ipv4Address(destination)
        var checksum = Checksum()
        checksum.add(writer.octets)
        writer.patch(uint16: checksum.value, at: 10)
        return writer.octets
    }
}
