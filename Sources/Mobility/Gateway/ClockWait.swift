// SPDX-License-Identifier: Apache-2.0
import Wire

/// A registration that waits for somebody to set the clock.
struct ClockWait: Sendable {
    /// Then it is tried again anyway.
    let until: Instant
    let refusedAt: Moment

    /// Whether the clock has gone another way than time.
    func wasSet(at now: Moment) -> Bool {
        let expected = refusedAt.timestamp + (now.instant - refusedAt.instant)
        return expected.distance(to: now.timestamp) > .milliseconds(100)
    }
}
