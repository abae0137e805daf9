// SPDX-License-Identifier: Apache-2.0

/// Binding Re-registration Control sub-option (RFC 8127 §3.1.1).
package struct ReregistrationControl: SubOption, Equatable {
    package static let type: UInt8 = 1
    package static let name = "Binding Re-registration Control"

    /// How long before its end a binding is to be refreshed.
    package var startTime: BindingLifetime
    /// Seconds.
    package var initialRetransmissionTime: UInt16
    /// Seconds.
    package var maximumRetransmissionTime: UInt16

    package init(startTime: BindingLifetime, initialRetransmissionTime: UInt16, maximumRetransmissionTime: UInt16) {
        self.startTime = startTime
        self.initialRetransmissionTime = initialRetransmissionTime
        self.maximumRetransmissionTime = maximumRetransmissionTime
    }

    package init(decoding reader: inout ByteReader) throws(DecodeError) {
        startTime = BindingLifetime(units: try reader.uint16("Re-registration-Start-Time"))
        initialRetransmissionTime = try reader.uint16("Initial-Retransmission-Time")
        maximumRetransmissionTime = try reader.uint16("Maximum-Retransmission-Time")
    }

    package func encode(into writer: inout ByteWriter) {
        writer.uint16(startTime.units)
        writer.uint16(initialRetransmissionTime)
        writer.uint16(maximumRetransmissionTime)
    }

    package var fields: [Field] {
        [
            Field("re-registration-start-time", startTime.units),
            Field("initial-retransmission-time", initialRetransmissionTime),
            Field("maximum-retransmission-time", maximumRetransmissionTime),
        ]
    }
}
