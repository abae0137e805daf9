// SPDX-License-Identifier: Apache-2.0
import Wire

/// A proxy binding update that was sent: what its acknowledgement has to fit.
struct PendingUpdate: Sendable {
    var sequence: UInt16
    var timestamp: Timestamp
    var sentAt: Instant
    /// The care-of address that it is about.
    var careOf: IPAddress
    var route: SignallingRoute
    var handoff: HandoffIndicator
    /// nil: sent without the options of RFC 8278.
    var binding: BindingIdentifier?
    var isOverwrite: Bool
    var isBulk: Bool
    /// The tunnel asked for; nil in a de-registration.
    var tunnel: TunnelEncapsulation?

    var isDeregistration: Bool { tunnel == nil }

    /// Asks for the same, the same way.
    func isLike(_ other: PendingUpdate) -> Bool {
        route == other.route && tunnel == other.tunnel && careOf == other.careOf && binding == other.binding
    }
}
