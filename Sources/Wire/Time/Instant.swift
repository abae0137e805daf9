// SPDX-License-Identifier: Apache-2.0

/// A point on the machine's time line since boot, suspension included; in nanoseconds.
///
/// Pure code gets instants as arguments and never asks for them.
@frozen
public struct Instant: Hashable, Comparable, Sendable {
    public var nanoseconds: Int64

    @inlinable public init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }

    public static let zero = Instant(nanoseconds: 0)
    /// Later than any deadline.
    public static let never = Instant(nanoseconds: .max)

    @inlinable public static func < (a: Self, b: Self) -> Bool { a.nanoseconds < b.nanoseconds }

    /// Saturates instead of overflowing.
    @inlinable public static func + (instant: Self, duration: Duration) -> Self {
        let (sum, overflow) = instant.nanoseconds.addingReportingOverflow(duration.wholeNanoseconds)
        return Instant(nanoseconds: overflow ? (duration.wholeNanoseconds < 0 ? .min : .max) : sum)
    }

    @inlinable public static func - (instant: Self, duration: Duration) -> Self {
        let (difference, overflow) = instant.nanoseconds.subtractingReportingOverflow(duration.wholeNanoseconds)
        return Instant(nanoseconds: overflow ? (duration.wholeNanoseconds < 0 ? .max : .min) : difference)
    }

    @inlinable public static func - (later: Self, earlier: Self) -> Duration {
        let (difference, overflow) = later.nanoseconds.subtractingReportingOverflow(earlier.nanoseconds)
        return .nanoseconds(overflow ? (later > earlier ? Int64.max : Int64.min) : difference)
    }
}

extension Duration {
    /// In nanoseconds, saturating at ± 292 years.
    @inlinable public var wholeNanoseconds: Int64 {
        let (seconds, attoseconds) = components
        let (product, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
        let (sum, beyond) = product.addingReportingOverflow(attoseconds / 1_000_000_000)
        return overflow || beyond ? (seconds < 0 ? .min : .max) : sum
    }
}
