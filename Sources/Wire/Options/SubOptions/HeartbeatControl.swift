// SPDX-License-Identifier: Apache-2.0

/// Heartbeat Control sub-option (RFC 8127 §3.1.2).
package struct HeartbeatControl: SubOption, Equatable {
    package static let type: UInt8 = 2
    package static let name = "Heartbeat Control"

    /// Seconds.
    package var interval: UInt16
    /// Seconds.
    package var retransmissionDelay: UInt16
    package var maximumRetransmissions: UInt16

    package init(interval: UInt16, retransmissionDelay: UInt16, maximumRetransmissions: UInt16) {
        self.interval = interval
        self.retransmissionDelay = retransmissionDelay
        self.maximumRetransmissions = maximumRetransmissions
    }

    package init(decoding reader: inout ByteReader) throws(DecodeError) {
        interval = try reader.uint16("HB-Interval")
        retransmissionDelay = try reader.uint16("HB-Retransmission-Delay")
        maximumRetransmissions = try reader.uint16("HB-Max-Retransmissions")
    }

    package func encode(into writer: inout ByteWriter) {
        writer.uint16(interval)
        writer.uint16(retransmissionDelay)
        writer.uint16(maximumRetransmissions)
    }

    package var fields: [Field] {
        [
            Field("hb-interval", interval), Field("hb-retransmission-delay", retransmissionDelay),
            Field("hb-max-retransmissions", maximumRetransmissions),
        ]
    }
}
