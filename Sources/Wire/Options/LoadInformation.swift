// SPDX-License-Identifier: Apache-2.0

/// Load Information (RFC 6463 §4.3): how busy an anchor is.
package struct LoadInformation: MobilityOption, Equatable {
    package static let type: UInt8 = 48
    package static let name = "Load Information"

    /// Among anchors of one administration: the lower the better.
    package var priority: UInt16
    package var sessionsInUse: UInt32
    package var maximumSessions: UInt32
    /// Kilobytes per second.
    package var usedCapacity: UInt32
    /// Kilobytes per second.
    package var maximumCapacity: UInt32

    package init(
        priority: UInt16,
        sessionsInUse: UInt32,
        maximumSessions: UInt32,
        usedCapacity: UInt32,
        maximumCapacity: UInt32
    ) {
        self.priority = priority
        self.sessionsInUse = sessionsInUse
        self.maximumSessions = maximumSessions
        self.usedCapacity = usedCapacity
        self.maximumCapacity = maximumCapacity
    }

    package init(decoding reader: inout ByteReader) throws(DecodeError) {
        priority = try reader.uint16("Priority")
        sessionsInUse = try reader.uint32("Sessions in Use")
        maximumSessions = try reader.uint32("Maximum Sessions")
        usedCapacity = try reader.uint32("Used Capacity")
        maximumCapacity = try reader.uint32("Maximum Capacity")
    }

    package func encode(into writer: inout ByteWriter) {
        writer.uint16(priority)
        for value in [sessionsInUse, maximumSessions, usedCapacity, maximumCapacity] { writer.uint32(value) }
    }

    package var alignment: OptionAlignment { OptionAlignment(4, plus: 0) }

    package var fields: [Field] {
        [
            Field("priority", priority), Field("sessions-in-use", sessionsInUse),
            Field("maximum-sessions", maximumSessions), Field("used-capacity", usedCapacity),
            Field("maximum-capacity", maximumCapacity),
        ]
    }
}
