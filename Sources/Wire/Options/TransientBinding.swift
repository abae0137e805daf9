// SPDX-License-Identifier: Apache-2.0

/// Transient Binding (RFC 6058 §4.1): the old gateway stays in use for a while after a handover.
///
/// ```
/// |      43       |  Length = 2   |  Reserved   |L|   Lifetime    |
/// ```
package struct TransientBinding: MobilityOption, Equatable {
    package static let type: UInt8 = 43
    package static let name = "Transient Binding"

    /// L: downlink packets keep going to the old gateway until the transient state ends.
    package var isLatePathSwitch: Bool
    /// Units of 100 ms.
    package var lifetime: UInt8

    package init(isLatePathSwitch: Bool, lifetime: UInt8) {
        self.isLatePathSwitch = isLatePathSwitch
        self.lifetime = lifetime
    }

    private static let latePathSwitch = BitField<UInt8>(first: 7)

    package init(decoding reader: inout ByteReader) throws(DecodeError) {
        isLatePathSwitch = Self.latePathSwitch.isSet(try reader.octet("flags"))
        lifetime = try reader.octet("Lifetime")
    }

    package func encode(into writer: inout ByteWriter) {
        var flags: UInt8 = 0
        Self.latePathSwitch.set(isLatePathSwitch, in: &flags)
        writer.octet(flags)
        writer.octet(lifetime)
    }

    package var fields: [Field] { [Field("late-path-switch", isLatePathSwitch), Field("lifetime", lifetime)] }
}
