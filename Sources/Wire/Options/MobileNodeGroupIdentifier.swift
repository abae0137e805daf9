// SPDX-License-Identifier: Apache-2.0

/// Mobile Node Group Identifier (RFC 6602 §4.2): sessions that one message is about together.
///
/// ```
/// |      50       |  Length = 6   |   Sub-type    |   Reserved    |
/// |                  Mobile Node Group Identifier                 |
/// ```
package struct MobileNodeGroupIdentifier: MobilityOption, Equatable {
    package static let type: UInt8 = 50
    package static let name = "Mobile Node Group Identifier"

    /// The sub-type of groups for bulk binding updates.
    package static let bulkBindingUpdate: UInt8 = 1
    /// The group of all sessions between an anchor and a gateway; 0 is reserved.
    package static let allSessions: UInt32 = 1

    package var subtype: UInt8
    package var group: UInt32

    package init(subtype: UInt8 = bulkBindingUpdate, group: UInt32) {
        self.subtype = subtype
        self.group = group
    }

    package init(decoding reader: inout ByteReader) throws(DecodeError) {
        subtype = try reader.octet("Sub-type")
        try reader.skip(1, "Reserved")
        group = try reader.uint32(Self.name)
    }

    package func encode(into writer: inout ByteWriter) {
        writer.octet(subtype)
        writer.octet(0)
        writer.uint32(group)
    }

    /// None is asked for; this one puts the number on its natural boundary.
    package var alignment: OptionAlignment { OptionAlignment(4, plus: 0) }
    package var fields: [Field] { [Field("sub-type", subtype), Field("group", group)] }
}
