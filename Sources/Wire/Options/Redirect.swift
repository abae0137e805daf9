// SPDX-License-Identifier: Apache-2.0

/// Redirect (RFC 6463 §4.2): the anchor that the gateway is to use from now on.
///
/// ```
/// |      47       | Length 18 or 6|K|N|         Reserved          |
/// |   IPv6 r2LMA Address (16, K) or IPv4 r2LMA Address (4, N)
/// ```
package struct Redirect: MobilityOption, Equatable {
    package static let type: UInt8 = 47
    package static let name = "Redirect"

    package var anchor: IPAddress

    package init(_ anchor: IPAddress) { self.anchor = anchor }

    private static let ipv6 = BitField<UInt16>(first: 0)
    private static let ipv4 = BitField<UInt16>(first: 1)

    package init(decoding reader: inout ByteReader) throws(DecodeError) {
        let start = reader.offset
        let flags = try reader.uint16("flags")
        // RFC 6463 §4.2: exactly one of K and N.
        guard Self.ipv6.isSet(flags) != Self.ipv4.isSet(flags) else {
            throw DecodeError(.badValue(UInt64(flags)), field: "K and N", offset: start)
        }
        anchor =
            Self.ipv6.isSet(flags)
            ? .v6(try reader.ipv6Address("IPv6 r2LMA Address")) : .v4(try reader.ipv4Address("IPv4 r2LMA Address"))
    }

    package func encode(into writer: inout ByteWriter) {
        var flags: UInt16 = 0
        Self.ipv6.set(!anchor.isIPv4, in: &flags)
        Self.ipv4.set(anchor.isIPv4, in: &flags)
        writer.uint16(flags)
        writer.bytes(anchor.octets)
    }

    package var alignment: OptionAlignment { OptionAlignment(4, plus: 0) }
    package var fields: [Field] { [Field("r2lma-address", anchor.description)] }
}
