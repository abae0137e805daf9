// SPDX-License-Identifier: Apache-2.0

/// Why the anchor notifies its gateway (RFC 7077 §4.1, and the registry that it made).
package struct NotificationReason: RawRepresentable, Hashable, Sendable {
    package var rawValue: UInt16
    package init(rawValue: UInt16) { self.rawValue = rawValue }

    package static let forceReregistration = NotificationReason(rawValue: 1)
    package static let updateSessionParameters = NotificationReason(rawValue: 2)
    package static let vendorSpecificReason = NotificationReason(rawValue: 3)
    package static let accessNetworkIdentifierRequested = NotificationReason(rawValue: 4)
    /// RFC 7222 §4.4
    package static let qosServiceRequest = NotificationReason(rawValue: 5)
    /// RFC 7864 §4.2: makes the message a Flow Mobility Initiate.
    package static let flowMobility = NotificationReason(rawValue: 8)

    private static let names: [UInt16: String] = [
        1: "force re-registration", 2: "update session parameters", 3: "vendor-specific reason",
        4: "access network identifier requested", 5: "QoS service request", 6: "P-CSCF restoration",
        7: "P-CSCF restoration", 8: "flow mobility",
    ]
}

extension NotificationReason: CustomStringConvertible {
    package var description: String { Self.names[rawValue] ?? "reason \(rawValue)" }
}
