// SPDX-License-Identifier: Apache-2.0

/// What an anchor does when a gateway cannot say whether its node is new or comes from elsewhere (Handoff Indicator 4).
package enum HandoffPolicy: String, CaseIterable, Sendable {
    /// Asks the old gateway whether the node is gone (RFC 5846 §8.1).
    case revoke
    /// Waits for the old gateway's de-registration (RFC 5213 §5.4.1.2).
    case wait
}
