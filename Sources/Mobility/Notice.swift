// SPDX-License-Identifier: Apache-2.0
package import Wire

/// What an operator may want to know. Every text that an engine can say is here.
package enum Notice: Equatable, Sendable {
    case bindingRegistered(PathIdentifier, careOf: IPAddress, lifetime: BindingLifetime)
    case bindingRefreshed(PathIdentifier)
    case bindingRemoved(PathIdentifier, reason: RemovalReason)
    case prefixesAssigned(SessionIdentifier, [IPPrefix])
    case sessionEnded(SessionIdentifier)
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
    case clockDiffers(from: IPAddress, by: Duration)
    case messageDropped(from: IPAddress, DropReason, untold: Int)

    package enum RemovalReason: String, Equatable, Sendable {
        case deregistered, expired, replaced, peerRestarted, linkLost, administrator, refused
    }
}

extension Notice {
    package enum Level: Sendable { case debug, info, warning, error }

    package var level: Level {
        switch self {
        case .bindingRefreshed: .debug
        case .bindingRegistered, .prefixesAssigned, .sessionEnded, .pathMoved: .info
        case .bindingRemoved(_, let reason):
            switch reason {
            case .deregistered, .replaced, .administrator: .info
            case .expired, .peerRestarted, .linkLost, .refused: .warning
            }
        case .pathChanged(_, let condition): condition == .silent ? .warning : .info
        case .registrationRefused, .registrationUnanswered, .multipathUnavailable, .tunnelDiffers, .peerRestarted,
            .peerUnreachable,
            .clockDiffers:
            .warning
        case .messageDropped(_, let reason, _):
            switch reason {
            case .authenticationMissing, .authenticationWrong, .unknownPeer, .overcrowded: .warning
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
        case .clockDiffers(let peer, let difference): "the clock of \(peer) differs by \(difference)"
        case .messageDropped(let peer, let reason, let untold):
            "message from \(peer) dropped: \(reason.rawValue)" + Self.further(untold)
        }
    }

    private static func further(_ untold: Int) -> String { untold == 0 ? "" : " (and \(untold) like it before)" }
}
