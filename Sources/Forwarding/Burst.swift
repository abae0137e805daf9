// SPDX-License-Identifier: Apache-2.0

/// What one turn of the forwarder produced. Reused between turns: the arrays keep their capacity.
///
/// The caller sends everything and then gives every slot in `transmissions`, `deliveries` and `answers` back to the arena.
package struct Burst: Sendable {
    /// To the tunnels.
    package var transmissions: [Transmission] = []
    /// To the TUN device, in this order.
    package var deliveries: [Slot] = []
    /// ICMP errors to hosts, as whole packets. Not for the TUN device: what comes out of it must not have an address
    /// of this machine as its source (RFC 1812 §5.3.7).
    package var answers: [Slot] = []
    package var events: [ForwardingEvent] = []

    package init() {
        transmissions.reserveCapacity(256)
        deliveries.reserveCapacity(256)
        answers.reserveCapacity(64)
    }

    package var isEmpty: Bool {
        transmissions.isEmpty && deliveries.isEmpty && answers.isEmpty && events.isEmpty
    }

    /// Forgets everything; the slots must have been released before.
    package mutating func clear() {
        transmissions.removeAll(keepingCapacity: true)
        deliveries.removeAll(keepingCapacity: true)
        answers.removeAll(keepingCapacity: true)
        events.removeAll(keepingCapacity: true)
    }
}
