// SPDX-License-Identifier: Apache-2.0

/// Whose time a gateway's updates to an anchor bear.
package enum ClockPolicy: String, CaseIterable, Hashable, Sendable {
    /// Its own clock's, whatever the anchor says (RFC 5213 §5.5).
    case own
    /// The anchor's, once an authentic refusal has told it: a deviation from RFC 5213 §6.9.1.2, for gateways without a
    /// source of time.
    case followAnchor = "follow-anchor"
}
