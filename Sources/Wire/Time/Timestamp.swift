// SPDX-License-Identifier: Apache-2.0

/// Wall-clock time as the Timestamp option carries it (RFC 5213 §8.8): 48 bits of seconds since
/// 1970-01-01 00:00 UTC, then 16 bits of 1/65536 s.
package struct Timestamp: Hashable, Comparable, Sendable {
    /// The 64 bits of the option.
    package var value: UInt64

    package init(value: UInt64) { self.value = value }

    package init(seconds: UInt64, fraction: UInt16 = 0) { value = seconds << 16 | UInt64(fraction) }

    package var seconds: UInt64 { value >> 16 }
    package var fraction: UInt16 { UInt16(truncatingIfNeeded: value) }

    package static func < (a: Self, b: Self) -> Bool { a.value < b.value }

    /// Saturates at the ends of the range; a duration counts for at most 2⁴⁷ seconds.
    package static func + (timestamp: Self, duration: Duration) -> Self {
        let (seconds, attoseconds) = duration.components
        let units = seconds.multipliedReportingOverflow(by: 65536)
        let fraction = attoseconds / (1_000_000_000_000_000_000 / 65536)
        let sum = units.partialValue.addingReportingOverflow(fraction)
        let delta = units.overflow || sum.overflow ? (seconds < 0 ? Int64.min : Int64.max) : sum.partialValue
        if delta >= 0 {
            let (sum, overflow) = timestamp.value.addingReportingOverflow(UInt64(delta))
            return Timestamp(value: overflow ? .max : sum)
        }
        let (difference, overflow) = timestamp.value.subtractingReportingOverflow(delta.magnitude)
        return Timestamp(value: overflow ? 0 : difference)
    }

    /// How far apart two clocks are, without sign.
    package func distance(to other: Timestamp) -> Duration {
        let units = value > other.value ? value - other.value : other.value - value
        let seconds = Int64(truncatingIfNeeded: units >> 16)
        return .seconds(seconds) + .nanoseconds(Int64(units & 0xFFFF) * 1_000_000_000 / 65536)
    }
}

extension Timestamp: CustomStringConvertible {
    /// Seconds with six decimals, rounded down.
    package var description: String {
        let micros = String(UInt64(fraction) * 1_000_000 / 65536)
        return "\(seconds).\(String(repeating: "0", count: 6 - micros.count))\(micros)"
    }
}
