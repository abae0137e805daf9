// SPDX-License-Identifier: Apache-2.0

/// Neighbor Advertisement (RFC 4861 §4.4), from the ICMPv6 type on.
///
/// ```
/// |  Type = 136   |   Code = 0    |           Checksum            |
/// |R|S|O|                     Reserved                            |
/// |                     Target Address (16)                       |
/// |   Options ...
/// ```
package struct NeighborAdvertisement: Equatable, Sendable {
    package static let type: UInt8 = 136

    package struct Flags: OptionSet, Hashable, Sendable {
        package var rawValue: UInt8
        package init(rawValue: UInt8) { self.rawValue = rawValue }

        /// R: the sender is a router.
        package static let router = Flags(rawValue: 0x80)
        /// S: it answers a solicitation from its destination.
        package static let solicited = Flags(rawValue: 0x40)
        /// O: it replaces what is known of the target.
        package static let override = Flags(rawValue: 0x20)
    }

    package var flags: Flags
    /// Whose link-layer address is told.
    package var target: IPv6Address
    package var options: [NeighborOption]

    package init(flags: Flags, target: IPv6Address, options: [NeighborOption] = []) {
        self.flags = flags
        self.target = target
        self.options = options
    }

    /// RFC 4861 §7.1.2 but for what stands outside these octets.
    package init(decoding octets: [UInt8]) throws(DecodeError) {
        var reader = ByteReader(octets)
        try reader.expectICMPv6(type: Self.type)
        flags = Flags(rawValue: try reader.octet("flags")).intersection([.router, .solicited, .override])
        try reader.skip(3, "Reserved")
        target = try reader.neighborTarget()
        options = try NeighborOption.all(decoding: &reader)
    }

    /// The octets with a checksum of zero.
    package var octets: [UInt8] {
        var writer = ByteWriter()
        writer.octet(Self.type)
        writer.zeros(3)
        writer.octet(flags.rawValue)
        writer.zeros(3)
        writer.ipv6Address(target)
        for option in options { option.encode(into: &writer) }
        return writer.octets
    }
}
