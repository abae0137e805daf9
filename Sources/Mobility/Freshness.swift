// SPDX-License-Identifier: Apache-2.0
package import Wire

/// What shows that an authentic message is no replay. That it is authentic its last option shows, whatever its kind
/// (RFC 4285 §5; `Authentication`). docs/trust.md has both in one table.
package enum Freshness: Equatable, Sendable {
    /// The Timestamp option, or without one the sequence number (RFC 5213 §5.5).
    case order
    /// The Mesg-ID option (RFC 4285 §6): whoever begins an exchange says when.
    case messageIdentifier
    /// The number of a request of ours that waits for its answer.
    case answersOurs
}

extension MobilityMessage {
    /// One line a kind; nil: no business between a gateway and its anchor, dropped whoever sent it.
    package var freshness: Freshness? {
        switch self {
        case .bindingUpdate: .order
        case .bindingAcknowledgement: .answersOurs
        case .heartbeat(let heartbeat):
            heartbeat.isResponse && !heartbeat.isUnsolicited ? .answersOurs : .messageIdentifier
        // Says nothing of what it answers: counts only while a request is open that was never answered.
        case .bindingError: .answersOurs
        case .bindingRevocationIndication: .messageIdentifier
        case .bindingRevocationAcknowledgement: .answersOurs
        case .updateNotification: .messageIdentifier
        case .updateNotificationAcknowledgement: .answersOurs
        case .bindingRefreshRequest, .homeAgentSwitch, .handoverInitiate, .handoverAcknowledge,
            .localizedRoutingInitiation, .localizedRoutingAcknowledgement, .flowBindingIndication,
            .flowBindingAcknowledgement, .unknown:
            nil
        }
    }
}
