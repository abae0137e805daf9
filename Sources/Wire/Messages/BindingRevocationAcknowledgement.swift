// SPDX-License-Identifier: Apache-2.0

/// Binding Revocation Acknowledgement (RFC 5846 §5.2).
///
/// ```
///                                 | B.R. Type = 2 |    Status     |
/// |          Sequence #           |P|V|G|       Reserved          |
/// |                       Mobility Options ...                    |
/// ```
package struct BindingRevocationAcknowledgement: MobilityMessageFormat {
    package static let type: UInt8 = 16
    package static let subtype: [UInt8] = [2]

    package var status: BindingRevocationStatus
    package var sequence: UInt16
    /// Those of the indication.
    package var flags: BindingRevocationFlags
    package var options: MobilityOptions

    package init(
        status: BindingRevocationStatus,
        sequence: UInt16,
        flags: BindingRevocationFlags,
        options: MobilityOptions = MobilityOptions()
    ) {
        self.status = status
        self.sequence = sequence
        self.flags = flags
        self.options = options
    }

    package init(decoding reader: inout ByteReader) throws(DecodeError) {
        status = BindingRevocationStatus(rawValue: try reader.octet("Status"))
        sequence = try reader.uint16("Sequence #")
        flags = BindingRevocationFlags(rawValue: try reader.uint16("flags"))
        options = try MobilityOptions(decoding: &reader)
    }

    package func encode(into writer: inout ByteWriter) {
        writer.octet(status.rawValue)
        writer.uint16(sequence)
        writer.uint16(flags.rawValue)
        options.encode(into: &writer)
    }

    package var name: String { "BRA" }
    package var fields: [Field] {
        [
            Field("status", status.rawValue), Field("status-name", status.description), Field("sequence", sequence),
            Field("flags", bits: flags.rawValue, letters: BindingRevocationFlags.letters),
        ]
    }
    package var message: MobilityMessage { .bindingRevocationAcknowledgement(self) }
}
