// SPDX-License-Identifier: Apache-2.0
import Wire

/// The last notification processed: it may come again (RFC 7077 §6.1).
struct AnsweredNotification: Sendable {
    let sequence: UInt16
    let reason: NotificationReason
    let status: NotificationStatus
    /// What the answer says behind its subject.
    let further: [any MobilityOption]
    let at: Instant
}
