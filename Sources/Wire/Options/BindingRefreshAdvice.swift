// SPDX-License-Identifier: Apache-2.0

/// Binding Refresh Advice (RFC 6275 §6.2.4): when to register again, before the lifetime asks for it.
package struct BindingRefreshAdvice: MobilityOption, Equatable {
    package static let type: UInt8 = 2
    package static let name = "Binding Refresh Advice"

    /// Shorter than the lifetime of the acknowledgement that carries it.
    package var interval: BindingLifetime

    package init(_ interval: BindingLifetime) { self.interval = interval }

    package init(decoding reader: inout ByteReader) throws(DecodeError) {
        interval = BindingLifetime(units: try reader.uint16("Refresh Interval"))
    }

    package func encode(into writer: inout ByteWriter) { writer.uint16(interval.units) }
    package var alignment: OptionAlignment { OptionAlignment(2, plus: 0) }
    package var fields: [Field] { [Field("refresh-interval", interval.units)] }
}
