// SPDX-License-Identifier: Apache-2.0

/// LMA User-Plane Address (RFC 7389 §4): where the tunnel ends, if not where the signalling does.
///
/// ```
/// |      59       |Length 2, 6, 18|           Reserved            |
/// |   LMA User-Plane Address (0, 4 or 16)
/// ```
package struct LMAUserPlaneAddress: MobilityOption, Equatable {
    package static let type: UInt8 = 59
    package static let name = "LMA User-Plane Address"

    /// As received; in a request it is absent or ALL_ZERO.
    package var address: IPAddress?

    package init(_ address: IPAddress?) { self.address = address }

    package static let request = LMAUserPlaneAddress(nil)

    package var isRequest: Bool { address == nil || address == .v4(.zero) || address == .v6(.zero) }

    package init(decoding reader: inout ByteReader) throws(DecodeError) {
        try reader.skip(2, "Reserved")
        address = reader.isAtEnd ? nil : try reader.addressToTheEnd(Self.name)
    }

    package func encode(into writer: inout ByteWriter) {
        writer.zeros(2)
        if let address { writer.bytes(address.octets) }
    }

    /// RFC 7389 §4 says so, although it puts the address on no natural boundary.
    package var alignment: OptionAlignment { OptionAlignment(8, plus: 2) }
    package var fields: [Field] { address.map { [Field("address", $0.description)] } ?? [] }
}
