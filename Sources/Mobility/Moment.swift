// SPDX-License-Identifier: Apache-2.0
package import Wire

/// When an event happens, on both clocks that the protocol knows.
package struct Moment: Hashable, Sendable {
    /// For timers: a machine that was suspended must notice.
    package var instant: Instant
    /// For the Timestamp option: wall-clock time.
    package var timestamp: Timestamp

    package init(instant: Instant, timestamp: Timestamp) {
        self.instant = instant
        self.timestamp = timestamp
    }

    package static func + (moment: Self, duration: Duration) -> Self {
        Moment(instant: moment.instant + duration, timestamp: moment.timestamp + duration)
    }
}
