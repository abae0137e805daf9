// SPDX-License-Identifier: Apache-2.0

/// Flow Binding Action sub-option (RFC 7109 §6.2.1). The figure shows seven reserved bits; eight make an octet.
///
/// ```
/// |       4       |  Length = 2   |   Reserved    |    Action     |
/// ```
package struct FlowBindingAction: SubOption, Equatable {
    package static let type: UInt8 = 4
    package static let name = "Flow Binding Action"

    package var value: UInt8

    package init(_ value: UInt8) { self.value = value }

    package static let add = FlowBindingAction(11)
    package static let delete = FlowBindingAction(12)
    package static let modify = FlowBindingAction(13)
    package static let refresh = FlowBindingAction(14)
    package static let move = FlowBindingAction(15)
    package static let revoke = FlowBindingAction(16)

    package init(decoding reader: inout ByteReader) throws(DecodeError) {
        try reader.skip(1, "Reserved")
        value = try reader.octet("Action")
    }

    package func encode(into writer: inout ByteWriter) {
        writer.octet(0)
        writer.octet(value)
    }

    package var fields: [Field] { [Field("action", value)] }
}
