// SPDX-License-Identifier: Apache-2.0
package import Wire

/// What the forwarder tells the control plane.
package enum ForwardingEvent: Equatable, Sendable {
    /// The reason stands where the path is silent.
    case pathCondition(PathNumber, PathCondition, because: SilenceReason? = nil)
    /// Octets of the largest packet that the session's hosts should send.
    case mtuChanged(SessionNumber, Int)
    /// The peer's probes come from elsewhere, and that is where packets go from now on: an address translator on the
    /// way has changed its mind.
    case pathMoved(PathNumber, remote: IPAddress, port: UInt16)
    /// The session's sequence numbers are used up to there; said every `Session.sequencesToTell`.
    case sequenceAdvanced(SessionNumber, UInt32)
}
