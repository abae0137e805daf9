// SPDX-License-Identifier: Apache-2.0

/// Flow Binding Acknowledgement (RFC 7109 §6.1.2).
///
/// ```
///                                 |      Flow Binding Type = 2    |
/// |          Sequence #           |   Status      |    Reserved   |
/// |                       Mobility Options ...                    |
/// ```
package struct FlowBindingAcknowledgement: MobilityMessageFormat {
    package static let type: UInt8 = 21
    package static let subtype: [UInt8] = [0, 2]

    /// That of the indication.
    package var sequence: UInt16
    package var status: FlowBindingAcknowledgementStatus
    /// As received: zero from us, for the receiver to ignore.
    package var reserved: UInt8 = 0
    package var options: MobilityOptions

    package init(sequence: UInt16, status: FlowBindingAcknowledgementStatus, options: MobilityOptions) {
        self.sequence = sequence
        self.status = status
        self.options = options
    }

    package init(decoding reader: inout ByteReader) throws(DecodeError) {
        sequence = try reader.uint16("Sequence #")
        status = FlowBindingAcknowledgementStatus(rawValue: try reader.octet("Status"))
        reserved = try reader.octet("Reserved")
        options = try MobilityOptions(decoding: &reader)
    }

    package func encode(into writer: inout ByteWriter) {
        writer.uint16(sequence)
        writer.octet(status.rawValue)
        writer.octet(reserved)
        options.encode(into: &writer)
    }

    package var name: String { "FBA" }
    package var fields: [Field] {
        [
            Field("sequence", sequence), Field("status", status.rawValue), Field("status-name", status.description),
        ]
    }
    package var message: MobilityMessage { .flowBindingAcknowledgement(self) }
}
