// SPDX-License-Identifier: Apache-2.0
package import Wire

/// What an update notification is about (RFC 7077 §5).
package enum NotificationTarget: Hashable, Sendable {
    case mobileNode(NodeIdentifier)
    /// All sessions of the gateway: Group Identifier 1.
    case gateway(NodeIdentifier)
}

extension NotificationTarget: CustomStringConvertible {
    package var description: String {
        switch self {
        case .mobileNode(let node): "\(node)"
        case .gateway: "all sessions"
        }
    }
}
