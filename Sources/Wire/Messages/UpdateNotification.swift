// SPDX-License-Identifier: Apache-2.0

/// Update Notification (RFC 7077 §4.1); with the reason "flow mobility" a Flow Mobility Initiate (RFC 7864 §4.2).
///
/// ```
///                                 |           Sequence #          |
/// |     Notification Reason       |A|D|        Reserved           |
/// |                       Mobility Options ...                    |
/// ```
package struct UpdateNotification: MobilityMessageFormat {
    package static let type: UInt8 = 19

    /// Reserved bits included.
    package struct Flags: OptionSet, Hashable, Sendable {
        package var rawValue: UInt16
        package init(rawValue: UInt16) { self.rawValue = rawValue }

        package static let acknowledgementRequested = Flags(rawValue: 0x8000)
        /// D: this sequence number went out before.
        package static let retransmission = Flags(rawValue: 0x4000)
    }

    package var sequence: UInt16
    package var reason: NotificationReason
    package var flags: Flags
    package var options: MobilityOptions

    package init(sequence: UInt16, reason: NotificationReason, flags: Flags, options: MobilityOptions) {
        self.sequence = sequence
        self.reason = reason
        self.flags = flags
        self.options = options
    }

    package init(decoding reader: inout ByteReader) throws(DecodeError) {
        sequence = try reader.uint16("Sequence #")
        reason = NotificationReason(rawValue: try reader.uint16("Notification Reason"))
        flags = Flags(rawValue: try reader.uint16("flags"))
        options = try MobilityOptions(decoding: &reader)
    }

    package func encode(into writer: inout ByteWriter) {
        writer.uint16(sequence)
        writer.uint16(reason.rawValue)
        writer.uint16(flags.rawValue)
        options.encode(into: &writer)
    }

    package var name: String { reason == .flowMobility ? "FMI" : "UPN" }
    package var fields: [Field] {
        [
            Field("sequence", sequence), Field("reason", reason.rawValue), Field("reason-name", reason.description),
            Field("flags", bits: flags.rawValue, letters: "AD"),
        ]
    }
    package var message: MobilityMessage { .updateNotification(self) }
}
