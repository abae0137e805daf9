// SPDX-License-Identifier: Apache-2.0
import Wire

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
