// SPDX-License-Identifier: Apache-2.0

/// Binding Refresh Request (RFC 6275 §6.1.2).
///
/// ```
///                                 |          Reserved             |
/// |                       Mobility Options ...                    |
/// ```
package struct BindingRefreshRequest: MobilityMessageFormat {
    package static let type: UInt8 = 0
    package static let minimumLength = 8

    /// As received: zero from us, for the receiver to ignore.
    package var reserved: UInt16 = 0
    package var options: MobilityOptions

    package init(options: MobilityOptions = MobilityOptions()) { self.options = options }

    package init(decoding reader: inout ByteReader) throws(DecodeError) {
        reserved = try reader.uint16("Reserved")
        options = try MobilityOptions(decoding: &reader)
    }

    package func encode(into writer: inout ByteWriter) {
        writer.uint16(reserved)
        options.encode(into: &writer)
    }

    package var name: String { "Binding Refresh Request" }
    package var fields: [Field] { [] }
    package var message: MobilityMessage { .bindingRefreshRequest(self) }
}
