// SPDX-License-Identifier: Apache-2.0

/// QoS-Traffic-Selector attribute (RFC 7222 §4.2.10). The reserved octet stands before the format, not behind it as in
/// the sub-option of RFC 6089.
///
/// ```
/// |      10       |    Length     |   Reserved    |   TS Format   |
/// |   Traffic Selector ...
/// ```
package struct QualityOfServiceTrafficSelector: SubOption, Equatable {
    package static let type: UInt8 = 10
    package static let name = "QoS-Traffic-Selector"

    package var selector: TrafficSelector

    package init(_ selector: TrafficSelector) { self.selector = selector }

    package init(decoding reader: inout ByteReader) throws(DecodeError) {
        try reader.skip(1, "Reserved")
        selector = try TrafficSelector(format: try reader.octet("TS Format"), decoding: &reader)
    }

    package func encode(into writer: inout ByteWriter) {
        writer.octet(0)
        writer.octet(selector.format)
        selector.encode(into: &writer)
    }

    package var fields: [Field] { selector.fields }
}
