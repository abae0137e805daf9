// SPDX-License-Identifier: Apache-2.0

/// Civic-Location sub-option (RFC 7563 §3.1).
///
/// ```
/// |       4       |    Length     |    Format     |   Reserved    |
/// |   civic location ...
/// ```
package struct CivicLocation: SubOption, Equatable {
    package static let type: UInt8 = 4
    package static let name = "Civic-Location"

    /// 0: the location is encoded as RFC 4776 says.
    package var format: UInt8
    package var location: [UInt8]

    package init(format: UInt8 = 0, location: [UInt8]) {
        self.format = format
        self.location = location
    }

    package init(decoding reader: inout ByteReader) throws(DecodeError) {
        format = try reader.octet("Format")
        try reader.skip(1, "Reserved")
        location = reader.rest()
    }

    package func encode(into writer: inout ByteWriter) {
        writer.octet(format)
        writer.octet(0)
        writer.bytes(location)
    }

    package var fields: [Field] { [Field("format", format), Field("location", location)] }
}
