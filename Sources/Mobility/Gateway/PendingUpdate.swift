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
    var wantsTLV: Bool
    var isDeregistration: Bool
}

/// The leave of a path that is dead itself, told to the anchor over another.
struct Farewell: Sendable {
    /// It matters, but the anchor's own timer would see to it as well.
    static let attemptsAllowed = 3

    /// The dead path's link, and the care-of address that it had.
    var link: Int
    var careOf: IPAddress
    var binding: BindingIdentifier?
    var request: PendingUpdate
    var attempt: Int
}

/// What the anchor has granted for a path.
struct GrantedBinding: Sendable {
    var path: PathIdentifier
    var careOf: IPAddress
    var anchorAddress: IPAddress
    var lifetime: BindingLifetime
    var expiresAt: Instant
    /// Of the update that it rests on.
    var timestamp: Timestamp
    var encapsulation: TunnelEncapsulation
}
