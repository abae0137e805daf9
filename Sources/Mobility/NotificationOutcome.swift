// SPDX-License-Identifier: Apache-2.0
package import Wire

/// What became of an update notification (RFC 7077 §5.2).
package enum NotificationOutcome: Equatable, Sendable {
    /// An acknowledgement was not asked for.
    case sent
    case answered(NotificationStatus)
    /// Not even the last repetition was acknowledged.
    case unanswered
    /// The gateway answers that it knows no notifications, now or before.
    case unsupported
    /// Not sent: the gateway was notified too often just now.
    case tooOften
}

extension NotificationOutcome: CustomStringConvertible {
    package var description: String {
        switch self {
        case .sent: "sent"
        case .answered(let status): "answered: \(status)"
        case .unanswered: "unanswered"
        case .unsupported: "not supported by the gateway"
        case .tooOften: "not sent: three a second are the most"
        }
    }
}
