// SPDX-License-Identifier: Apache-2.0

/// What became of a notification (RFC 7077 §4.2). Below 128 it was processed.
package struct NotificationStatus: RawRepresentable, Hashable, Sendable {
    package var rawValue: UInt8
    package init(rawValue: UInt8) { self.rawValue = rawValue }

    package var isAccepted: Bool { rawValue < 128 }

    package static let success = NotificationStatus(rawValue: 0)
    package static let failedToUpdateSessionParameters = NotificationStatus(rawValue: 128)
    package static let missingVendorSpecificOption = NotificationStatus(rawValue: 129)
    /// RFC 7222 §4.4
    package static let cannotMeetQoSServiceRequest = NotificationStatus(rawValue: 130)
    /// RFC 7864 §4.3
    package static let reasonUnspecified = NotificationStatus(rawValue: 131)
    package static let mobileNodeNotAttached = NotificationStatus(rawValue: 132)

    private static let names: [UInt8: String] = [
        0: "success", 128: "failed to update session parameters", 129: "missing vendor-specific option",
        130: "cannot meet QoS service request", 131: "reason unspecified", 132: "mobile node not attached",
    ]
}

extension NotificationStatus: CustomStringConvertible {
    package var description: String { Self.names[rawValue] ?? "status \(rawValue)" }
}
