// SPDX-License-Identifier: Apache-2.0

/// What the forwarder tells the control plane.
package enum ForwardingEvent: Equatable, Sendable {
    case pathCondition(PathNumber, PathCondition)
    /// Octets of the largest packet that the session's hosts should send.
    case mtuChanged(SessionNumber, Int)
    /// The peer's UDP source port changed (a NAT on the way): send there from now on. It starts as 5437.
    case remotePortChanged(PathNumber, UInt16)
}
