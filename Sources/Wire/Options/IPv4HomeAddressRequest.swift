// SPDX-License-Identifier: Apache-2.0

/// IPv4 Home Address Request of a Proxy Binding Update (RFC 5844 §3.3.1).
///
/// ```
/// |      36       |  Length = 6   | Pref-len  |     Reserved      |
/// |                     IPv4 home address                         |
/// ```
package struct IPv4HomeAddressRequest: MobilityOption, Equatable {
    package static let type: UInt8 = 36
    package static let name = "IPv4 Home Address Request"

    package var address: IPv4Address
    /// Of the home subnet; six bits.
    package var prefixLength: UInt8

    /// Asks the anchor to allocate one.
    package static let allocation = IPv4HomeAddressRequest(address: .zero, prefixLength: 0)

    package init(address: IPv4Address, prefixLength: UInt8) {
        self.address = address
        self.prefixLength = prefixLength
    }

    /// ALL_ZERO, whatever the length says.
    package var isAllocation: Bool { address.isUnspecified }

    private static let length = BitField<UInt16>(first: 0, width: 6)

    package init(decoding reader: inout ByteReader) throws(DecodeError) {
        prefixLength = UInt8(Self.length.get(try reader.uint16("Prefix Length")))
        address = try reader.ipv4Address(Self.name)
    }

    package func encode(into writer: inout ByteWriter) {
        var word: UInt16 = 0
        Self.length.set(UInt16(prefixLength), in: &word)
        writer.uint16(word)
        writer.ipv4Address(address)
    }

    package var alignment: OptionAlignment { OptionAlignment(4, plus: 0) }
    package var fields: [Field] { [Field("address", "\(address)/\(prefixLength)")] }
}
