// SPDX-License-Identifier: Apache-2.0

/// What a gateway shall be notified of: the body of `POST /v1/notifications`. Exactly one of the first two says whom it
/// is about.
package struct NotificationRequest: Codable, Sendable, Equatable {
    package enum Reason: String, Codable, Sendable, CaseIterable {
        /// Register again at once, on every path, what was revoked included.
        case reregister = "re-register"
        /// Likewise, and say which access networks the paths use.
        case nameAccessNetworks = "name-access-networks"
    }

    /// The sessions of this mobile node.
    package var mobileNode: String?
    /// All sessions of this gateway.
    package var gateway: String?
    package var reason: Reason
    /// `true`: the answer waits for the gateway's.
    package var acknowledged: Bool?

    package init(
        mobileNode: String? = nil,
        gateway: String? = nil,
        reason: Reason,
        acknowledged: Bool? = nil
    ) {
        self.mobileNode = mobileNode
        self.gateway = gateway
        self.reason = reason
        self.acknowledged = acknowledged
    }
}
