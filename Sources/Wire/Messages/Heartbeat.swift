// SPDX-License-Identifier: Apache-2.0

/// Heartbeat (RFC 5847 §3.3).
///
/// ```
///                                 |            Reserved       |U|R|
/// |                     Sequence Number (32)                      |
/// |                       Mobility Options ...                    |
/// ```
package struct Heartbeat: MobilityMessageFormat {
    package static let type: UInt8 = 13

    /// R
    package var isResponse: Bool
    /// U: a response that nobody asked for, after a restart.
    package var isUnsolicited: Bool
    /// The 14 bits in front of the flags as received: zero from us, for the receiver to ignore.
    package var reserved: UInt16 = 0
    package var sequence: UInt32
    package var options: MobilityOptions

    package init(isResponse: Bool, isUnsolicited: Bool = false, sequence: UInt32, options: MobilityOptions) {
        self.isResponse = isResponse
        self.isUnsolicited = isUnsolicited
        self.sequence = sequence
        self.options = options
    }

    private static let reservedBits = BitField<UInt16>(first: 0, width: 14)
    private static let unsolicited = BitField<UInt16>(first: 14)
    private static let response = BitField<UInt16>(first: 15)

    package init(decoding reader: inout ByteReader) throws(DecodeError) {
        let flags = try reader.uint16("flags")
        isResponse = Self.response.isSet(flags)
        isUnsolicited = Self.unsolicited.isSet(flags)
        reserved = Self.reservedBits.get(flags)
        sequence = try reader.uint32("Sequence Number")
        options = try MobilityOptions(decoding: &reader)
    }

    package func encode(into writer: inout ByteWriter) {
        var flags: UInt16 = 0
        Self.reservedBits.set(reserved, in: &flags)
        Self.unsolicited.set(isUnsolicited, in: &flags)
        Self.response.set(isResponse, in: &flags)
        writer.uint16(flags)
        writer.uint32(sequence)
        options.encode(into: &writer)
    }

    package var name: String { isResponse ? "Heartbeat Response" : "Heartbeat Request" }
    package var fields: [Field] {
        [Field("response", isResponse), Field("unsolicited", isUnsolicited), Field("sequence", sequence)]
    }
    package var message: MobilityMessage { .heartbeat(self) }
}
