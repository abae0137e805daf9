// SPDX-License-Identifier: Apache-2.0

/// Which of the two daemons answers.
package enum Role: String, Codable, Sendable {
    /// The local mobility anchor.
    case anchor = "lma"
    /// The mobile access gateway.
    case gateway = "mag"
}
