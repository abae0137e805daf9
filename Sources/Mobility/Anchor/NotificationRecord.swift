// SPDX-License-Identifier: Apache-2.0
package import Wire

/// An update notification as the management interface shows it.
package struct NotificationRecord: SignalRecord, Equatable {
    package var number: UInt64
    package var gateway: NodeIdentifier
    package var target: NotificationTarget
    package var reason: NotificationReason
    package var outcome: NotificationOutcome?
}
