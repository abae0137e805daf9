// SPDX-License-Identifier: Apache-2.0
package import Wire

/// What a simulated host says in a packet, beside the headers that forwarders read.
package enum SimulatedSegment: Sendable {
    /// A full-sized segment by its place in the stream.
    case data(Int, sentAt: Instant)
    case acknowledgement(Acknowledgement)
    /// A datagram of a source that waits for no answer.
    case datagram(Int)

    package struct Acknowledgement: Sendable {
        /// The first segment that is missing.
        var next: Int
        /// What is there beyond, the latest first (RFC 2018 §4); three at most, beside a time stamp.
        var beyond: [Range<Int>]
        /// A segment came that was there (RFC 2883).
        var isOfDuplicate: Bool
        /// The time stamp that it answers (RFC 7323 §4.3).
        var echo: Instant
    }
}
