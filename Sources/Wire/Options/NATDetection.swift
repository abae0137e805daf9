// SPDX-License-Identifier: Apache-2.0

/// NAT Detection: UDP encapsulation is to be used, and how often an address translator wants to be reminded
/// (RFC 5555 §3.2.2, RFC 5844 §3.1.3).
///
/// ```
/// |      31       |  Length = 6   |F|          Reserved           |
/// |                  Refresh time (seconds)                       |
/// ```
package struct NATDetection: MobilityOption, Equatable {
    package static let type: UInt8 = 31
    package static let name = "NAT Detection"

    /// F: UDP encapsulation.
    package var forcesUDP: Bool
    /// As on the wire.
    package var refreshSeconds: UInt32

    /// All ones on the wire: there is no translator to remind.
    private static let never = UInt32.max

    package init(forcesUDP: Bool, refreshSeconds: UInt32) {
        self.forcesUDP = forcesUDP
        self.refreshSeconds = refreshSeconds
    }

    /// nil: no reminders are needed. Whole seconds, at least one.
    package init(forcesUDP: Bool, refreshTime: Duration?) {
        let seconds = refreshTime.map { UInt32(clamping: max(1, $0.components.seconds)) } ?? Self.never
        self.init(forcesUDP: forcesUDP, refreshSeconds: seconds)
    }

    /// NATKATIMEOUT, RFC 5555 §6.2: where the sender leaves it open.
    private static let usual: UInt32 = 110

    /// nil: no reminders are needed (RFC 5555 §3.2.2).
    package var refreshTime: Duration? {
        guard refreshSeconds != Self.never else { return nil }
        return .seconds(Int64(refreshSeconds == 0 ? Self.usual : refreshSeconds))
    }

    private static let force = BitField<UInt16>(first: 0)

    package init(decoding reader: inout ByteReader) throws(DecodeError) {
        forcesUDP = Self.force.isSet(try reader.uint16("flags"))
        refreshSeconds = try reader.uint32("Refresh time")
    }

    package func encode(into writer: inout ByteWriter) {
        var flags: UInt16 = 0
        Self.force.set(forcesUDP, in: &flags)
        writer.uint16(flags)
        writer.uint32(refreshSeconds)
    }

    package var alignment: OptionAlignment { OptionAlignment(4, plus: 0) }
    package var fields: [Field] { [Field("forces-udp", forcesUDP), Field("refresh-seconds", refreshSeconds)] }
}
