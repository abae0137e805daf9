// SPDX-License-Identifier: Apache-2.0

/// Which packets belong to a flow, in one of the formats of RFC 6088.
package enum TrafficSelector: Hashable, Sendable {
    case ipv4(IPv4TrafficSelector)
    case ipv6(IPv6TrafficSelector)
    /// A format that we do not know, 0 included, which nobody may use.
    case other(format: UInt8, octets: [UInt8])

    /// Reads to the reader's end.
    init(format: UInt8, decoding reader: inout ByteReader) throws(DecodeError) {
        switch format {
        case 1: self = .ipv4(try IPv4TrafficSelector(decoding: &reader))
        case 2: self = .ipv6(try IPv6TrafficSelector(decoding: &reader))
        default: self = .other(format: format, octets: reader.rest())
        }
    }

    /// TS Format (RFC 6088 §3).
    package var format: UInt8 {
        switch self {
        case .ipv4: 1
        case .ipv6: 2
        case .other(let format, _): format
        }
    }

    /// Without the format.
    func encode(into writer: inout ByteWriter) {
        switch self {
        case .ipv4(let selector): selector.encode(into: &writer)
        case .ipv6(let selector): selector.encode(into: &writer)
        case .other(_, let octets): writer.bytes(octets)
        }
    }

    var alignment: OptionAlignment {
        switch self {
        case .ipv4(let selector): selector.alignment
        case .ipv6(let selector): selector.alignment
        case .other: .none
        }
    }

    package var fields: [Field] {
        let parts: [Field] =
            switch self {
            case .ipv4(let selector): selector.fields
            case .ipv6(let selector): selector.fields
            case .other(_, let octets): [Field("data", octets)]
            }
        return [Field("format", format)] + parts
    }
}
