// SPDX-License-Identifier: Apache-2.0
package import Wire

/// What an operator may want to know. Every text that an engine can say is here.
package enum Notice: Equatable, Sendable {
    case bindingRegistered(PathIdentifier, careOf: IPAddress, lifetime: BindingLifetime)
    case bindingRefreshed(PathIdentifier)
    case bindingRemoved(PathIdentifier, reason: RemovalReason)
    case prefixesAssigned(SessionIdentifier, [IPPrefix])
    case registrationRefused(NodeIdentifier?, by: IPAddress, BindingStatus)
    case registrationUnanswered(PathIdentifier, attempt: Int)
    case multipathUnavailable(SessionIdentifier, BindingStatus?)
    case pathChanged(PathIdentifier, PathCondition)
    case peerRestarted(IPAddress)
    case peerUnreachable(IPAddress)
    case clockDiffers(from: IPAddress, by: Duration)
    case messageDropped(from: IPAddress, DropReason)

    package enum RemovalReason: String, Equatable, Sendable {
        case deregistered, expired, replaced, peerRestarted, linkLost, administrator
    }
}

extension Notice {
    package enum Level: Sendable { case debug, info, warning, error }
}

/// Why a signalling message had no effect. The raw value is the counter's name.
package enum DropReason: String, CaseIterable, Hashable, Sendable {
    case malformed
    case badChecksum
    case badPayloadProtocol
    case unknownType
    case sourceNotUnicast
    case unknownPeer
    case authenticationMissing
    case authenticationWrong
    case replayed
    case noMatchingRequest
    case answerDoesNotMatch
    case malformedOption
    case notProxyRegistration
    case deregistrationOfNothing
    case unexpectedType
}
