// SPDX-License-Identifier: Apache-2.0

/// Traffic Selector sub-option (RFC 6089 §4.2.1.4; RFC 6909 carries it too).
///
/// ```
/// |       3       |    Length     |   TS Format   |   Reserved    |
/// |   Traffic Selector ...
/// ```
package struct TrafficSelectorSubOption: SubOption, Equatable {
    package static let type: UInt8 = 3
    package static let name = "Traffic Selector"

    package var selector: TrafficSelector

    package init(_ selector: TrafficSelector) { self.selector = selector }

    package init(decoding reader: inout ByteReader) throws(DecodeError) {
        let format = try reader.octet("TS Format")
        try reader.skip(1, "Reserved")
        selector = try TrafficSelector(format: format, decoding: &reader)
    }

    package func encode(into writer: inout ByteWriter) {
        writer.octet(selector.format)
        writer.octet(0)
        selector.encode(into: &writer)
    }

    package var alignment: OptionAlignment { selector.alignment }
    package var fields: [Field] { selector.fields }
}
