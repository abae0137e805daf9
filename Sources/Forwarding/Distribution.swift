// SPDX-License-Identifier: Apache-2.0

/// How the packets of a session that match no flow rule are spread over its paths.
package enum Distribution: Hashable, Sendable {
    /// Thin flows take the quickest path. Bulk goes packet by packet, with sequence numbers, where the
    /// rates of all paths are known, and else one path per flow.
    case automatic(reorderTimeout: Duration)
    /// All packets of a five-tuple take one path; no sequence numbers.
    case perFlow
    /// Each packet takes the path that finishes it first by the configured rates, with a sequence number
    /// (RFC 2890); the receiving end waits for a missing one no longer than `reorderTimeout`.
    case perPacket(reorderTimeout: Duration)
}
