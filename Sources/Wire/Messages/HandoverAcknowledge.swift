// SPDX-License-Identifier: Apache-2.0

/// Handover Acknowledge (RFC 5568 §6.2.1.2, with the flags of RFC 5949 §6.1.2).
///
/// ```
///                                 |           Sequence #          |
/// |U|P|F| Reserved|     Code      |
/// |                       Mobility Options ...                    |
/// ```
package struct HandoverAcknowledge: MobilityMessageFormat {
    package static let type: UInt8 = 15

    /// Reserved bits included. Each stands one bit further left than in the initiation.
    package struct Flags: OptionSet, Hashable, Sendable {
        package var rawValue: UInt8
        package init(rawValue: UInt8) { self.rawValue = rawValue }

        /// U: packets for the node are to be buffered.
        package static let buffer = Flags(rawValue: 0x80)
        /// P: between gateways of Proxy Mobile IPv6.
        package static let proxy = Flags(rawValue: 0x40)
        /// F: about the forwarding of the node's packets.
        package static let forwarding = Flags(rawValue: 0x20)
    }

    package var sequence: UInt16
    package var flags: Flags
    package var code: HandoverAcknowledgeCode
    package var options: MobilityOptions

    package init(sequence: UInt16, flags: Flags = [], code: HandoverAcknowledgeCode, options: MobilityOptions) {
        self.sequence = sequence
        self.flags = flags
        self.code = code
        self.options = options
    }

    package init(decoding reader: inout ByteReader) throws(DecodeError) {
        sequence = try reader.uint16("Sequence #")
        flags = Flags(rawValue: try reader.octet("flags"))
        code = HandoverAcknowledgeCode(rawValue: try reader.octet("Code"))
        options = try MobilityOptions(decoding: &reader)
    }

    package func encode(into writer: inout ByteWriter) {
        writer.uint16(sequence)
        writer.octet(flags.rawValue)
        writer.octet(code.rawValue)
        options.encode(into: &writer)
    }

    package var name: String { "Handover Acknowledge" }
    package var fields: [Field] {
        [
            Field("sequence", sequence), Field("flags", bits: flags.rawValue, letters: "UPF"),
            Field("code", code.rawValue), Field("code-name", code.description),
        ]
    }
    package var message: MobilityMessage { .handoverAcknowledge(self) }
}
