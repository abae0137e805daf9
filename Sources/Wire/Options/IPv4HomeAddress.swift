// SPDX-License-Identifier: Apache-2.0

/// IPv4 Home Address of a client's Binding Update, and of a Binding Revocation Indication (RFC 5555 §3.1.1).
///
/// ```
/// |      29       |  Length = 6   | Pref-len  |P|    Reserved     |
/// |                     IPv4 home address                         |
/// ```
package struct IPv4HomeAddress: MobilityOption, Equatable {
    package static let type: UInt8 = 29
    package static let name = "IPv4 Home Address"

    package var address: IPv4Address
    /// Six bits.
    package var prefixLength: UInt8
    /// P: a whole prefix is wanted, not only an address.
    package var wantsPrefix: Bool

    package init(address: IPv4Address, prefixLength: UInt8, wantsPrefix: Bool = false) {
        self.address = address
        self.prefixLength = prefixLength
        self.wantsPrefix = wantsPrefix
    }

    private static let length = BitField<UInt16>(first: 0, width: 6)
    private static let prefix = BitField<UInt16>(first: 6)

    package init(decoding reader: inout ByteReader) throws(DecodeError) {
        let word = try reader.uint16("Prefix Length")
        prefixLength = UInt8(Self.length.get(word))
        wantsPrefix = Self.prefix.isSet(word)
        address = try reader.ipv4Address(Self.name)
    }

    package func encode(into writer: inout ByteWriter) {
        var word: UInt16 = 0
        Self.length.set(UInt16(prefixLength), in: &word)
        Self.prefix.set(wantsPrefix, in: &word)
        writer.uint16(word)
        writer.ipv4Address(address)
    }

    package var alignment: OptionAlignment { OptionAlignment(4, plus: 0) }
    package var fields: [Field] {
        [Field("address", "\(address)/\(prefixLength)"), Field("wants-prefix", wantsPrefix)]
    }
}
