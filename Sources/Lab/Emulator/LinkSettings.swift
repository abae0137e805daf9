// SPDX-License-Identifier: Apache-2.0

/// How one direction of a link behaves.
package struct LinkSettings: Hashable, Sendable {
    /// Bits per second of IP octets; nil is without limit.
    package var rate: Int64?
    /// From the last octet's departure to its arrival.
    package var delay = Duration.zero
    /// The delay wanders this much above and below its value, slowly.
    package var jitter = Duration.zero
    /// The share of packets lost at random, 0 to 1.
    package var loss = 0.0
    package var queue = QueueLimit.duration(.milliseconds(100))
    /// Everything is lost, and the carrier stays.
    package var outage = false
    /// Jitter is drawn for each packet, which may then overtake others.
    package var reordering = false

    package init() {}
}
