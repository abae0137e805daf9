// SPDX-License-Identifier: Apache-2.0

/// MAG-Group-Identifier sub-option (RFC 7563 §3.2). The text has the length both as two and as three; two it is.
package struct MAGGroupIdentifier: SubOption, Equatable {
    package static let type: UInt8 = 5
    package static let name = "MAG-Group-Identifier"

    package var group: UInt16

    package init(_ group: UInt16) { self.group = group }

    package init(decoding reader: inout ByteReader) throws(DecodeError) {
        group = try reader.uint16("Group Identifier")
    }
    package func encode(into writer: inout ByteWriter) { writer.uint16(group) }
    package var fields: [Field] { [Field("group", group)] }
}
