// SPDX-License-Identifier: Apache-2.0
package import Wire

/// What a report of the peer's tells about one path in the direction that we send.
package struct PathFeedback: Equatable, Sendable {
    /// When the report came.
    package var at: Instant
    /// Arrival by the peer's clock minus departure by ours, of the newest packet or report that it tells of: only differences between
    /// such mean anything. nil: nothing new has arrived.
    package var delay: Duration?
    /// From a departure of ours to the report, without the time that the peer held it; nil: not known anew.
    package var roundTrip: Duration?
    /// Outer octets of user packets that have arrived over the path since it is there, and when by the peer's clock the last of them did.
    package var delivered: UInt64
    package var deliveredAt: Duration
    /// Numbers sent over the path whose fate became known, and how many of these are lost.
    package var decided: Int
    package var lost: Int

    package init(
        at: Instant,
        delay: Duration?,
        roundTrip: Duration?,
        delivered: UInt64,
        deliveredAt: Duration,
        decided: Int,
        lost: Int
    ) {
        self.at = at
        self.delay = delay
        self.roundTrip = roundTrip
        self.delivered = delivered
        self.deliveredAt = deliveredAt
        self.decided = decided
        self.lost = lost
    }
}
