// SPDX-License-Identifier: Apache-2.0
import Wire

/// What the anchor has granted for a path.
struct GrantedBinding: Sendable {
    var path: PathIdentifier
    var careOf: IPAddress
    /// Between which ends our messages about it travel.
    var route: SignallingRoute
    var lifetime: BindingLifetime
    var expiresAt: Instant
    /// Of the update that it rests on.
    var number: UInt64
    var encapsulation: TunnelEncapsulation
    /// How often an address translator is to be reminded of it.
    var keepalive: Duration?

    var anchorAddress: IPAddress { route.destination }
}
