// SPDX-License-Identifier: Apache-2.0

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
    /// More than three of a kind in a second (RFC 6275 §12).
    case rateExceeded
    /// A notification asks for what cannot be done (RFC 7077 §6.1).
    case notApplicable
    /// Too many strangers at a time.
    case overcrowded
    /// RFC 8127 §5.2: a zero among the parameters.
    case unusableParameters
}
