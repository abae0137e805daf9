// SPDX-License-Identifier: Apache-2.0

/// What a daemon can be told to do: each by POST with a body in JSON, each answered by an array of ``GatewayAnswer`` once
/// all gateways concerned have answered, or have been asked in vain.
package enum Command: Sendable, Equatable {
    case revoke(RevocationRequest)
    case notify(NotificationRequest)
    case attach(AttachmentRequest)
    case detach(AttachmentRequest)
    case setPolicy(PolicyRequest)

    package enum Kind: String, CaseIterable, Sendable {
        case revocations, notifications, attachments, detachments, policies

        /// The path in the request line, such as `/v1/revocations`.
        package var path: String { "/v1/\(rawValue)" }
    }

    package var kind: Kind {
        switch self {
        case .revoke: .revocations
        case .notify: .notifications
        case .attach: .attachments
        case .detach: .detachments
        case .setPolicy: .policies
        }
    }
}
