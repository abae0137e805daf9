// SPDX-License-Identifier: Apache-2.0

/// Binding Revocation Indication (RFC 5846 §5.1).
///
/// ```
///                                 | B.R. Type = 1 |  R. Trigger   |
/// |          Sequence #           |P|V|G|       Reserved          |
/// |                       Mobility Options ...                    |
/// ```
package struct BindingRevocationIndication: MobilityMessageFormat {
    package static let type: UInt8 = 16
    package static let subtype: [UInt8] = [1]

    package var trigger: BindingRevocationTrigger
    package var sequence: UInt16
    package var flags: BindingRevocationFlags
    package var options: MobilityOptions

    package init(
        trigger: BindingRevocationTrigger,
        sequence: UInt16,
        flags: BindingRevocationFlags,
        options: MobilityOptions
    ) {
        self.trigger = trigger
        self.sequence = sequence
        self.flags = flags
        self.options = options
    }

    package init(decoding reader: inout ByteReader) throws(DecodeError) {
        trigger = BindingRevocationTrigger(rawValue: try reader.octet("Revocation Trigger"))
        sequence = try reader.uint16("Sequence #")
        flags = BindingRevocationFlags(rawValue: try reader.uint16("flags"))
        options = try MobilityOptions(decoding: &reader)
    }

    package func encode(into writer: inout ByteWriter) {
        writer.octet(trigger.rawValue)
        writer.uint16(sequence)
        writer.uint16(flags.rawValue)
        options.encode(into: &writer)
    }

    package var name: String { "BRI" }
    package var fields: [Field] {
        [
            Field("trigger", trigger.rawValue), Field("trigger-name", trigger.description),
            Field("sequence", sequence),
            Field("flags", bits: flags.rawValue, letters: BindingRevocationFlags.letters),
        ]
    }
    package var message: MobilityMessage { .bindingRevocationIndication(self) }
}
