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

    /// Only what has no other path goes over the line.
    package var isExhausted: Bool { quotaLeft == 0 }
}
