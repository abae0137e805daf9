// SPDX-License-Identifier: Apache-2.0

/// Timestamp (RFC 5213 §8.8).
package struct TimestampOption: MobilityOption, Equatable {
    package static let type: UInt8 = 27
    package static let name = "Timestamp"

    package var timestamp: Timestamp

    package init(_ timestamp: Timestamp) { self.timestamp = timestamp }

    package init(decoding reader: inout ByteReader) throws(DecodeError) {
        timestamp = Timestamp(value: try reader.uint64(Self.name))
    }

    package func encode(into writer: inout ByteWriter) { writer.uint64(timestamp.value) }
    package var alignment: OptionAlignment { OptionAlignment(8, plus: 2) }
    package var fields: [Field] { [Field("timestamp", timestamp.description), Field("value", timestamp.value)] }
}
