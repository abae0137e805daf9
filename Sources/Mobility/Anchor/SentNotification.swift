// SPDX-License-Identifier: Apache-2.0
import Wire

/// An update notification that may still be acknowledged (RFC 7077 §5.2).
struct SentNotification: Sendable {
    let number: UInt64
    let sequence: UInt16
    let gateway: NodeIdentifier
    let target: NotificationTarget
    let reason: NotificationReason
    let isAcknowledgementRequested: Bool
    /// A Flow Mobility Initiate: what it tells of our rules.
    var flows: ToldRules?
    /// How often it was sent.
    var attempt = 0
    /// The routes that it was sent on.
    var routes: [SignallingRoute] = []

    struct ToldRules: Sendable {
        let session: SessionIdentifier
        let message: FlowNegotiation.Message
        /// Behind the node's name.
        let options: [any MobilityOption]
    }

    /// RFC 7077 §5: the node, or the group of all.
    var subject: any MobilityOption {
        switch target {
        case .mobileNode(let node): MobileNodeIdentifier(node)
        case .gateway: MobileNodeGroupIdentifier(group: MobileNodeGroupIdentifier.allSessions)
        }
    }
}
