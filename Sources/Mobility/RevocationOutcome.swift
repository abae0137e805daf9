// SPDX-License-Identifier: Apache-2.0
package import Wire

/// How a revocation has ended (RFC 5846 §6.2.2, §6.3).
package enum RevocationOutcome: Equatable, Sendable {
    /// Acknowledged, or the gateway has de-registered the bindings itself, or it has never heard of them.
    case revoked
    /// A hand-over was announced, and the node has not left its gateway (RFC 5846 §9.1).
    case stillAttached
    case refused(BindingRevocationStatus)
    /// Not even the last repetition was answered.
    case unanswered
    /// The gateway answers that it knows no revocations (RFC 5846 §6.2), now or before.
    case unsupported
}

extension RevocationOutcome: CustomStringConvertible {
    package var description: String {
        switch self {
        case .revoked: "revoked"
        case .stillAttached: "still attached"
        case .refused(let status): "refused: \(status)"
        case .unanswered: "unanswered"
        case .unsupported: "not supported by the gateway"
        }
    }
}
