// SPDX-License-Identifier: Apache-2.0

/// How much may wait before the line: drop-tail beyond it.
package enum QueueLimit: Hashable, Sendable {
    /// As long as the line takes to send it, at its present rate.
    case duration(Duration)
    /// IP octets.
    case octets(Int)
}
