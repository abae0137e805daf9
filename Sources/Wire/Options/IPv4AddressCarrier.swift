// SPDX-License-Identifier: Apache-2.0

/// The options that are two reserved octets and an IPv4 address.
package protocol IPv4AddressCarrier: MobilityOption {
    var address: IPv4Address { get }
    init(_ address: IPv4Address)
}

extension IPv4AddressCarrier {
    package init(decoding reader: inout ByteReader) throws(DecodeError) {
        try reader.skip(2, "Reserved")
        self.init(try reader.ipv4Address(Self.name))
    }

    package func encode(into writer: inout ByteWriter) {
        writer.zeros(2)
        writer.ipv4Address(address)
    }

    package var alignment: OptionAlignment { OptionAlignment(4, plus: 0) }
    package var fields: [Field] { [Field("address", address.description)] }
}
