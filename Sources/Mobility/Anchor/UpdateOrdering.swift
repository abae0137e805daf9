// SPDX-License-Identifier: Apache-2.0

/// What tells an old proxy binding update from a new one (RFC 5213 §5.5, §9.3).
package enum UpdateOrdering: Sendable {
    /// TimestampBasedApproachInUse: the gateways' clocks; an update without a time stamp by its number.
    case timestamps
    /// MobileNodeGeneratedTimestampInUse: they grow with each attachment, but are no time of day.
    case nodeTimestamps
    /// Neither: time stamps order nothing.
    case sequenceNumbers
}
