// SPDX-License-Identifier: Apache-2.0

/// How an update notification is repeated (RFC 7077 §7).
package struct NotificationSettings: Equatable, Sendable {
    /// MIN_DELAY_BETWEEN_UPDATE_NOTIFICATION_REPLAY: 500 ms to 5 s.
    package var delay: Duration
    /// MAX_UPDATE_NOTIFICATION_RETRANSMIT_COUNT: 0 to 5.
    package var retransmissions: Int

    package init(delay: Duration = .seconds(1), retransmissions: Int = 1) {
        self.delay = delay
        self.retransmissions = retransmissions
    }
}
