// SPDX-License-Identifier: Apache-2.0

/// Handover Initiate (RFC 5568 §6.2.1.1, with the flags of RFC 5949 §6.1.1): one gateway tells another that a mobile
/// node comes or has come, and asks for its context or its packets.
///
/// ```
///                                 |           Sequence #          |
/// |S|U|P|F| Resv  |     Code      |
/// |                       Mobility Options ...                    |
/// ```
package struct HandoverInitiate: MobilityMessageFormat {
    package static let type: UInt8 = 14

    /// Reserved bits included.
    package struct Flags: OptionSet, Hashable, Sendable {
        package var rawValue: UInt8
        package init(rawValue: UInt8) { self.rawValue = rawValue }

        /// S: the receiver is to assign the care-of address.
        package static let assignedAddressConfiguration = Flags(rawValue: 0x80)
        /// U: the receiver is to buffer packets for the node.
        package static let buffer = Flags(rawValue: 0x40)
        /// P: between gateways of Proxy Mobile IPv6.
        package static let proxy = Flags(rawValue: 0x20)
        /// F: about the forwarding of the node's packets.
        package static let forwarding = Flags(rawValue: 0x10)
    }

    package var sequence: UInt16
    package var flags: Flags
    package var code: HandoverInitiateCode
    package var options: MobilityOptions

    package init(sequence: UInt16, flags: Flags = [], code: HandoverInitiateCode, options: MobilityOptions) {
        self.sequence = sequence
        self.flags = flags
        self.code = code
        self.options = options
    }

    package init(decoding reader: inout ByteReader) throws(DecodeError) {
        sequence = try reader.uint16("Sequence #")
        flags = Flags(rawValue: try reader.octet("flags"))
        code = HandoverInitiateCode(rawValue: try reader.octet("Code"))
        options = try MobilityOptions(decoding: &reader)
    }

    package func encode(into writer: inout ByteWriter) {
        writer.uint16(sequence)
        writer.octet(flags.rawValue)
        writer.octet(code.rawValue)
        options.encode(into: &writer)
    }

    package var name: String { "Handover Initiate" }
    package var fields: [Field] {
        [
            Field("sequence", sequence), Field("flags", bits: flags.rawValue, letters: "SUPF"),
            Field("code", code.rawValue), Field("code-name", code.description),
        ]
    }
    package var message: MobilityMessage { .handoverInitiate(self) }
}
