// SPDX-License-Identifier: Apache-2.0

/// Neighbor Solicitation (RFC 4861 §4.3), from the ICMPv6 type on: reserved (4), target address (16), options.
package struct NeighborSolicitation: Equatable, Sendable {
    package static let type: UInt8 = 135

    /// Whose link-layer address is asked for.
    package var target: IPv6Address
    package var options: [NeighborOption]

    package init(target: IPv6Address, options: [NeighborOption] = []) {
        self.target = target
        self.options = options
    }

    /// RFC 4861 §7.1.1 but for what stands outside these octets: hop limit, checksum, source and destination.
    package init(decoding octets: [UInt8]) throws(DecodeError) {
        var reader = ByteReader(octets)
        try reader.expectICMPv6(type: Self.type)
        try reader.skip(4, "Reserved")
        target = try reader.neighborTarget()
        options = try NeighborOption.all(decoding: &reader)
    }

    /// Whether a source link-layer address option is there, of whatever length.
    package var namesLinkLayerAddress: Bool { options.nameSourceLinkLayerAddress }

    /// The octets with a checksum of zero.
    package var octets: [UInt8] {
        var writer = ByteWriter()
        writer.octet(Self.type)
        writer.zeros(7)
        writer.ipv6Address(target)
        for option in options { option.encode(into: &writer) }
        return writer.octets
    }
}

extension ByteReader {
    /// Not a group (RFC 4861 §7.1.1, §7.1.2).
    mutating func neighborTarget() throws(DecodeError) -> IPv6Address {
        let start = offset
        let target = try ipv6Address("Target Address")
        guard !target.isMulticast else {
            throw DecodeError(.badValue(target.high), field: "Target Address", offset: start)
        }
        return target
    }
}
