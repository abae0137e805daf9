// SPDX-License-Identifier: Apache-2.0

/// Handoff Indicator (RFC 5213 §8.4, value 6 RFC 7864).
package struct HandoffIndicator: MobilityOption, Equatable {
    package static let type: UInt8 = 23
    package static let name = "Handoff Indicator"

    package var value: UInt8

    package init(_ value: UInt8) { self.value = value }

    package static let attachmentOverNewInterface = HandoffIndicator(1)
    package static let handoffBetweenInterfaces = HandoffIndicator(2)
    package static let handoffBetweenGateways = HandoffIndicator(3)
    package static let unknown = HandoffIndicator(4)
    package static let notChanged = HandoffIndicator(5)
    package static let attachmentSharingPrefixes = HandoffIndicator(6)

    package init(decoding reader: inout ByteReader) throws(DecodeError) {
        try reader.skip(1, "Reserved")
        value = try reader.octet("HI")
    }

    package func encode(into writer: inout ByteWriter) {
        writer.octet(0)
        writer.octet(value)
    }

    package var fields: [Field] { [Field("hi", value)] }
}
