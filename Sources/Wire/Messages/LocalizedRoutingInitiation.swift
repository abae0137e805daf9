// SPDX-License-Identifier: Apache-2.0

/// Localized Routing Initiation (RFC 6705 §9.1): the options name both mobile nodes, each with its prefixes behind it.
///
/// ```
///                                 |           Sequence #          |
/// |          Reserved             |           Lifetime            |
/// |                       Mobility Options ...                    |
/// ```
package struct LocalizedRoutingInitiation: MobilityMessageFormat {
    package static let type: UInt8 = 17

    package var sequence: UInt16
    /// As received: zero from us, for the receiver to ignore.
    package var reserved: UInt16 = 0
    /// In seconds, unlike a binding's; 0 ends it, 0xFFFF has no end.
    package var lifetime: UInt16
    package var options: MobilityOptions

    package init(sequence: UInt16, lifetime: UInt16, options: MobilityOptions) {
        self.sequence = sequence
        self.lifetime = lifetime
        self.options = options
    }

    package init(decoding reader: inout ByteReader) throws(DecodeError) {
        sequence = try reader.uint16("Sequence #")
        reserved = try reader.uint16("Reserved")
        lifetime = try reader.uint16("Lifetime")
        options = try MobilityOptions(decoding: &reader)
    }

    package func encode(into writer: inout ByteWriter) {
        writer.uint16(sequence)
        writer.uint16(reserved)
        writer.uint16(lifetime)
        options.encode(into: &writer)
    }

    package var name: String { "LRI" }
    package var fields: [Field] { [Field("sequence", sequence), Field("lifetime", lifetime)] }
    package var message: MobilityMessage { .localizedRoutingInitiation(self) }
}
