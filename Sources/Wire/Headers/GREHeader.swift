// SPDX-License-Identifier: Apache-2.0

/// The GRE header with the key and sequence number extensions (RFC 2784, RFC 2890).
///
/// ```
///  0                   1                   2                   3
/// |C| |K|S| Reserved0       | Ver |         Protocol Type         |
/// |      Checksum (optional)      |       Reserved1 (Optional)    |
/// |                         Key (optional)                        |
/// |                 Sequence Number (Optional)                    |
/// ```
public struct GREHeader: Equatable, Sendable {
    public static let ipv4: UInt16 = 0x0800
    public static let ipv6: UInt16 = 0x86DD
    /// IEEE 802 local experimental: our path probes.
    public static let pathProbe: UInt16 = 0x88B5

    public var protocolType: UInt16
    public var key: UInt32?
    public var sequence: UInt32?
    /// Whether a checksum stands in the header; it is read over, and never sent (RFC 7676 §2.2).
    public var hasChecksum = false

    @inlinable
    public init(protocolType: UInt16, key: UInt32? = nil, sequence: UInt32? = nil) {
        self.protocolType = protocolType
        self.key = key
        self.sequence = sequence
    }

    /// nil if the octets end early, or a bit is set that changes the header's length in a way we do not know.
    @inlinable
    public init?(_ octets: RawSpan) {
        // RFC 2784 §2.3: discard if any of bits 1-5 is set that is not K or S; RFC 2784 §2.3.1: version 0 only.
        guard let flags = octets.uint16(at: 0), flags & 0x4C07 == 0, let type = octets.uint16(at: 2) else { return nil }
        protocolType = type
        hasChecksum = flags & 0x8000 != 0
        var offset = hasChecksum ? 8 : 4
        if flags & 0x2000 != 0 {
            guard let value = octets.uint32(at: offset) else { return nil }
            key = value
            offset &+= 4
        }
        if flags & 0x1000 != 0 {
            guard let value = octets.uint32(at: offset) else { return nil }
            sequence = value
            offset &+= 4
        }
        guard offset <= octets.byteCount else { return nil }
    }

    /// In octets.
    @inlinable public var length: Int {
        4 &+ (hasChecksum ? 4 : 0) &+ (key == nil ? 0 : 4) &+ (sequence == nil ? 0 : 4)
    }

    /// Flags and version as sent.
    @inlinable public var flags: UInt16 { (key == nil ? 0 : 0x2000) | (sequence == nil ? 0 : 0x1000) }

    public var octets: [UInt8] {
        var writer = ByteWriter()
        writer.uint16(flags)
        writer.uint16(protocolType)
        if let key { writer.uint32(key) }
        if let sequence { writer.uint32(sequence) }
        return writer.octets
    }
}
