// SPDX-License-Identifier: Apache-2.0

/// What the data plane says of a path.
package enum PathCondition: Equatable, Sendable {
    /// No probe has been answered yet.
    case unproven
    case alive
    /// The link is up, but nothing comes through.
    case silent
}
