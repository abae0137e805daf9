// SPDX-License-Identifier: Apache-2.0
package import Wire

/// What an operator asks of an engine.
package enum AdministrativeRequest: Hashable, Sendable {
    /// A gateway begins to register. An anchor serves from the first message on and ignores it.
    case start
    /// A gateway de-registers every path and then gives the session up; an anchor drops all sessions at once.
    case stop
    /// An anchor drops this session at once; a gateway whose session it is does as for `stop`.
    case removeSession(SessionIdentifier)
    /// An anchor asks the gateways concerned to let go, and then does so itself (RFC 5846); a gateway ignores it.
    case revoke(RevocationTarget)
    /// An anchor notifies the gateways concerned (RFC 7077); a gateway ignores it.
    case notify(NotificationTarget, NotificationReason, isAcknowledgementRequested: Bool)
}
