// SPDX-License-Identifier: Apache-2.0

/// What an access line can do, as its gateway knows it; what nobody knows is nil (RFC 8278 §1, docs/flow-signalling.md).
package struct LinkMetrics: Hashable, Sendable {
    /// Bits per second of IP packets, outer headers included: what the line carries to the gateway, and from it.
    package var downlinkRate: UInt64?
    package var uplinkRate: UInt64?
    /// The rates are the highest seen, of lines that may carry more: they weigh paths, and bound none.
    package var isMeasured: Bool
    /// The lower, the cheaper; 0 where nobody says.
    package var costClass: UInt8
    /// Octets that may still pass, both directions together, until the reset day; 0: none. nil: not metered.
    package var quotaLeft: UInt64?

    package init(
        downlinkRate: UInt64? = nil,
        uplinkRate: UInt64? = nil,
        isMeasured: Bool = false,
        costClass: UInt8 = 0,
        quotaLeft: UInt64? = nil
    ) {
        self.downlinkRate = downlinkRate
        self.uplinkRate = uplinkRate
        self.isMeasured = isMeasured
        self.costClass = costClass
        self.quotaLeft = quotaLeft
    }

    /// Whether a rate differs by more than its `rates`th part, what is left of a quota by more than its `quota`th (nil: by
    /// whatever), or anything else: rates and quotas trickle.
    package func differs(from other: LinkMetrics, rates: UInt64, quota: UInt64?) -> Bool {
        func differ(_ value: UInt64?, _ old: UInt64?, by part: UInt64?) -> Bool {
            guard let value, let old else { return (value == nil) != (old == nil) }
            guard let part else { return false }
            return max(value, old) - min(value, old) > max(value, old) / max(1, part)
        }
        return isExhausted != other.isExhausted || isMeasured != other.isMeasured || costClass != other.costClass
            || differ(downlinkRate, other.downlinkRate, by: rates) || differ(uplinkRate, other.uplinkRate, by: rates)
            || differ(quotaLeft, other.quotaLeft, by: quota)
    }

    /// Only what has no other path goes over the line.
    package var isExhausted: Bool { quotaLeft == 0 }
}
