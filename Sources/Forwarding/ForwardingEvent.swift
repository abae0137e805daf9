// SPDX-License-Identifier: Apache-2.0

/// What the forwarder tells the control plane.
package enum ForwardingEvent: Equatable, Sendable {
    /// The reason stands where the path is silent.
    case pathCondition(PathNumber, PathCondition, because: SilenceReason? = nil)
    /// Octets of the largest packet that the session's hosts should send.
    case mtuChanged(SessionNumber, Int)
}
