// SPDX-License-Identifier: Apache-2.0

/// Which end of the tunnels this is.
package enum Role: Sendable {
    /// The local mobility anchor: the session is found by inner destination on the way in.
    case anchor
    /// The mobile access gateway: the session is found by inner source on the way in.
    case gateway
}
