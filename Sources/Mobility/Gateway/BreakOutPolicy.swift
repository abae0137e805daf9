// SPDX-License-Identifier: Apache-2.0

/// When the site's traffic may leave by an access network without an anchor.
package enum BreakOutPolicy: String, CaseIterable, Hashable, Sendable {
    case never
    /// While every anchor was asked in vain; one that refuses has answered.
    case noAnchor = "no-anchor"
}
