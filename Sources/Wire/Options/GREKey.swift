// SPDX-License-Identifier: Apache-2.0

/// GRE Key (RFC 5845 §6.1): the downlink key in an update, the uplink key in an acknowledgement; without a key, GRE
/// without keys.
package struct GREKey: MobilityOption, Equatable {
    package static let type: UInt8 = 33
    package static let name = "GRE Key"

    package var key: UInt32?

    package init(_ key: UInt32?) { self.key = key }

    package init(decoding reader: inout ByteReader) throws(DecodeError) {
        try reader.skip(2, "Reserved")
        key = reader.isAtEnd ? nil : try reader.uint32("GRE Key Identifier")
    }

    package func encode(into writer: inout ByteWriter) {
        writer.zeros(2)
        if let key { writer.uint32(key) }
    }

    package var alignment: OptionAlignment { OptionAlignment(4, plus: 0) }
    package var fields: [Field] { key.map { [Field("key", $0)] } ?? [] }
}
