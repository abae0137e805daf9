// SPDX-License-Identifier: Apache-2.0

/// The options that answer a request for an IPv4 home address (RFC 5555 §3.2.1, RFC 5844 §3.3.2).
///
/// ```
/// |     Type      |  Length = 6   |    Status     | Pref-len  |Res|
/// |                     IPv4 home address                         |
/// ```
package protocol IPv4AddressAnswer: MobilityOption {
    var status: IPv4HomeAddressStatus { get }
    /// Of the home subnet; six bits.
    var prefixLength: UInt8 { get }
    var address: IPv4Address { get }
    init(status: IPv4HomeAddressStatus, address: IPv4Address, prefixLength: UInt8)
}

private let lengthBits = BitField<UInt8>(first: 0, width: 6)

extension IPv4AddressAnswer {
    package init(decoding reader: inout ByteReader) throws(DecodeError) {
        let status = IPv4HomeAddressStatus(rawValue: try reader.octet("Status"))
        let prefixLength = lengthBits.get(try reader.octet("Prefix Length"))
        self.init(status: status, address: try reader.ipv4Address(Self.name), prefixLength: prefixLength)
    }

    package func encode(into writer: inout ByteWriter) {
        var length: UInt8 = 0
        lengthBits.set(prefixLength, in: &length)
        writer.octet(status.rawValue)
        writer.octet(length)
        writer.ipv4Address(address)
    }

    package var alignment: OptionAlignment { OptionAlignment(4, plus: 0) }
    package var fields: [Field] {
        [
            Field("status", status.rawValue), Field("status-name", status.description),
            Field("address", "\(address)/\(prefixLength)"),
        ]
    }
}
