// SPDX-License-Identifier: Apache-2.0

/// Binding Acknowledgement, and with P set Proxy Binding Acknowledgement (RFC 6275 §6.1.8, RFC 5213 §8.2).
///
/// ```
///                                 |    Status     |K|R|P|T|B|S|D|R|
/// |          Sequence #           |           Lifetime            |
/// |                       Mobility Options ...                    |
/// ```
package struct BindingAcknowledgement: MobilityMessageFormat {
    package static let type: UInt8 = 6

    package struct Flags: OptionSet, Hashable, Sendable {
        package var rawValue: UInt8
        package init(rawValue: UInt8) { self.rawValue = rawValue }

        package static let proxyRegistration = Flags(rawValue: 0x20)
        /// T: the TLV header is used on the UDP tunnel (RFC 5845 §6.3).
        package static let tlvHeader = Flags(rawValue: 0x10)
    }

    package var status: BindingStatus
    package var flags: Flags
    package var sequence: UInt16
    package var lifetime: BindingLifetime
    package var options: MobilityOptions

    package init(
        status: BindingStatus,
        flags: Flags,
        sequence: UInt16,
        lifetime: BindingLifetime,
        options: MobilityOptions
    ) {
        self.status = status
        self.flags = flags
        self.sequence = sequence
        self.lifetime = lifetime
        self.options = options
    }

    package init(decoding reader: inout ByteReader) throws(DecodeError) {
        status = BindingStatus(rawValue: try reader.octet("Status"))
        flags = Flags(rawValue: try reader.octet("flags"))
        sequence = try reader.uint16("Sequence #")
        lifetime = BindingLifetime(units: try reader.uint16("Lifetime"))
        options = try MobilityOptions(decoding: &reader)
    }

    package func encode(into writer: inout ByteWriter) {
        writer.octet(status.rawValue)
        writer.octet(flags.rawValue)
        writer.uint16(sequence)
        writer.uint16(lifetime.units)
        options.encode(into: &writer)
    }

    package var name: String { flags.contains(.proxyRegistration) ? "PBA" : "BA" }
    package var fields: [Field] {
        [
            Field("status", status.rawValue), Field("status-name", status.description),
            Field("flags", bits: flags.rawValue, letters: "KRPTBSD"), Field("sequence", sequence),
            Field("lifetime", UInt32(lifetime.units) * 4),
        ]
    }
    package var message: MobilityMessage { .bindingAcknowledgement(self) }
}
