// SPDX-License-Identifier: Apache-2.0

/// Localized Routing Acknowledgment (RFC 6705 §9.2).
///
/// ```
///                                 |           Sequence #          |
/// |U|  Reserved   |   Status      |           Lifetime            |
/// |                       Mobility Options ...                    |
/// ```
package struct LocalizedRoutingAcknowledgement: MobilityMessageFormat {
    package static let type: UInt8 = 18

    /// Reserved bits included.
    package struct Flags: OptionSet, Hashable, Sendable {
        package var rawValue: UInt8
        package init(rawValue: UInt8) { self.rawValue = rawValue }

        /// U: nobody asked.
        package static let unsolicited = Flags(rawValue: 0x80)
    }

    package var sequence: UInt16
    package var flags: Flags
    package var status: LocalizedRoutingStatus
    /// In seconds, as in the initiation.
    package var lifetime: UInt16
    package var options: MobilityOptions

    package init(
        sequence: UInt16,
        flags: Flags = [],
        status: LocalizedRoutingStatus,
        lifetime: UInt16,
        options: MobilityOptions
    ) {
        self.sequence = sequence
        self.flags = flags
        self.status = status
        self.lifetime = lifetime
        self.options = options
    }

    package init(decoding reader: inout ByteReader) throws(DecodeError) {
        sequence = try reader.uint16("Sequence #")
        flags = Flags(rawValue: try reader.octet("flags"))
        status = LocalizedRoutingStatus(rawValue: try reader.octet("Status"))
        lifetime = try reader.uint16("Lifetime")
        options = try MobilityOptions(decoding: &reader)
    }

    package func encode(into writer: inout ByteWriter) {
        writer.uint16(sequence)
        writer.octet(flags.rawValue)
        writer.octet(status.rawValue)
        writer.uint16(lifetime)
        options.encode(into: &writer)
    }

    package var name: String { "LRA" }
    package var fields: [Field] {
        [
            Field("sequence", sequence), Field("flags", bits: flags.rawValue, letters: "U"),
            Field("status", status.rawValue), Field("status-name", status.description),
            Field("lifetime", lifetime),
        ]
    }
    package var message: MobilityMessage { .localizedRoutingAcknowledgement(self) }
}
