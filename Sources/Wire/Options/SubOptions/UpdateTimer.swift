// SPDX-License-Identifier: Apache-2.0

/// ANI Update-Timer sub-option (RFC 7563 §3.3): how often the anchor wants to be told.
package struct UpdateTimer: SubOption, Equatable {
    package static let type: UInt8 = 6
    package static let name = "ANI Update-Timer"

    package var interval: BindingLifetime

    package init(_ interval: BindingLifetime) { self.interval = interval }

    package init(decoding reader: inout ByteReader) throws(DecodeError) {
        interval = BindingLifetime(units: try reader.uint16("Update-Timer"))
    }

    package func encode(into writer: inout ByteWriter) { writer.uint16(interval.units) }
    package var fields: [Field] { [Field("interval", interval.units)] }
}
