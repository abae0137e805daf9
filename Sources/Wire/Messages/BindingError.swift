// SPDX-License-Identifier: Apache-2.0

/// Binding Error (RFC 6275 §6.1.9).
package struct BindingError: MobilityMessageFormat {
    package static let type: UInt8 = 7
    package static let minimumLength = 24

    package static let unknownMobilityHeaderType: UInt8 = 2

    package var status: UInt8
    /// As received: zero from us, for the receiver to ignore.
    package var reserved: UInt8 = 0
    package var homeAddress: IPv6Address
    package var options: MobilityOptions

    package init(status: UInt8, homeAddress: IPv6Address, options: MobilityOptions = MobilityOptions()) {
        self.status = status
        self.homeAddress = homeAddress
        self.options = options
    }

    package init(decoding reader: inout ByteReader) throws(DecodeError) {
        status = try reader.octet("Status")
        reserved = try reader.octet("Reserved")
        homeAddress = try reader.ipv6Address("Home Address")
        options = try MobilityOptions(decoding: &reader)
    }

    package func encode(into writer: inout ByteWriter) {
        writer.octet(status)
        writer.octet(reserved)
        writer.ipv6Address(homeAddress)
        options.encode(into: &writer)
    }

    package var name: String { "Binding Error" }
    package var fields: [Field] { [Field("status", status), Field("home-address", homeAddress.description)] }
    package var message: MobilityMessage { .bindingError(self) }
}
