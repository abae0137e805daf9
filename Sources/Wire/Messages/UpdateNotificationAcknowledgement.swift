// SPDX-License-Identifier: Apache-2.0

/// Update Notification Acknowledgement (RFC 7077 §4.2). In answer to a Flow Mobility Initiate it is a Flow Mobility
/// Acknowledge (RFC 7864 §4.3), which nothing in it tells.
///
/// ```
///                                 |           Sequence #          |
/// |   Status Code |                   Reserved                    |
/// |                       Mobility Options ...                    |
/// ```
package struct UpdateNotificationAcknowledgement: MobilityMessageFormat {
    package static let type: UInt8 = 20

    /// That of the notification.
    package var sequence: UInt16
    package var status: NotificationStatus
    /// Three octets as received: zero from us, for the receiver to ignore.
    package private(set) var reserved: [UInt8] = [0, 0, 0]
    package var options: MobilityOptions

    package init(sequence: UInt16, status: NotificationStatus, options: MobilityOptions) {
        self.sequence = sequence
        self.status = status
        self.options = options
    }

    package init(decoding reader: inout ByteReader) throws(DecodeError) {
        sequence = try reader.uint16("Sequence #")
        status = NotificationStatus(rawValue: try reader.octet("Status Code"))
        reserved = try reader.octets(3, "Reserved")
        options = try MobilityOptions(decoding: &reader)
    }

    package func encode(into writer: inout ByteWriter) {
        writer.uint16(sequence)
        writer.octet(status.rawValue)
        writer.bytes(reserved)
        options.encode(into: &writer)
    }

    package var name: String { "UPA" }
    package var fields: [Field] {
        [
            Field("sequence", sequence), Field("status", status.rawValue), Field("status-name", status.description),
        ]
    }
    package var message: MobilityMessage { .updateNotificationAcknowledgement(self) }
}
