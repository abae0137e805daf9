// SPDX-License-Identifier: Apache-2.0

/// Mesg-ID replay protection (RFC 4285 §6): an NTP time stamp, seconds since 1900 in the upper 32 bits.
package struct MessageIdentifier: MobilityOption, Equatable {
    package static let type: UInt8 = 10
    package static let name = "Mesg-ID"

    package var value: UInt64

    package init(value: UInt64) { self.value = value }

    /// Seconds between 1900 and 1970.
    private static let epoch: UInt64 = 2_208_988_800

    package init(_ timestamp: Timestamp) {
        value = (timestamp.seconds &+ Self.epoch) << 32 | UInt64(timestamp.fraction) << 16
    }

    /// Rounded down to 1/65536 s. The 32 bits of seconds run over in 2036: without the highest one they count from
    /// there (RFC 2030 §3).
    package var timestamp: Timestamp {
        let seconds = value >> 32
        let since1900 = value >> 63 == 1 ? seconds : seconds + (1 << 32)
        guard since1900 >= Self.epoch else { return Timestamp(value: 0) }
        return Timestamp(seconds: since1900 - Self.epoch, fraction: UInt16(truncatingIfNeeded: value >> 16))
    }

    package init(decoding reader: inout ByteReader) throws(DecodeError) { value = try reader.uint64(Self.name) }
    package func encode(into writer: inout ByteWriter) { writer.uint64(value) }
    package var alignment: OptionAlignment { OptionAlignment(8, plus: 2) }
    package var fields: [Field] { [Field("timestamp", timestamp.description), Field("value", value)] }
}
