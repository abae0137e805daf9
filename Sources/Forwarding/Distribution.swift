// SPDX-License-Identifier: Apache-2.0

/// How a session's packets are spread over its paths.
package enum Distribution: Hashable, Sendable {
    /// All packets of a five-tuple take one path; no sequence numbers.
    case perFlow
    /// Each packet takes the path that finishes it first by the configured rates, with a sequence number
    /// (RFC 2890); the receiving end waits for a missing one no longer than `reorderTimeout`.
    case perPacket(reorderTimeout: Duration)
}
