// SPDX-License-Identifier: Apache-2.0

/// Router Solicitation (RFC 4861 §4.1), from the ICMPv6 type on: reserved (4), options.
package struct RouterSolicitation: Equatable, Sendable {
    package static let type: UInt8 = 133

    package var options: [NeighborOption]

    package init(options: [NeighborOption] = []) { self.options = options }

    /// RFC 4861 §6.1.1 but for hop limit, checksum and source address, which stand outside these octets.
    package init(decoding octets: [UInt8]) throws(DecodeError) {
        var reader = ByteReader(octets)
        try reader.expectICMPv6(type: Self.type)
        try reader.skip(4, "Reserved")
        options = try NeighborOption.all(decoding: &reader)
    }

    /// Whether a source link-layer address option is there, of whatever length.
    package var namesLinkLayerAddress: Bool { options.nameSourceLinkLayerAddress }

    /// The octets with a checksum of zero.
    package var octets: [UInt8] {
        var writer = ByteWriter()
        writer.octet(Self.type)
        writer.zeros(7)
        for option in options { option.encode(into: &writer) }
        return writer.octets
    }
}
