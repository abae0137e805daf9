// SPDX-License-Identifier: Apache-2.0
package import Wire

/// How long packets have waited in a socket until they were read: where the processor has other things to do that is no
/// delay of the way that they came. The kernel stamps them by the wall clock, which somebody may set meanwhile.
package struct SocketWait {
    /// Between two looks at the clocks, one after the other.
    private static let tolerance: Int64 = 1_000_000
    /// Whatever a stamp says.
    private static let longest: Int64 = 10_000_000_000

    private var readAt: Int64 = 0
    /// Of the wall clock before the machine's own; it changes when the wall clock is set.
    private var lead: Int64 = 0
    private var isTrustworthy = false

    package init() {}

    /// Packets have been read.
    package mutating func read(at now: Instant, wallNanoseconds: Int64) {
        let lead = wallNanoseconds &- now.nanoseconds
        isTrustworthy = (lead &- self.lead).magnitude < UInt64(Self.tolerance)
        (readAt, self.lead) = (wallNanoseconds, lead)
    }

    /// `stamp`: nanoseconds of wall-clock time; nil: the kernel told none.
    package func length(since stamp: Int64?) -> Duration {
        guard isTrustworthy, let stamp, (0...Self.longest).contains(readAt &- stamp) else { return .zero }
        return .nanoseconds(readAt &- stamp)
    }
}
