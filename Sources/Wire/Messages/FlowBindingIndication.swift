// SPDX-License-Identifier: Apache-2.0

/// Flow Binding Indication (RFC 7109 §6.1.1): the home agent acts on flow bindings.
///
/// ```
///                                 |      Flow Binding Type = 1    |
/// |          Sequence #           |   Trigger     |A|  Reserved   |
/// |                       Mobility Options ...                    |
/// ```
package struct FlowBindingIndication: MobilityMessageFormat {
    package static let type: UInt8 = 21
    package static let subtype: [UInt8] = [0, 1]

    /// Reserved bits included.
    package struct Flags: OptionSet, Hashable, Sendable {
        package var rawValue: UInt8
        package init(rawValue: UInt8) { self.rawValue = rawValue }

        package static let acknowledge = Flags(rawValue: 0x80)
    }

    package var sequence: UInt16
    package var trigger: FlowBindingTrigger
    package var flags: Flags
    package var options: MobilityOptions

    package init(sequence: UInt16, trigger: FlowBindingTrigger, flags: Flags, options: MobilityOptions) {
        self.sequence = sequence
        self.trigger = trigger
        self.flags = flags
        self.options = options
    }

    package init(decoding reader: inout ByteReader) throws(DecodeError) {
        sequence = try reader.uint16("Sequence #")
        trigger = FlowBindingTrigger(rawValue: try reader.octet("Trigger"))
        flags = Flags(rawValue: try reader.octet("flags"))
        options = try MobilityOptions(decoding: &reader)
    }

    package func encode(into writer: inout ByteWriter) {
        writer.uint16(sequence)
        writer.octet(trigger.rawValue)
        writer.octet(flags.rawValue)
        options.encode(into: &writer)
    }

    package var name: String { "FBI" }
    package var fields: [Field] {
        [
            Field("sequence", sequence), Field("trigger", trigger.rawValue),
            Field("trigger-name", trigger.description), Field("flags", bits: flags.rawValue, letters: "A"),
        ]
    }
    package var message: MobilityMessage { .flowBindingIndication(self) }
}
