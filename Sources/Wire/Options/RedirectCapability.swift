// SPDX-License-Identifier: Apache-2.0

/// Redirect-Capability (RFC 6463 §4.1): the gateway can be sent to another anchor.
package struct RedirectCapability: MobilityOption, Equatable {
    package static let type: UInt8 = 46
    package static let name = "Redirect-Capability"

    package init() {}

    package init(decoding reader: inout ByteReader) throws(DecodeError) { try reader.skip(2, "Reserved") }
    package func encode(into writer: inout ByteWriter) { writer.zeros(2) }
    package var alignment: OptionAlignment { OptionAlignment(4, plus: 0) }
    package var fields: [Field] { [] }
}
