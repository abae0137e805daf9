// SPDX-License-Identifier: Apache-2.0
package import Wire

/// What an operator may want to know. Every text that an engine can say is here.
package enum Notice: Equatable, Sendable {
    case bindingRegistered(PathIdentifier, careOf: IPAddress, lifetime: BindingLifetime)
    case bindingRefreshed(PathIdentifier)
    case bindingRemoved(PathIdentifier, reason: RemovalReason)
    case prefixesAssigned(SessionIdentifier, [IPPrefix])
    case sessionEnded(SessionIdentifier)
    /// The node is another anchor's from now on.
    case redirected(NodeIdentifier, of: NodeIdentifier, to: IPAddress)
    /// Another gateway registers the node and cannot say whether it has left this session's.
    case handoffWaits(SessionIdentifier, for: NodeIdentifier)
    /// `untold`: how many like it were not reported since the last one.
    case registrationRefused(NodeIdentifier?, by: IPAddress, BindingStatus, untold: Int = 0)
    case registrationUnanswered(PathIdentifier, attempt: Int)
    case multipathUnavailable(SessionIdentifier, BindingStatus?)
    case pathChanged(PathIdentifier, PathCondition)
    /// An address translator on the way has changed the gateway's outer address.
    case pathMoved(PathIdentifier, to: IPAddress)
    /// The anchor grants another tunnel than was asked for.
    case tunnelDiffers(PathIdentifier, wanted: TunnelEncapsulation, granted: TunnelEncapsulation)
    case peerRestarted(IPAddress)
    case peerUnreachable(IPAddress)
    /// By the operator's name for it, as in the two that follow.
    case anchorUnanswering(String)
    case anchorChanged(to: String)
    /// Its name stands for no address, or nobody could tell.
    case anchorUnknown(String)
    /// A gateway has as many physical nodes as it may: told once until there is room.
    case mobileNodeTurnedAway(NodeIdentifier, attached: Int)
    /// The site's traffic leaves without an anchor, or no longer.
    case breakOut(isOn: Bool)
    case clockDiffers(from: IPAddress, by: Duration)
    case messageDropped(from: IPAddress, DropReason, untold: Int)
    case sessionsRestored(sessions: Int, paths: Int)
    /// A stored session is given up: its node registers again.
    case sessionNotRestored(SessionIdentifier, RestoreProblem)
    /// The session keeps it; nobody else can get it.
    case prefixOutsidePools(SessionIdentifier, IPPrefix)
    /// What an anchor has asked a gateway to let go (RFC 5846).
    case revocationEnded(String, at: NodeIdentifier, RevocationOutcome)
    /// Of what an anchor has told a gateway (RFC 7077).
    case notificationEnded(NotificationTarget, at: NodeIdentifier, NotificationOutcome)
    /// A flow binding of ours that the peer does not want: it is applied by us alone.
    case flowBindingRefused(SessionIdentifier, FlowRule, FlowBindingStatus)
    /// The anchor takes no notice of flow bindings.
    case flowBindingsUnsupported(SessionIdentifier)
    /// A gateway's or an anchor's revocation, and our answer.
    case revocationAnswered(from: IPAddress, BindingRevocationTrigger, BindingRevocationStatus)

    package enum RestoreProblem: Equatable, Sendable {
        case notPermitted
        /// Of none of the paths does the anchor have its own end still.
        case noPath
        /// It is another node's by now, reserved, or part of what the pools are cut into.
        case prefixTaken(IPPrefix)
        case keyTaken
    }

    package enum RemovalReason: String, Equatable, Sendable {
        case deregistered, expired, replaced, peerRestarted, linkLost, administrator, refused, anchorLost, redirected,
            revoked
    }
}

extension Notice {
    package enum Level: Sendable { case debug, info, warning, error }

    package var level: Level {
        switch self {
        case .bindingRefreshed: .debug
        case .bindingRegistered, .prefixesAssigned, .sessionEnded, .redirected, .handoffWaits, .pathMoved: .info
        case .bindingRemoved(_, let reason):
            switch reason {
            case .deregistered, .replaced, .administrator, .redirected, .revoked: .info
            case .expired, .peerRestarted, .linkLost, .refused, .anchorLost: .warning
            }
        case .pathChanged(_, let condition): condition == .silent ? .warning : .info
        case .sessionsRestored: .info
        case .sessionNotRestored, .prefixOutsidePools: .warning
        case .registrationRefused, .registrationUnanswered, .multipathUnavailable, .tunnelDiffers, .peerRestarted,
            .peerUnreachable, .mobileNodeTurnedAway, .anchorUnanswering, .anchorChanged, .anchorUnknown, .breakOut,
            .clockDiffers, .flowBindingRefused, .flowBindingsUnsupported:
            .warning
        case .revocationEnded(_, _, let outcome): outcome == .revoked ? .info : .warning
        case .notificationEnded(_, _, let outcome): outcome == .answered(.success) ? .info : .warning
        case .revocationAnswered(_, _, let status): status.isAccepted ? .info : .warning
        case .messageDropped(_, let reason, _):
            switch reason {
            case .authenticationMissing, .authenticationWrong, .unknownPeer, .unusableParameters, .overcrowded,
                .rateExceeded, .notApplicable:
                .warning
            case .malformed, .badChecksum, .badPayloadProtocol, .unknownType, .sourceNotUnicast, .replayed,
                .noMatchingRequest, .answerDoesNotMatch, .malformedOption, .notProxyRegistration,
                .deregistrationOfNothing, .unexpectedType:
                .debug
            }
        }
    }
}

extension Notice: CustomStringConvertible {
    package var description: String {
        switch self {
        case .bindingRegistered(let path, let careOf, let lifetime):
            "\(path) registered from \(careOf) for \(lifetime.duration.components.seconds) s"
        case .bindingRefreshed(let path): "\(path) refreshed"
        case .bindingRemoved(let path, let reason): "\(path) removed: \(reason)"
        case .prefixesAssigned(let session, let prefixes):
            "\(session) has \(prefixes.map(\.description).joined(separator: ", "))"
        case .sessionEnded(let session): "\(session): session ended"
        case .redirected(let node, let gateway, let anchor):
            "\(node) of \(gateway) is redirected to \(anchor)"
        case .handoffWaits(let session, let gateway):
            "\(session) is registered by \(gateway) as well, which waits until it is de-registered"
        case .registrationRefused(let node, let peer, let status, let untold):
            "registration of \(node?.description ?? "an unnamed node") refused by \(peer): \(status)"
                + Self.further(untold)
        case .registrationUnanswered(let path, let attempt): "\(path): attempt \(attempt) to register unanswered"
        case .multipathUnavailable(let session, let status):
            "\(session): one path only, \(status.map { "refused: \($0)" } ?? "the anchor knows no multipath")"
        case .pathChanged(let path, let condition): "\(path) is \(condition)"
        case .pathMoved(let path, let address): "\(path) now comes from \(address)"
        case .tunnelDiffers(let path, let wanted, let granted):
            "\(path): \(wanted.rawValue) wanted, \(granted.rawValue) granted"
        case .peerRestarted(let peer): "\(peer) has lost its state"
        case .peerUnreachable(let peer): "\(peer) answers no heartbeat"
        case .anchorUnanswering(let name): "the anchor \(name) does not answer"
        case .anchorChanged(let name): "the anchor is \(name) from now on"
        case .anchorUnknown(let name): "the name \(name) stands for no address"
        case .mobileNodeTurnedAway(let node, let attached):
            "\(node) is not served: \(attached) nodes are attached, which are the most"
        case .breakOut(let isOn):
            isOn
                ? "no anchor answers: traffic leaves by the access networks directly"
                : "traffic goes to the anchor again"
        case .clockDiffers(let peer, let difference): "the clock of \(peer) differs by \(difference)"
        case .messageDropped(let peer, let reason, let untold):
            "message from \(peer) dropped: \(reason.rawValue)" + Self.further(untold)
        case .sessionsRestored(let sessions, let paths): "restored \(sessions) sessions with \(paths) paths"
        case .sessionNotRestored(let session, let problem): "\(session): stored, but given up: \(problem)"
        case .prefixOutsidePools(let session, let prefix):
            "\(session) keeps \(prefix), which is in none of today's pools, until the session ends"
        case .revocationEnded(let subject, let gateway, let outcome): "\(subject) at \(gateway): \(outcome)"
        case .notificationEnded(let target, let gateway, let outcome):
            "notification of \(target) at \(gateway): \(outcome)"
        case .flowBindingRefused(let session, let rule, .malformed):
            "\(session): the peer cannot read flow binding \(rule.identifier) (\(rule.name)), which is our fault"
        case .flowBindingRefused(let session, let rule, let status):
            "\(session): flow binding \(rule.identifier) (\(rule.name)) refused: \(status)"
        case .flowBindingsUnsupported(let session):
            "\(session): the anchor knows no flow bindings; rules apply at this end alone"
        case .revocationAnswered(let peer, let trigger, let status):
            "\(peer) revokes (\(trigger)), answered: \(status)"
        }
    }

    private static func further(_ untold: Int) -> String { untold == 0 ? "" : " (and \(untold) like it before)" }
}

extension Notice.RestoreProblem: CustomStringConvertible {
    package var description: String {
        switch self {
        case .notPermitted: "its gateway may not register it any more"
        case .noPath: "the anchor has none of the addresses that its paths end at"
        case .prefixTaken(let prefix): "\(prefix) is not free in today's pools"
        case .keyTaken: "its uplink key is another session's"
        }
    }
}
